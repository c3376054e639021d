package signature

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/web"
)

// The draft is a page and a file of the same words. It has no code, no QR code
// and no seal: nothing of it can pass for a mandat.
const (
	cheminProjet    = "/espace-aidant/creation_mandat/visualisation/projet/"
	cheminProjetPDF = cheminProjet + "projet-de-mandat.pdf"
	marqueProjet    = "PROJET – sans valeur"
)

func projetURL(dossier string) string { return cheminProjet + "?dossier=" + url.QueryEscape(dossier) }

func projetPDF(dossier string) string {
	return cheminProjetPDF + "?dossier=" + url.QueryEscape(dossier)
}

// showProjet is the draft: the text of the dossier with its answers, without
// legal value.
func (h *Handlers) showProjet(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	d, doc, _, err := h.draft(r, a)
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	return web.Render(w, r, http.StatusOK, projetPage(h.Site, a, projetVue{Retour: resumeURL(d), Conservation: kept(d.DateLimite), PDF: projetPDF(d.ID.String()), Document: string(doc)}))
}

// giveProjet is the same as a tagged PDF, marked on every page.
func (h *Handlers) giveProjet(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	d, doc, now, err := h.draft(r, a)
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	b, err := pdf.FromHTML(doc, pdf.Meta{
		Titre: "Projet de mandat, sans valeur", Auteur: h.Greffe.Service, Langue: "fr-FR", Date: now.Truncate(time.Minute),
		Pied: h.Greffe.Service + " – projet de mandat, sans valeur juridique", Marque: marqueProjet,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="projet-de-mandat.pdf"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // a reader who left is not an error
	return nil
}

func (h *Handlers) draft(r *http.Request, a actor.Actor) (d Dossier, doc []byte, now time.Time, err error) {
	ctx := r.Context()
	if d, err = h.dossierOf(ctx, a, r.URL.Query().Get("dossier")); err != nil {
		return d, nil, now, err
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		p, err := h.projet(ctx, tx, d)
		if err != nil {
			return err
		}
		now = tx.Now.Time()
		doc, err = h.Greffe.Brouillon(p, now)
		return err
	})
	return d, doc, now, err
}

// projetVue is the page of the draft.
type projetVue struct{ Retour, Conservation, PDF, Document string }
