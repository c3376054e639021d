package mandat

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// mandatView is a signed mandat: its bytes, and apart from them its status of
// today (M-W4).
type mandatView struct {
	Mandat   Mandat
	Document string
	Nouveau  bool   // just signed
	Fini     string // how it ended: it can no longer be used
	Usage    string // whether it can be used
	Imprime  bool   // there is a PDF
	Etat     dsfr.Pastille
	Lignes   []dsfr.Ligne
	Montre   []string // what the person was shown before they signed
	Suite    string   // who continues it

	Suivi    bool         // the readings of the verification page are known
	Lectures []dsfr.Ligne // of it, the latest first

	Preuve templ.Component // nil: none
}

func (h *Handlers) showFinal(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.show(w, r, a, true)
}

func (h *Handlers) showMandat(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.show(w, r, a, false)
}

// show gives a signed mandat to any aidant of its structure; reading it is
// journaled (mandats.md 17.3).
func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor, fresh bool) error {
	ctx := r.Context()
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return err
	}
	var v mandatView
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		m, p, err := loadSigned(ctx, tx, a.Organisation, id)
		if err != nil {
			return err
		}
		now := tx.Now.Time()
		v = mandatView{Mandat: m, Document: string(p.Contenu), Nouveau: fresh, Imprime: p.Imprime, Montre: p.Montres(), Usage: m.UsageAffiche(now), Etat: m.pastille(now)}
		if len(m.Live(now)) == 0 { // the address of a new mandat is kept, and mailed
			v.Nouveau, v.Fini = false, m.EtatAffiche(now)
		}
		for _, x := range m.Autorisations {
			v.Lignes = append(v.Lignes, dsfr.Ligne{dsfr.Text(x.Demarche.Titre()), dsfr.Text(x.EtatAffiche(now))})
		}
		if m.Transferred() {
			nom, code, err := Successor(ctx, tx, m)
			if err != nil {
				return err
			}
			v.Suite = "Depuis le " + DateHeure(m.DateRevocation()) + ", " + m.continued() + " est continué par " + nom + ". Code de vérification du nouveau document : " + FormatCode(code) + "."
		}
		if err := h.readings(ctx, tx, &v); err != nil {
			return err
		}
		e := Line(a, ident.OperationID{}, fait.ViewMandat{})
		e.Usager, e.Mandat = m.Usager, m.ID
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if err == nil && h.Preuve != nil { // apart: an act that reads the numbers would fight with the others
		err = h.DB.View(ctx, func(tx *db.Tx) (err error) { v.Preuve, err = h.Preuve(ctx, tx, id); return err })
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, mandatPage(h.Site, a, v))
}

// readings tells the structure how often the mandat was verified.
func (h *Handlers) readings(ctx context.Context, tx *db.Tx, v *mandatView) error {
	if h.Consultations == nil {
		return nil
	}
	cs, err := h.Consultations(ctx, tx, v.Mandat.ID)
	v.Suivi = true
	for _, c := range cs {
		v.Lectures = append(v.Lectures, dsfr.Ligne{dsfr.Text(DateHeure(c.Date)), dsfr.Text(c.Objet), dsfr.Text(strconv.Itoa(c.Nombre))})
	}
	return err
}

// loadSigned reads a mandat and its piece, and refuses to show a document that
// is not the one that was signed.
func loadSigned(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.MandatID) (Mandat, Piece, error) {
	m, err := Load(ctx, tx, org, id)
	if err != nil {
		return m, Piece{}, err
	}
	p, err := LoadPiece(ctx, tx, id)
	if err != nil {
		return m, p, err
	}
	if h := sha256.Sum256(p.Contenu); !bytes.Equal(h[:], m.DocumentEmpreinte) {
		return m, p, fault.Wrap(fault.Internal, "document_altere", ErrFaux)
	}
	return m, p, nil
}

// pastille is the badge of a mandat's state.
func (m Mandat) pastille(now time.Time) dsfr.Pastille {
	p := dsfr.Pastille{Libelle: m.EtatAffiche(now), Ton: dsfr.Neutre}
	switch {
	case m.ExpiresSoon(now):
		p.Ton = dsfr.Alarme
	case m.Active(now):
		p.Ton = dsfr.Succes
	}
	return p
}

// rang makes the PDF the page's main action, unless a signed copy is awaited.
func (v mandatView) rang() dsfr.Rang {
	if v.Mandat.Accord.Complete() {
		return ""
	}
	return dsfr.Secondaire
}
