package attestation

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// etatView is the page of a code. It holds no personal data: what a template
// does not have, it cannot show.
type etatView struct {
	Code      string // as printed; "" when it cannot be a code
	Etat      Etat
	Simule    bool
	Structure mandat.Structure
	Faits     []dsfr.Fait
	Lignes    []dsfr.Ligne // the démarches
	Cle       string       // identifier of the key that signed
	Lu        string       // when the page was read

	Certificat string // what the certificate of an end says, when the code is its own

	Nom     nomDemande // what was asked, shown again
	Reponse dsfr.Alerte
	Champs  fault.Fields
}

// showForm is where a code is typed; with one, it leads to its page.
func (h *Handlers) showForm(w http.ResponseWriter, r *http.Request) error {
	typed := r.URL.Query().Get("code")
	code, ok := mandat.ParseCode(typed)
	if ok {
		return web.Redirect(w, r, mandat.CheminVerifier+mandat.FormatCode(code))
	}
	v := formView{}
	status := http.StatusOK
	if typed != "" {
		status = http.StatusUnprocessableEntity
		v.Saisie = typed[:min(len(typed), longueurNom)]
		v.Erreur = "Ce n’est pas un code de vérification : il a douze lettres et chiffres, par exemple 7K2M-09QX-3F4T."
	}
	return web.Render(w, r, status, formPage(h.Site, v))
}

// formView is the form of the code.
type formView struct{ Saisie, Erreur string }

// showState tells the state of the mandat of a code, and counts the reading.
func (h *Handlers) showState(w http.ResponseWriter, r *http.Request) error {
	v, m, err := h.read(r)
	if err != nil {
		return err
	}
	if v.Etat == Inconnu {
		return web.Render(w, r, http.StatusNotFound, etatPage(h.Site, v))
	}
	if r.Method != http.MethodHead {
		// Its own transaction, after the reading: it holds nothing while it waits.
		if err := h.DB.Update(r.Context(), func(tx *db.Tx) error { return count(r.Context(), tx, m.ID, lecture) }); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, etatPage(h.Site, v))
}

// read finds the mandat of the address and makes its page; the state Inconnu
// when there is none.
func (h *Handlers) read(r *http.Request) (v etatView, m mandat.Mandat, err error) {
	ctx := r.Context()
	code, ok := mandat.ParseCode(r.PathValue("code"))
	if !ok {
		return etatView{Etat: Inconnu}, m, nil
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		m, err = mandat.OfCode(ctx, tx, code)
		certificat := ""
		if fault.Is(err, fault.NotFound) {
			m, certificat, err = h.ended(ctx, tx, code)
		}
		if fault.Is(err, fault.NotFound) {
			m, v = mandat.Mandat{}, etatView{Etat: Inconnu, Code: mandat.FormatCode(code)}
			return nil
		}
		if err != nil {
			return err
		}
		v, err = h.view(ctx, tx, m)
		v.Code, v.Certificat = mandat.FormatCode(code), certificat
		return err
	})
	return v, m, err
}

// ended finds the certificate of a code, verifies it, and says what it is worth:
// what ended and when, never why.
func (h *Handlers) ended(ctx context.Context, tx *db.Tx, code string) (m mandat.Mandat, says string, err error) {
	c, err := fin.CertificatOfCode(ctx, tx, code)
	if err != nil {
		return m, "", err
	}
	e, err := fin.CheckCertificat(h.Greffe, c)
	if err != nil {
		return m, "", web.WithPage(fault.Wrap(fault.Internal, "certificat_altere", err), refusalAltered())
	}
	what := "la fin du mandat décrit ci-dessous"
	if !e.Whole() {
		what = "la fin d’une démarche du mandat décrit ci-dessous : " + e.Demarches[0].Demarche.Titre()
	}
	m, err = mandat.OfCode(ctx, tx, e.CodeMandat)
	return m, "Il certifie " + what + ", avec effet le " + e.EffetParis + ". Il est tel que le service l’a scellé.", err
}

// view checks that the mandat is still what was signed, then says its state.
func (h *Handlers) view(ctx context.Context, tx *db.Tx, m mandat.Mandat) (etatView, error) {
	p, err := mandat.LoadPiece(ctx, tx, m.ID)
	if err != nil {
		return etatView{}, err
	}
	if _, err := h.Greffe.Check(m, p); err != nil {
		return etatView{}, web.WithPage(fault.Wrap(fault.Internal, "mandat_altere", err), refusalAltered())
	}
	now := tx.Now.Time()
	return makeView(m, m.Accord.Usable(now), now), nil
}

// makeView keeps of a mandat what strangers may read.
func makeView(m mandat.Mandat, complet bool, now time.Time) etatView {
	v := etatView{
		Code: mandat.FormatCode(m.CodePublic), Etat: EtatOf(m, complet, now), Simule: m.Simulation, Structure: m.Structure,
		Cle: m.SignatureKid, Lu: mandat.DateHeure(now),
	}
	v.Faits = []dsfr.Fait{
		{Nom: "Structure", Valeur: m.Structure.Nom},
		{Nom: "Adresse", Valeur: m.Structure.Adresse + ", " + m.Structure.CodePostal + " " + m.Structure.Ville},
		{Nom: "Signé le", Valeur: mandat.DateHeure(m.DateCreation)},
		{Nom: "Fin prévue le", Valeur: mandat.DateHeure(m.DateExpiration)},
	}
	if m.FullyRevoked() {
		v.Faits = append(v.Faits, dsfr.Fait{Nom: "Terminé le", Valeur: mandat.DateHeure(m.DateRevocation())})
	}
	for _, a := range m.Autorisations {
		v.Lignes = append(v.Lignes, dsfr.Ligne{dsfr.Text(a.Demarche.Titre()), dsfr.Text(demarcheEtat(a, v.Etat, now))})
	}
	return v
}

// demarcheEtat says the state of one démarche without saying why it ended.
func demarcheEtat(a mandat.Autorisation, e Etat, now time.Time) string {
	switch {
	case a.FinMotif == mandat.Transfere:
		return "Transférée le " + mandat.DateHeure(a.Fin)
	case a.Revoked():
		return "Terminée le " + mandat.DateHeure(a.Fin)
	case !a.Live(now):
		return "Arrivée à son terme le " + mandat.DateHeure(a.DateExpiration)
	case e == ACompleter:
		return "Pas encore en cours"
	}
	return "En cours jusqu’au " + mandat.DateHeure(a.DateExpiration)
}

// refusalAltered is what strangers read when a stored mandat is no longer what
// was signed: it must not pass for genuine, nor for a mere breakdown.
func refusalAltered() web.ErrorPage {
	return web.ErrorPage{
		Titre:   "Ce mandat ne peut pas être confirmé",
		Texte:   []string{"Ce que garde le service ne correspond pas à ce qui a été signé. Ne vous fiez pas à ce mandat tant que le service ne l’a pas expliqué.", "L’exploitant du service en est averti."},
		Actions: []web.Lien{{Libelle: "Vérifier un autre mandat", URL: mandat.CheminVerifier}},
	}
}

// pastille is the tone of a state.
func (e Etat) ton() dsfr.Ton {
	switch e {
	case Actif:
		return dsfr.Succes
	case ACompleter:
		return dsfr.Alarme
	case Inconnu:
		return dsfr.Erreur
	}
	return dsfr.Info
}

func (v etatView) titre() string {
	switch {
	case len(v.Champs) > 0:
		return "Erreur – Vérifier un mandat"
	case v.Reponse.Titre != "":
		return v.Reponse.Titre + " – Vérifier un mandat"
	}
	return v.Etat.Titre() + " – Vérifier un mandat"
}

// fautes are the lines of the summary, in the order of the fields.
func (v etatView) fautes() (out []dsfr.Faute) {
	for _, champ := range []string{"nom", "prenom"} {
		if e := v.Champs[champ]; e != "" {
			out = append(out, dsfr.Faute{ID: champ, Texte: e})
		}
	}
	return out
}
