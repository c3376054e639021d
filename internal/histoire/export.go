package histoire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/recit"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/web"
)

// exportMax bounds a copy.
const exportMax = 5000

// fichier is a copy ready to leave.
type fichier struct {
	genre, nom string
	corps      []byte
}

// export gives the whole story, and the journal says it. The name of the file
// names nobody.
func (h *Handlers) export(write func([]Etape) (fichier, error)) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		id, err := web.PathID[ident.UsagerID](r, "usager")
		if err != nil {
			return err
		}
		var f fichier
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) error {
			es, err := h.story(ctx, tx, a, demande{usager: id, groupe: recit.Tout, limite: exportMax})
			if err != nil {
				return err
			}
			es = es[:min(len(es), exportMax)]
			if f, err = write(es); err != nil {
				return err
			}
			return h.Journal.Append(ctx, tx, line(a, id, fait.Export{Donnees: "histoire_usager", Etape: fait.EtapeTelecharge, Lignes: len(es)}))
		})
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", f.genre)
		w.Header().Set("Content-Disposition", `attachment; filename="`+f.nom+`"`)
		_, _ = w.Write(f.corps) // the client is gone: nobody to tell
		return nil
	}
}

func writeCSV(es []Etape) (fichier, error) {
	rows := [][]string{{"date_utc", "sorte", "acte", "par", "mandat", "ligne"}}
	for _, e := range es {
		rows = append(rows, []string{e.Date.UTC().Format(time.RFC3339), string(e.Groupe), e.Phrase, e.Par, e.Mandat.String(), e.ID.String()})
	}
	b, err := tableur.Write(rows)
	return fichier{"text/csv; charset=utf-8", "histoire.csv", b}, err
}

// acte is an act in the JSON copy.
type acte struct {
	Date   time.Time `json:"date"`
	Sorte  string    `json:"sorte"`
	Acte   string    `json:"acte"`
	Par    string    `json:"par"`
	Mandat string    `json:"mandat_id,omitempty"`
	Ligne  string    `json:"ligne_du_journal"`
}

func writeJSON(es []Etape) (fichier, error) {
	out := make([]acte, 0, len(es))
	for _, e := range es {
		out = append(out, acte{e.Date.UTC(), string(e.Groupe), e.Phrase, e.Par, e.Mandat.String(), e.ID.String()})
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fichier{}, fmt.Errorf("write story: %w", err)
	}
	return fichier{"application/json", "histoire.json", append(b, '\n')}, nil
}
