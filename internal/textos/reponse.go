package textos

import (
	"context"
	"fmt"
	"strconv"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

func sameNumber(a, b []byte) bool { return len(a) > 0 && secret.Equal(a, b) }

// reponse is one message of the person.
type reponse struct {
	dialogue       Dialogue
	mot            Mot
	numero, texte  string
	cle, reference string
	muet           bool // the provider itself bars the number: nothing can be sent
}

// answered records an answer and does what it says: once, and in the same
// transaction (M-W22).
func (h *Handlers) answered(ctx context.Context, tx *db.Tx, r reponse) (string, error) {
	d := r.dialogue
	if _, err := h.note(ctx, tx, d.Demande); err != nil { // what was answered to was sent
		return "", err
	}
	effet := d.Judge(r.mot, tx.Now.Time())
	if to, decides := after(effet, r.mot); decides {
		ok, err := decide(ctx, tx, d, to)
		if err != nil {
			return "", err
		}
		if !ok {
			effet = Rien
		}
	}
	t := texto{demande: d.Demande, cle: r.cle, sens: "recu", role: roleReponse, lecture: string(r.mot), effet: effet, reference: reference(r.reference)}
	var err error
	if t.piece, err = h.seal(d, contenu{r.numero, r.texte}); err != nil {
		return "", err
	}
	first, err := insertTexto(ctx, tx, t)
	if err == nil && !first {
		err = errRejoue
	}
	if err != nil {
		return "", err
	}
	if err := h.apply(ctx, tx, r, effet, t); err != nil {
		return "", err
	}
	return string(r.mot), nil
}

// after gives the stage an effect leads to; decides is false for those that
// decide nothing.
func after(e Effet, m Mot) (to Statut, decides bool) {
	switch {
	case e == Consent:
		return Accord, true
	case e == Refuse && m != MotArret:
		return Refus, true
	case e == Refuse, e == Revoque, e == Arreter:
		return Arret, true
	}
	return "", false
}

// apply does what an answer says, once its gate is passed.
func (h *Handlers) apply(ctx context.Context, tx *db.Tx, r reponse, e Effet, t texto) error {
	d := r.dialogue
	switch e {
	case Consent:
		return h.agreed(ctx, tx, r, t)
	case Refuse:
		if err := h.Journal.Append(ctx, tx, d.line(d.who(), fait.RemoteSMSDenialReceived(d.fait(t.piece.Empreinte)))); err != nil {
			return err
		}
		if _, err := h.Refuser(ctx, tx, d); err != nil {
			return err
		}
		return h.tell(ctx, tx, r, roleRecu, texteRefus)
	case Revoque:
		return h.revoke(ctx, tx, r)
	case Redemander:
		if err := told(ctx, tx, d, false); err != nil {
			return err
		}
		return h.tell(ctx, tx, r, roleRelance, "")
	case Contredire:
		if err := told(ctx, tx, d, true); err != nil {
			return err
		}
		return h.tell(ctx, tx, r, roleRelance, texteContredit)
	case Tard:
		if err := told(ctx, tx, d, false); err != nil {
			return err
		}
		return h.tell(ctx, tx, r, roleRelance, texteTard)
	}
	return nil
}

// agreed tells the request that the person agreed, with what makes the proof.
func (h *Handlers) agreed(ctx context.Context, tx *db.Tx, r reponse, t texto) error {
	d := r.dialogue
	d.Statut = Accord
	if err := h.Journal.Append(ctx, tx, d.line(d.who(), fait.RemoteSMSConsentReceived(d.fait(t.piece.Empreinte)))); err != nil {
		return err
	}
	ok, err := h.Accorder(ctx, tx, d, func(extra any) (consentement.Piece, error) { return h.Seal(ctx, tx, d, extra) })
	if err != nil {
		return err
	}
	if !ok { // the request had ended: the answer unlocks nothing
		if err := closeOf(ctx, tx, d.Dossier); err != nil {
			return err
		}
		return h.tell(ctx, tx, r, roleRelance, texteTard)
	}
	return h.tell(ctx, tx, r, roleRecu, texteAccord)
}

// who answers: the person, through the provider, when they are known; else
// whoever holds the number.
func (d Dialogue) who() journal.Initiateur {
	if d.Usager.IsZero() {
		return journal.Systeme
	}
	return journal.SMS
}

// revoke ends the mandat that this dialogue led to: at reception, whoever typed
// it (Code civil, art. 2004). One that had ended is not said ended twice.
func (h *Handlers) revoke(ctx context.Context, tx *db.Tx, r reponse) error {
	d := r.dialogue
	m, err := mandat.Load(ctx, tx, d.Organisation, d.Mandat)
	if err != nil || len(m.Live(tx.Now.Time())) == 0 {
		return err
	}
	if err := h.Fins.EndBySMS(ctx, tx, m); err != nil {
		return err
	}
	who, err := aidant.Load(ctx, tx, d.Aidant)
	if err != nil {
		return err
	}
	if who.Actif {
		if err := h.Outbox.Queue(ctx, tx, h.arret(m, who.Email)); err != nil {
			return err
		}
	}
	return h.tell(ctx, tx, r, roleRecu, texteRevoque)
}

// GenreArret tells the aidant that a mandat was stopped by SMS.
const GenreArret = "E-63"

func (h *Handlers) arret(m mandat.Mandat, to string) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("Une personne qui avait accepté un mandat par SMS a répondu STOP : ce mandat est arrêté. Personne ne peut plus l’utiliser.")
	c.Lien("Voir le mandat", h.Site.Origine+mandat.CheminFinal+m.ID.String())
	return outbox.Message{Cle: GenreArret + "/" + m.ID.String(), Genre: GenreArret, Destinataire: to, Sujet: "Un mandat a été arrêté par SMS", Texte: c.String()}
}

// tell answers an answer. No receipt is no reason to lose one.
func (h *Handlers) tell(ctx context.Context, tx *db.Tx, r reponse, role, texte string) error {
	if r.muet {
		return nil
	}
	d := r.dialogue
	if texte == "" {
		texte = Propos{Accord: h.mot()}.relance()
	} else {
		texte = h.service() + texte
	}
	rang := ""
	if role == roleRelance {
		rang = strconv.Itoa(d.Relances + 1)
	} else {
		rang = "-" + string(r.mot)
	}
	err := h.send(ctx, tx, d, envoi{role: role, to: r.numero, texte: texte, rang: rang, limite: tx.Now.Add(Delai)})
	if fault.Is(err, fault.Unavailable) {
		return nil
	}
	return err
}

// Preuve is what is sealed of an agreement by SMS: every message as it was,
// beside what the request adds.
type Preuve struct {
	Demande   string  `json:"demande"`
	Moyen     string  `json:"moyen"`
	Texte     string  `json:"texte_empreinte"`
	Demarches string  `json:"demarches"`
	Duree     string  `json:"duree"`
	Mot       string  `json:"mot_accord"`
	Messages  []Ligne `json:"messages"`
	Autour    any     `json:"autour,omitempty"` // what the request knows: identity, connection
}

// Seal makes the proof of a dialogue.
func (h *Handlers) Seal(ctx context.Context, tx *db.Tx, d Dialogue, extra any) (consentement.Piece, error) {
	ls, err := h.Lignes(ctx, tx, d)
	if err != nil {
		return consentement.Piece{}, err
	}
	b, err := d.preuve(ls, h.mot(), extra)
	if err != nil {
		return consentement.Piece{}, fmt.Errorf("encode proof: %w", err)
	}
	return consentement.Seal(h.Champs, d.Objet, consentement.Contenu{Genre: consentement.DialogueSMS, Type: "application/json", Octets: b})
}

// reference bounds what the provider may call a message.
func reference(s string) string {
	if len(s) > 200 {
		return s[:200]
	}
	return s
}

var errRejoue = fault.New(fault.Conflict, "sms_rejoue")
