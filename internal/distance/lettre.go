package distance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	"aidantsconnect/internal/web"
)

// DelaiLettre is the time left to whoever answers by the code of a letter: the
// post, and reading at one's pace.
const DelaiLettre = 21 * 24 * time.Hour

// essaisMax is how many codes may be wrong; a new letter has a new code.
const essaisMax = 5

// letter prints a letter with a code of its own: the former one is void. The
// code is in the file and nowhere else, but for its digest.
func (h *Handlers) letter(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	var file []byte
	f := h.prepared(ctx, a, id)
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		file, err = h.print(ctx, tx, a, f)
		return err
	})
	if fault.Is(err, fault.Gone) {
		return web.Redirect(w, r, attenteURL(id))
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="lettre.pdf"`)
	_, err = w.Write(file)
	return err
}

// print is the act: gate, letter, rows, journal. The code is drawn before: run
// again, it is still the one that was printed.
func (h *Handlers) print(ctx context.Context, tx *db.Tx, a actor.Actor, f feuille) ([]byte, error) {
	x, err := letterable(ctx, tx, a, f.dossier)
	if err != nil {
		return nil, err
	}
	until := tx.Now.Add(DelaiLettre)
	if err := signature.Hold(ctx, tx, x.ID, until); err != nil {
		return nil, err
	}
	d := Demande{
		ID: ident.New[ident.DemandeID](), Dossier: x.ID, Organisation: a.Organisation, Aidant: a.Aidant, Attendu: x.Usager, Usager: x.Usager, Identite: x.IdentiteID,
		Choix: x.Choix, Voie: ParCourrier, Statut: Envoyee, Limite: until.Time(),
		Objet: consentement.Objet{Texte: x.TexteEmpreinte, Demarches: x.Demarches, Duree: string(x.Duree)},
	}
	file, err := h.compose(ctx, tx, x, f)
	if err != nil {
		return nil, err
	}
	if err := insert(ctx, tx, d, secrets{code: h.letterDigest(d.ID, f.code)}); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	if err := setLetter(ctx, tx, d.ID, sum[:]); err != nil {
		return nil, err
	}
	return file, h.Signatures.Greffe.Journal.Append(ctx, tx, d.line(journal.Aidant, fait.AskAccord{
		Demarches: demarche.Sorted(d.Objet.Demarches), Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Presence: string(d.Choix.Presence),
		Voie: string(d.Voie), Demande: d.ID.String(), TexteEmpreinte: hexa(d.Objet.Texte),
	}))
}

// letterDigest is of one letter: the same code elsewhere is another digest.
func (h *Handlers) letterDigest(id ident.DemandeID, code string) []byte {
	return h.digest("lettre", secret.Text(id.String()+"/"+code))
}

// rendu is the code given back, and how.
type rendu struct {
	code, comment string
	verifie       bool
}

// giveBack takes the code that the person gave back: an agreement, once.
func (h *Handlers) giveBack(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	v, err := h.waitingView(r, a, id.String())
	if err != nil {
		return err
	}
	code, ok := parseCode(form.Get("code"))
	x := rendu{code, form.Get("comment"), form.Get("verifie") != ""}
	v.Rendu, v.Champs = rendu{form.Get("code"), x.comment, x.verifie}, fault.Fields{}
	if !ok {
		v.Champs["code"] = "Saisissez les 8 signes du code de la lettre. Exemple : 7K2M-09QX."
	}
	if x.comment != "telephone" && x.comment != "sur_place" {
		v.Champs["comment"] = "Indiquez comment la personne a donné le code."
	}
	if !x.verifie {
		v.Champs["verifie"] = "Vérifiez que la personne a reçu la lettre, l’a lue ou se l’est fait lire, et donne elle-même le code, puis cochez la case."
	}
	if len(v.Champs) > 0 {
		return h.render(w, r, http.StatusUnprocessableEntity, a, v)
	}
	left := 0
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		left, err = h.given(ctx, tx, a, id, x)
		return err
	})
	switch {
	case fault.Is(err, fault.Gone):
		return web.Redirect(w, r, attenteURL(id))
	case err != nil:
		return err
	case left > 0:
		v.Champs["code"] = fmt.Sprintf("Ce n’est pas le code de la dernière lettre. Essais restants : %d.", left)
		return h.render(w, r, http.StatusUnprocessableEntity, a, v)
	}
	return web.Redirect(w, r, attenteURL(id))
}

// given is the act: a try is used first; left is how many stay after a wrong
// code, and 0 when the code was right or was the last one.
func (h *Handlers) given(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID, x rendu) (left int, err error) {
	if _, err := signature.Awaiting(ctx, tx, a, id); err != nil {
		return 0, err
	}
	d, err := try(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	want, lettre, err := letterOf(ctx, tx, d.ID)
	if err != nil {
		return 0, err
	}
	if !secret.Equal(want, h.letterDigest(d.ID, x.code)) {
		if left = essaisMax - d.Essais; left == 0 {
			err = cancelOf(ctx, tx, id)
		}
		return left, err
	}
	until := tx.Now.Add(Delai)
	if err := signature.Hold(ctx, tx, id, until); err != nil {
		return 0, err
	}
	p, err := h.sealLetter(d, x, preuveLettre{Lettre: hexa(lettre), Code: hexa(want), Aidant: a.Aidant.String(), Retour: instant(tx.Now.Time())})
	if err != nil {
		return 0, err
	}
	ok, err := agreeFor(ctx, tx, d.ID, p, until)
	if err == nil && !ok {
		err = errFinie
	}
	if err != nil {
		return 0, err
	}
	return 0, h.accepted(ctx, tx, d, acceptation{journal.Aidant, p})
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// preuveLettre is what is sealed of an agreement by the code of a letter.
type preuveLettre struct {
	Demande   string `json:"demande"`
	Moyen     string `json:"moyen"`
	Texte     string `json:"texte_empreinte"`
	Lettre    string `json:"lettre_empreinte"` // SHA-256 of the file, code and mandat within
	Code      string `json:"code_empreinte"`   // keyed digest
	Demarches string `json:"demarches"`
	Duree     string `json:"duree"`
	Identite  string `json:"identite_id"`
	Aidant    string `json:"aidant"` // who typed it
	Rendu     string `json:"rendu"`  // telephone, sur_place
	Essais    int    `json:"essais"`
	Envoi     string `json:"impression"`
	Retour    string `json:"retour"`
}

func (h *Handlers) sealLetter(d Demande, x rendu, p preuveLettre) (consentement.Piece, error) {
	p.Demande, p.Moyen, p.Texte, p.Rendu, p.Essais = d.ID.String(), string(d.Choix.Moyen), hex.EncodeToString(d.Objet.Texte), x.comment, d.Essais
	p.Demarches, p.Duree, p.Identite, p.Envoi = demarche.CSV(d.Objet.Demarches), d.Objet.Duree, d.Identite.String(), instant(d.Creation)
	b, err := json.Marshal(p)
	if err != nil {
		return consentement.Piece{}, fmt.Errorf("encode proof: %w", err)
	}
	return consentement.Seal(h.Champs, d.Objet, consentement.Contenu{Genre: consentement.CodeRendu, Type: "application/json", Octets: b})
}

// declined records that the person said no to the aidant, of a letter.
func (h *Handlers) declined(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		ctx := r.Context()
		if _, err := signature.Awaiting(ctx, tx, a, id); err != nil {
			return err
		}
		d, n, err := latest(ctx, tx, id)
		if err != nil || n == 0 || d.Choix.Moyen != consentement.Courrier {
			return err
		}
		if ok, err := declineFor(ctx, tx, d.ID); err != nil || !ok {
			return err
		}
		return h.Signatures.Greffe.Journal.Append(ctx, tx, d.line(journal.Aidant, fait.RefuseAccord{
			Demarches: d.Objet.Demarches, Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Demande: d.ID.String(),
		}))
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, attenteURL(id))
}
