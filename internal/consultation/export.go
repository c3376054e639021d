package consultation

import (
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/tableur"
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

var entetes = []string{"date_utc", "acte", "detail", "par", "concerne", "mandat", "ligne", "numero", "preuve"}

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
			rows = [][]string{entetes}
			for _, l := range lines {
				proof, err := h.proof(ctx, tx, l.ID)
				if err != nil {
					return err
				}
				rows = append(rows, row(l, proof))
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

func row(l ligneVue, proof string) []string {
	rank := ""
	if l.Rang >= 0 {
		rank = strconv.FormatInt(l.Rang+1, 10)
	}
	return []string{
		l.Instant.Time().UTC().Format(time.RFC3339), fait.Libelle(l.Action), l.Detail, l.Auteur(), l.Pour, l.Mandat.String(), l.ID.String(), rank, proof,
	}
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
