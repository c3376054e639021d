package consultation

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/web"

	"github.com/xuri/excelize/v2"
)

// maxExport bounds the lines of one export: the newest that meet the criteria.
const maxExport = 1000

// fichier is a kind of export.
type fichier struct {
	extension, genre string
	write            func(rows [][]string) ([]byte, error)
}

var (
	csvFile  = fichier{"csv", "text/csv; charset=utf-8", tableur.Write}
	xlsxFile = fichier{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX}
)

var entetes = []string{"date_utc", "phrase", "acte", "par", "concerne", "mandat", "ligne", "numero", "date_certifiee", "autorite", "temoins", "recu"}

// export gives the lines with their proofs; the journal says that it was made.
func (h *Handlers) export(v vueJournal, f fichier) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		filter, err := readFilter(r.URL.Query(), a, v)
		if err != nil {
			return err
		}
		filter.Limite = maxExport
		var rows [][]string
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) error {
			lines, err := h.lines(ctx, tx, a, filter)
			if err != nil {
				return err
			}
			if rows, err = h.rows(ctx, tx, lines); err != nil {
				return err
			}
			return h.Journal.Append(ctx, tx, journal.Entry{
				Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session,
				Fait: fait.Export{Donnees: "journal_structure", Etape: fait.EtapeTelecharge, Lignes: len(lines)},
			})
		})
		if err != nil {
			return err
		}
		b, err := f.write(rows)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", f.genre)
		w.Header().Set("Content-Disposition", `attachment; filename="journal.`+f.extension+`"`)
		_, _ = w.Write(b) // the client is gone: nobody to tell
		return nil
	}
}

// rows are the cells of the lines, each with the receipt that proves it.
func (h *Handlers) rows(ctx context.Context, tx *db.Tx, lines []ligneVue) ([][]string, error) {
	ids := make([]ident.LigneID, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	receipts, err := h.Publie.Receipts(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	rows := [][]string{entetes}
	for i, l := range lines {
		r, err := row(l, receipts[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// celluleMax is the most characters that a cell of a spreadsheet holds.
const celluleMax = 32_000

// row is a line of a file. The last cell is a whole receipt, which
// « journal verify --receipt » and the public page verify; what an authority
// dated is left out of it when a cell could not hold it, and is then with the
// receipt that the line's page gives.
func row(l ligneVue, r transparence.Recu) ([]string, error) {
	rank, dated, authority, receipt := "", "", "", ""
	if l.Rang >= 0 {
		rank = strconv.FormatInt(l.Rang+1, 10)
	}
	if r.Horodatage != nil {
		dated, authority = r.Horodatage.Instant.UTC().Format(time.RFC3339), r.Horodatage.Autorite
	}
	if r.Preuve != "" {
		b, err := json.Marshal(r)
		if err == nil && len(b) > celluleMax {
			r.Horodatage = nil
			b, err = json.Marshal(r)
		}
		if err != nil {
			return nil, err
		}
		receipt = string(b)
	}
	return []string{
		l.Instant.Time().UTC().Format(time.RFC3339), l.Acte(), fait.Libelle(l.Action), l.Auteur(), l.Pour, l.Mandat.String(), l.ID.String(), rank,
		dated, authority, strings.Join(r.Temoins(), " "), receipt,
	}, nil
}

func writeXLSX(rows [][]string) ([]byte, error) {
	x := excelize.NewFile()
	defer func() { _ = x.Close() }()
	const sheet = "Journal"
	if err := x.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	s, err := x.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		cells := make([]any, len(r))
		for j, c := range r {
			cells[j] = c // a text cell: never a formula
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := s.SetRow(at, cells); err != nil {
			return nil, err
		}
	}
	if err := s.Flush(); err != nil {
		return nil, err
	}
	b, err := x.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
