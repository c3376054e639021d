package transparence

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"golang.org/x/mod/sumdb/tlog"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Code is the proof of a line as it is printed: its number and its entry, in an
// address. It shows nothing of the line, which is published so; whoever kept
// the paper can check, for ever, that the line is still in the journal as it was.
type Code struct {
	Numero int64 // from 1: the rank and one
	Entree tlog.Hash
}

// Chemin is the address of the page that checks it.
func (c Code) Chemin() string {
	return cheminLigne + strconv.FormatInt(c.Numero, 10) + "/" + base64.RawURLEncoding.EncodeToString(c.Entree[:])
}

// parseCode reads the two parts of the address, written in one way only.
func parseCode(numero, entree string) (c Code, ok bool) {
	n, err := strconv.ParseInt(numero, 10, 64)
	b, err2 := base64.RawURLEncoding.Strict().DecodeString(entree)
	if err != nil || err2 != nil || n < 1 || len(b) != tlog.HashSize {
		return c, false
	}
	c = Code{n, tlog.Hash(b)}
	return c, c.Chemin() == cheminLigne+numero+"/"+entree
}

// Printed draws the code of a line, for paper: a QR code and its address. An
// unnumbered line has none yet, and the text says so.
func (h *Handlers) Printed(ctx context.Context, tx *db.Tx, id ident.LigneID) (templ.Component, error) {
	return h.printed(readCode(ctx, tx, id))
}

// PrintedMandat is Printed for the line that says that a mandat was signed.
func (h *Handlers) PrintedMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) (templ.Component, error) {
	return h.printed(readCodeMandat(ctx, tx, id))
}

func (h *Handlers) printed(c Code, err error) (templ.Component, error) {
	if err != nil {
		return nil, err
	}
	v := vueImprimee{Code: c}
	if c.Numero > 0 {
		v.Adresse = h.Site.Origine + c.Chemin()
		if v.QR, err = pdf.QR(v.Adresse, "QR code de la preuve au journal : "+v.Adresse); err != nil {
			return nil, err
		}
	}
	return printedCode(v), nil
}

// codePage says whether the line of a printed code is in the journal as it was.
func (h *Handlers) codePage(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	c, ok := parseCode(r.PathValue("numero"), r.PathValue("entree"))
	v := vueCode{Site: h.Site, Acteur: a, Code: c}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Point, err = h.published(ctx, tx); err != nil || !ok || c.Numero > v.Point.Taille {
			return err
		}
		v.Vraie, err = holds(ctx, tx, c, v.Point)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !v.Vraie {
		status = http.StatusNotFound
	}
	return web.Render(w, r, status, codePage(v))
}

// holds tells whether the entry is that of its rank, and leads to the root that
// was signed: what is stored is not believed.
func holds(ctx context.Context, tx *db.Tx, c Code, p Point) (bool, error) {
	rang := c.Numero - 1
	list, err := entries(ctx, tx, rang, 1)
	if err != nil || len(list) != 1 || subtle.ConstantTimeCompare(list[0], c.Entree[:]) == 0 {
		return false, err
	}
	proof, err := tlog.ProveRecord(p.Taille, rang, journal.Noeuds(ctx, tx))
	if err != nil {
		return false, err
	}
	return tlog.CheckRecord(proof, p.Taille, p.Racine, rang, tlog.RecordHash(c.Entree[:])) == nil, nil
}

func (v vueCode) faits() []dsfr.Fait {
	return []dsfr.Fait{
		{Nom: "Numéro de la ligne", Valeur: strconv.FormatInt(v.Code.Numero, 10) + " sur " + strconv.FormatInt(v.Point.Taille, 10)},
		{Nom: "Empreinte de la ligne", Valeur: v.Code.Entree.String()},
		{Nom: "Empreinte de tout le journal", Valeur: v.Point.Racine.String()},
	}
}

// jsonURL is the same proof, for a program.
func (v vueCode) jsonURL() string {
	return "/journal/preuve/inclusion?rang=" + strconv.FormatInt(v.Code.Numero-1, 10)
}
