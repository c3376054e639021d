package fin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/web"
)

// attestationFin is what a certificate says. Everything it names comes from
// what was signed, not from what is known today.
type attestationFin struct {
	finView
	Code        string       // of the certificate, without dashes
	QR, Adresse string       // of its verification page
	Motif       mandat.Motif // of the act that ended the whole, else common to all that is listed; "" when they differ
}

func (v finView) attestationURL() string {
	if v.Whole() || v.Fin.Entier {
		return v.Mandat.Chemin("attestation_de_revocation")
	}
	return v.one().CheminAttestationFin()
}

// showAttestationFin prints the end of a mandat or of one démarche. A démarche
// that ended with its mandat has the mandat's attestation; a mandat that is
// not fully revoked has its own page (mandats.md 9).
func (h *Handlers) showAttestationFin(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.load(r, a)
	if err != nil {
		return err
	}
	if to := v.elsewhere(""); to != "" {
		return web.Redirect(w, r, to)
	}
	c, e, err := h.certificate(r.Context(), v)
	if err != nil {
		return err
	}
	if err := h.printed(r.Context(), a, v); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, attestationFinPage(h.Site, a, attestationVue{v, v.attest().title(), string(c.Contenu), mandat.FormatCode(e.CodePublic)}))
}

// elsewhere is where to go when there is no certificate of its own to show: the
// end is not there, or it is the mandat's. extension is that of the file asked.
func (v finView) elsewhere(extension string) string {
	switch one := v.one(); {
	case v.Whole() && !v.Mandat.FullyRevoked():
		return v.Mandat.Chemin("visualisation")
	case !v.Whole() && !one.Revoked():
		return mandat.BackTo(v.Mandat.Usager, v.notOver())
	case !v.Whole() && !one.SeparatelyRevoked():
		return v.attestationURL() + extension
	}
	return ""
}

// attestationVue is a kept certificate, as its page shows it.
type attestationVue struct {
	finView
	Titre, Document, Code string
}

// certificate gives the kept bytes of an end, once verified.
func (h *Handlers) certificate(ctx context.Context, v finView) (Certificat, Enregistrement, error) {
	c, err := h.Actes.certify(ctx, v)
	if err != nil {
		return c, Enregistrement{}, err
	}
	e, err := h.Actes.Check(c)
	if err != nil {
		return c, e, fault.Wrap(fault.Internal, "certificat_altere", err)
	}
	return c, e, nil
}

// printed journals that the certificate was given.
func (h *Handlers) printed(ctx context.Context, a actor.Actor, v finView) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		e := mandat.Line(a, ident.OperationID{}, fait.PrintRevocation{})
		e.Usager, e.Mandat, e.Autorisation = v.Mandat.Usager, v.Mandat.ID, v.Une
		return h.Actes.Journal.Append(ctx, tx, e)
	})
}

// giveFile gives the sealed PDF of a certificate, or its signed record; its
// name holds the code, never a name.
func (h *Handlers) giveFile(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.load(r, a)
	if err != nil {
		return err
	}
	genre, extension := "application/pdf", ".pdf"
	if strings.HasSuffix(r.URL.Path, ".json") {
		genre, extension = "application/json", ".json"
	}
	if to := v.elsewhere(extension); to != "" {
		return web.Redirect(w, r, to)
	}
	c, _, err := h.certificate(r.Context(), v)
	if err != nil {
		return err
	}
	b := c.PDF
	if extension == ".json" {
		if b, err = sceau.NewEnveloppe(c.Enregistrement, c.Kid, c.Signature); err != nil {
			return err
		}
	}
	if err := h.printed(r.Context(), a, v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", genre)
	w.Header().Set("Content-Disposition", `attachment; filename="fin-`+mandat.FormatCode(c.Code)+extension+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // a reader who left is not an error
	return nil
}

// attest gathers what the document lists: all of a mandat, or the démarche.
func (v finView) attest() attestationFin {
	if v.Whole() {
		v.Fins = v.Mandat.Autorisations
	} else {
		v.Fins = []mandat.Autorisation{v.one()}
	}
	t := attestationFin{finView: v, Motif: v.Fin.Motif}
	if !v.Fin.Entier && slices.ContainsFunc(v.Fins, func(x mandat.Autorisation) bool { return x.FinMotif != t.Motif }) {
		t.Motif = ""
	}
	return t
}

// title is that of its kind: who ended, and how much.
func (t attestationFin) title() string {
	switch {
	case t.Motif == mandat.RevoqueUsager && t.Whole():
		return "Attestation de révocation du mandat"
	case t.Motif == mandat.RevoqueUsager:
		return "Attestation de révocation d’une autorisation"
	case t.Motif == mandat.Renonciation && t.Whole():
		return "Attestation de renonciation au mandat"
	case t.Motif == mandat.Renonciation:
		return "Attestation de renonciation à une autorisation"
	case t.Whole():
		return "Attestation de fin du mandat"
	}
	return "Attestation de fin d’une autorisation"
}

// articles cite the law that ends the mandat by itself.
var articles = map[mandat.Motif]string{
	mandat.Deces: " (Code civil, article 2003)", mandat.Protection: " (Code civil, article 2003)",
}

// late tells that the end was known after it took effect.
func (t attestationFin) late() bool { return t.Fin.Connue.After(t.Fin.Effet) }

// what is the object of the sentence.
func (t attestationFin) what() string {
	if t.Whole() {
		return "le mandat"
	}
	return "l’autorisation pour la démarche « " + t.one().Demarche.Titre() + " » du mandat"
}

// to is the same after "à".
func (t attestationFin) to() string {
	if t.Whole() {
		return "au mandat"
	}
	return "à l’autorisation pour la démarche « " + t.one().Demarche.Titre() + " » du mandat"
}

// said tells the channel, when one was recorded.
func (t attestationFin) said() string {
	if t.Recue != "" {
		return canaux[t.Fin.Canal] + " à l’équipe du service, qui l’a reçue le " + jourFrancais(t.Recue) + " et l’a enregistrée"
	}
	return canaux[t.Fin.Canal]
}

func (t attestationFin) place() string {
	s := t.Mandat.Structure
	return s.Adresse + ", " + s.CodePostal + " " + s.Ville
}
