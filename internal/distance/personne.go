package distance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// temoin names the cookie of the browser that opened a request.
const temoin = "accord"

func (h *Handlers) browser(r *http.Request) []byte {
	if s := web.Cookie(r, temoin); s != "" {
		return h.digest("navigateur", secret.Text(s))
	}
	return nil
}

// lectureView is the person's page.
type lectureView struct {
	Demande   Demande
	Statut    Statut
	Structure mandat.Structure
	Demarches []demarche.Demarche
	Duree     mandat.Duree
	Fin       string
	Texte     string // the whole text, in HTML
	Document  string // its digest
	Identite  usager.Identite
	Reponse   reponse
	Champs    fault.Fields
}

// showLink shows one button and changes nothing: who opens every link of a
// message opens no request.
func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	var d Demande
	err := h.view(r, func(ctx context.Context, tx *db.Tx) (err error) {
		if d, err = byLink(ctx, tx, h.linkDigest(r)); err == nil && !d.Waiting(tx.Now.Time()) {
			err = errFinie
		}
		return err
	})
	if err != nil {
		return h.finished(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, lienPage(h.Site, r.URL.Path))
}

func (h *Handlers) linkDigest(r *http.Request) []byte {
	return h.digest("lien", secret.Text(r.PathValue("cle")))
}

func (h *Handlers) openLink(w http.ResponseWriter, r *http.Request) error {
	return h.open(w, r, cle{lien: h.linkDigest(r)})
}

func (h *Handlers) showCode(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, codePage(h.Site, "", nil))
}

// openCode opens the request whose short code was typed, on a device that
// cannot open the link.
func (h *Handlers) openCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	typed := form.Get("code")
	wrong := func() error {
		f := fault.Fields{"code": "Ce code ne correspond à aucune demande en cours. Vérifiez les 8 signes du dernier message reçu."}
		return web.Render(w, r, http.StatusUnprocessableEntity, codePage(h.Site, typed, f))
	}
	code, ok := parseCode(typed)
	if !ok {
		return wrong()
	}
	if err := h.open(w, r, cle{code: h.digest("code", secret.Text(code))}); fault.ReasonOf(err) != raisonInconnu {
		return err
	}
	return wrong()
}

// open binds the request to this browser: from here on, only it may answer.
func (h *Handlers) open(w http.ResponseWriter, r *http.Request, k cle) error {
	web.NoReferrer(w)
	s := secret.NewToken()
	var own bool
	err := h.DB.Update(r.Context(), func(tx *db.Tx) error {
		d, err := open(r.Context(), tx, k, h.digest("navigateur", s))
		if err != nil {
			return err
		}
		// The page of the person is not the aidant's: on the post of who asks,
		// nothing is opened (M-W13).
		if a, err := h.Signatures.Connexion.Authenticate(r); err == nil && a.Organisation == d.Organisation {
			own = true
			return fault.New(fault.Conflict, "poste_aidant")
		}
		return nil
	})
	switch {
	case own:
		return web.Render(w, r, http.StatusConflict, postePage(h.Site))
	case err != nil && k.code != nil && fault.Is(err, fault.Gone):
		return fault.New(fault.NotFound, raisonInconnu)
	case err != nil:
		return h.finished(w, r, err)
	}
	web.SetCookie(w, temoin, s.Reveal(), Delai+time.Hour)
	return web.Redirect(w, r, cheminLire)
}

// finished answers a request that is over, unknown, or opened elsewhere: the
// same page.
func (h *Handlers) finished(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.Is(err, fault.Gone) {
		return web.Render(w, r, http.StatusGone, finiePage(h.Site))
	}
	return err
}

// load reads the request of this browser and what its page shows. Names come
// only after FranceConnect.
func (h *Handlers) load(r *http.Request) (v lectureView, err error) {
	mine := h.browser(r)
	if mine == nil {
		return v, errFinie
	}
	err = h.view(r, func(ctx context.Context, tx *db.Tx) error {
		d, err := byBrowser(ctx, tx, mine)
		if err != nil {
			return err
		}
		v, err = h.lecture(ctx, tx, d)
		return err
	})
	return v, err
}

func (h *Handlers) lecture(ctx context.Context, tx *db.Tx, d Demande) (lectureView, error) {
	now := tx.Now.Time()
	v := lectureView{Demande: d, Statut: d.At(now), Demarches: demarche.Displayed(d.Objet.Demarches), Duree: mandat.Duree(d.Objet.Duree)}
	x, err := signature.OfDossier(ctx, tx, d.Dossier)
	if err != nil {
		return v, err
	}
	if d.Waiting(now) && !x.Waits() { // the aidant gave it up
		v.Statut = Annulee
	}
	var u usager.Usager
	if !d.Identite.IsZero() {
		u.ID, u.IdentiteID = d.Usager, d.Identite
	}
	p, err := h.Signatures.Projet(ctx, tx, x, u)
	if err != nil {
		return v, err
	}
	doc, err := h.Signatures.Greffe.Brouillon(p, now)
	if err != nil {
		return v, err
	}
	v.Structure, v.Identite, v.Fin = p.Structure, p.Identite, mandat.DateHeure(v.Duree.Expiration(now))
	v.Texte, v.Document = signature.Nested(doc), fait.Empreinte(doc)
	return v, nil
}

// read is the person's page, whatever its stage.
func (h *Handlers) read(w http.ResponseWriter, r *http.Request, _ *actor.Actor) error {
	web.NoReferrer(w)
	v, err := h.load(r)
	if err != nil {
		return h.finished(w, r, err)
	}
	return h.show(w, r, http.StatusOK, v)
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, status int, v lectureView) error {
	web.AllowFormAction(w)
	switch v.Statut {
	case Ouverte, Envoyee:
		return web.Render(w, r, status, lecturePage(h.Site, v))
	case Identifiee:
		return web.Render(w, r, status, reponsePage(h.Site, v))
	case Accordee, Conclue, Refusee:
		return web.Render(w, r, status, donneePage(h.Site, v))
	}
	return web.Render(w, r, http.StatusGone, finiePage(h.Site))
}

// accept records the agreement: who connected, in the browser that read, to
// the very text that was shown.
func (h *Handlers) accept(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v, err := h.load(r)
	if err != nil {
		return h.finished(w, r, err)
	}
	if v.Statut != Identifiee { // a second press, another tab, another stage
		return web.Redirect(w, r, cheminLire)
	}
	v.Reponse = reponse{form.Get("lu") != "", form.Get("accord") != ""}
	v.Champs = v.Reponse.check()
	if form.Get("document") != v.Document || form.Get("identite_id") != v.Demande.Identite.String() {
		v.Reponse, v.Champs = reponse{}, fault.Fields{"lu": "Ce qui est affiché a changé depuis l’ouverture de la page. Lisez de nouveau, puis cochez."}
	}
	if len(v.Champs) > 0 {
		return h.show(w, r, http.StatusUnprocessableEntity, v)
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return h.agreed(r.Context(), tx, v) })
	if fault.Is(err, fault.Gone) {
		return web.Redirect(w, r, cheminLire) // the page says what became of it
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, cheminLire)
}

// agreed is the act: gate, proof, receipt, journal.
func (h *Handlers) agreed(ctx context.Context, tx *db.Tx, v lectureView) error {
	d, until := v.Demande, tx.Now.Add(Delai)
	if err := signature.Hold(ctx, tx, d.Dossier, until); err != nil {
		return err
	}
	p, err := h.seal(ctx, tx, v)
	if err != nil {
		return err
	}
	if err := agree(ctx, tx, d, p, until); err != nil {
		return err
	}
	d.Limite = until.Time()
	if err := h.answered(ctx, tx, d, true); err != nil {
		return err
	}
	e := d.line(journal.Usager, fait.AcceptAccord{
		Demarches: d.Objet.Demarches, Jours: v.Duree.Jours(), Moyen: string(d.Choix.Moyen), Demande: d.ID.String(), PreuveEmpreinte: hex.EncodeToString(p.Empreinte),
	})
	e.Usager = d.Usager
	return h.Signatures.Greffe.Journal.Append(ctx, tx, e)
}

// line is a journal line about a request.
func (d Demande) line(who journal.Initiateur, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: who, Aidant: d.Aidant, Organisation: d.Organisation, Usager: d.Usager, Operation: ident.New[ident.OperationID](), Fait: f}
}

// seal makes the proof of an agreement given now.
func (h *Handlers) seal(ctx context.Context, tx *db.Tx, v lectureView) (consentement.Piece, error) {
	d := v.Demande
	const instant = "2006-01-02T15:04:05.000Z07:00"
	preuve := Preuve{
		Demande: d.ID.String(), Moyen: string(d.Choix.Moyen), Texte: hex.EncodeToString(d.Objet.Texte), Document: v.Document,
		Demarches: demarche.CSV(d.Objet.Demarches), Duree: d.Objet.Duree, Voie: string(d.Voie), Identite: d.Identite.String(),
		Authentification: hex.EncodeToString(d.Authentification), Envoi: d.Creation.UTC().Format(instant), Lecture: d.Lecture.UTC().Format(instant),
		Identification: d.DateStatut.UTC().Format(instant), Accord: tx.Now.Time().UTC().Format(instant), Lu: v.Reponse.lu, Accepte: v.Reponse.accord,
	}
	if d.Choix.Moyen == consentement.SMS { // the dialogue first, then who it was
		x, err := h.Textos.Load(ctx, tx, d.ID)
		if err != nil {
			return consentement.Piece{}, err
		}
		return h.Textos.Seal(ctx, tx, x, preuve)
	}
	b, err := json.Marshal(preuve)
	if err != nil {
		return consentement.Piece{}, err
	}
	return consentement.Seal(h.Champs, d.Objet, consentement.Contenu{Genre: consentement.AccordFranceconnect, Type: "application/json", Octets: b})
}

// refuse records a refusal: no reason is asked, no proof of who refuses either.
func (h *Handlers) refuse(w http.ResponseWriter, r *http.Request) error {
	mine := h.browser(r)
	if mine == nil {
		return h.finished(w, r, errFinie)
	}
	err := h.DB.Update(r.Context(), func(tx *db.Tx) error {
		ctx := r.Context()
		d, err := decline(ctx, tx, mine)
		if err != nil {
			return err
		}
		if err := h.answered(ctx, tx, d, false); err != nil {
			return err
		}
		who := journal.Usager
		if d.Identite.IsZero() { // whoever holds the link
			who = journal.Systeme
		}
		return h.Signatures.Greffe.Journal.Append(ctx, tx, d.line(who, fait.RefuseAccord{
			Demarches: d.Objet.Demarches, Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Demande: d.ID.String(),
		}))
	})
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, cheminLire)
}

func sha(s secret.Text) []byte {
	h := sha256.Sum256([]byte(s.Reveal()))
	return h[:]
}
