package textos

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
)

// The kinds of messages.
const (
	GenreRecapitulatif = "S-04"
	GenreQuestion      = "S-05"
	GenreReponse       = "S-06" // what is answered to an answer
)

// The roles of a message in a dialogue.
const (
	roleRecap    = "recapitulatif"
	roleQuestion = "question"
	roleRecu     = "recu"    // a receipt
	roleRelance  = "relance" // for an answer that decides nothing
	roleReponse  = "reponse" // of the person
)

var genres = map[string]string{roleRecap: GenreRecapitulatif, roleQuestion: GenreQuestion, roleRecu: GenreReponse, roleRelance: GenreReponse}

// methode is the word of the journal (mandats.md 4.3).
const methode = "SMS"

// The refusals.
const (
	RaisonArret = "numero_arrete"   // this number said STOP about this mandat
	RaisonRecap = "recap_non_parti" // the first message has not left
	raisonFinie = "dialogue_fini"
)

// Begin sends the first message of a request, within its transaction: the
// dialogues that waited for the same dossier are closed.
func (h *Handlers) Begin(ctx context.Context, tx *db.Tx, d Dialogue, to string) error {
	d.Numero, d.Statut, d.Jours = h.numero(to), Recapitulatif, mandat.Duree(d.Objet.Duree).Jours()
	yes, err := stopped(ctx, tx, d.Dossier, d.Numero)
	if err == nil && yes {
		err = fault.New(fault.Conflict, RaisonArret)
	}
	if err != nil {
		return err
	}
	if err := closeOf(ctx, tx, d.Dossier); err != nil {
		return err
	}
	if err := insert(ctx, tx, d); err != nil {
		return err
	}
	p, err := h.propos(ctx, tx, d)
	if err != nil {
		return err
	}
	return h.send(ctx, tx, d, envoi{role: roleRecap, to: to, texte: p.recapitulatif(), limite: db.At(d.Limite)})
}

// Question sends the second message, once the provider took the first
// (mandats.md 13.2); the person has until limite. It is refused with Conflict
// before, and with Gone when the dialogue is elsewhere by now.
func (h *Handlers) Question(ctx context.Context, tx *db.Tx, id ident.DemandeID, to string) error {
	if _, err := h.note(ctx, tx, id); err != nil {
		return err
	}
	ts, err := textosOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(ts, func(t texto) bool { return t.role == roleRecap && !t.accepte.IsZero() }) {
		return fault.New(fault.Conflict, RaisonRecap)
	}
	limite := tx.Now.Add(Delai)
	d, ok, err := ask(ctx, tx, id, limite)
	if err == nil && !ok {
		err = fault.New(fault.Gone, raisonFinie)
	}
	if err != nil {
		return err
	}
	p, err := h.propos(ctx, tx, d)
	if err != nil {
		return err
	}
	return h.send(ctx, tx, d, envoi{role: roleQuestion, to: to, texte: p.question(), limite: limite})
}

func (h *Handlers) propos(ctx context.Context, tx *db.Tx, d Dialogue) (Propos, error) {
	o, err := organisation.Load(ctx, tx, d.Organisation)
	return Propos{Service: h.service(), Structure: o.Nom, Duree: mandat.Duree(d.Objet.Duree).Libelle(), Demarches: d.Objet.Demarches, Accord: h.mot()}, err
}

func (h *Handlers) service() string {
	if h.Site.Nom == "" {
		return "Aidants Connect"
	}
	return h.Site.Nom
}

// envoi is one message to the person.
type envoi struct {
	role, to, texte string
	rang            string // tells two messages of one role apart
	limite          db.Time
}

func cle(id ident.DemandeID, role, rang string) string {
	return "texto/" + id.String() + "/" + role + rang
}

// send queues a message and keeps it, sealed with its object.
func (h *Handlers) send(ctx context.Context, tx *db.Tx, d Dialogue, e envoi) error {
	t := texto{demande: d.Demande, cle: cle(d.Demande, e.role, e.rang), sens: "envoye", role: e.role}
	if err := h.Outbox.Queue(ctx, tx, outbox.Message{Cle: t.cle, Genre: genres[e.role], Destinataire: e.to, Texte: e.texte, Peremption: e.limite}); err != nil {
		return err
	}
	var err error
	if t.piece, err = h.seal(d, contenu{e.to, e.texte}); err != nil {
		return err
	}
	_, err = insertTexto(ctx, tx, t)
	return err
}

// contenu is what is sealed of a message.
type contenu struct {
	Numero string `json:"numero"`
	Texte  string `json:"texte"`
}

func (h *Handlers) seal(d Dialogue, c contenu) (consentement.Piece, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return consentement.Piece{}, fmt.Errorf("encode message: %w", err)
	}
	return consentement.Seal(h.Champs, d.Objet, consentement.Contenu{Genre: consentement.DialogueSMS, Type: "application/json", Octets: b})
}

// Note writes in the journal what the provider took since (mandats.md 13.6: it
// says « sent » only then). It is a task.
func (h *Handlers) Note(ctx context.Context, tx *db.Tx) (n int, err error) {
	ids, err := unnoted(ctx, tx, 100)
	for _, id := range ids {
		k, err := h.note(ctx, tx, id)
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, err
}

// Waiting tells whether Note has anything to do, for the schedule's Utile.
func (h *Handlers) Waiting(ctx context.Context) (yes bool, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		ids, err := unnoted(ctx, tx, 1)
		yes = len(ids) > 0
		return err
	})
	return yes, err
}

// note does it for one dialogue.
func (h *Handlers) note(ctx context.Context, tx *db.Tx, id ident.DemandeID) (n int, err error) {
	d, ok, err := load(ctx, tx, id)
	if err != nil || !ok {
		return 0, err
	}
	ts, err := textosOf(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	for _, t := range ts {
		if t.sens != "envoye" || !t.accepte.IsZero() || t.situation != "envoye" {
			continue
		}
		mine, err := note(ctx, tx, t)
		if err != nil {
			return n, err
		}
		if !mine {
			continue
		}
		n++
		var f fait.Fait
		switch x := d.fait(t.piece.Empreinte); t.role {
		case roleRecap:
			f = fait.RemoteSMSRecapSent(x)
		case roleQuestion:
			f = fait.RemoteSMSConsentSent(x)
		default:
			continue
		}
		if err := h.Journal.Append(ctx, tx, d.line(journal.Aidant, f)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// fait is what the four lines of the dialogue say (M-W21).
func (d Dialogue) fait(empreinte []byte) fait.DialogueSMS {
	return fait.DialogueSMS{
		Demarches: d.Objet.Demarches, Jours: d.Jours, MethodeConsentement: methode, DemandeConsentement: d.Demande.String(),
		PreuveEmpreinte: hex.EncodeToString(empreinte), TexteEmpreinte: hex.EncodeToString(d.Objet.Texte),
	}
}

func (d Dialogue) line(who journal.Initiateur, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: who, Aidant: d.Aidant, Organisation: d.Organisation, Usager: d.Usager, Mandat: d.Mandat, Operation: ident.New[ident.OperationID](), Fait: f}
}

// Close ends what waits for a dossier: its request is cancelled.
func (h *Handlers) Close(ctx context.Context, tx *db.Tx, id ident.DossierID) error {
	return closeOf(ctx, tx, id)
}

// Conclude ties a dialogue to the mandat signed with it.
func (h *Handlers) Conclude(ctx context.Context, tx *db.Tx, id ident.DemandeID, m ident.MandatID, u ident.UsagerID) error {
	return conclude(ctx, tx, id, m, u)
}

// Vue is what the aidant is shown of a dialogue: where its messages are, never
// the number nor the words of the person.
type Vue struct {
	Statut        Statut
	Recapitulatif Etape
	Question      Etape
	Incident      string // identifier to give to the support, of a message that failed
	Incompris     bool   // an answer was not understood
	Contredit     bool
	Limite        db.Time
}

// Read gives the state of a dialogue; ok is false when there is none.
func (h *Handlers) Read(ctx context.Context, tx *db.Tx, id ident.DemandeID) (v Vue, ok bool, err error) {
	d, ok, err := load(ctx, tx, id)
	if err != nil || !ok {
		return v, ok, err
	}
	v = Vue{Statut: d.Statut, Incompris: d.Relances > 0 && d.Statut == Question, Contredit: d.Contredit, Limite: db.At(d.Limite)}
	ts, err := textosOf(ctx, tx, id)
	for _, t := range ts {
		e := t.etape()
		switch t.role {
		case roleRecap:
			v.Recapitulatif = e
		case roleQuestion:
			v.Question = e
		default:
			continue
		}
		if e == Echec {
			v.Incident = t.id.String()
		}
	}
	return v, true, err
}

// etape reads the state of a message sent from the queue's row.
func (t texto) etape() Etape {
	switch {
	case t.livraison == string(outbox.NonRemis) || t.situation == "echec":
		return Echec
	case t.livraison == string(outbox.Remis):
		return Distribue
	case t.situation == "envoye" || !t.accepte.IsZero():
		return Envoye
	}
	return EnFile
}

// Lignes opens the messages of a dialogue, for its proof.
func (h *Handlers) Lignes(ctx context.Context, tx *db.Tx, d Dialogue) ([]Ligne, error) {
	const instant = "2006-01-02T15:04:05.000Z07:00"
	ts, err := textosOf(ctx, tx, d.Demande)
	if err != nil {
		return nil, err
	}
	var out []Ligne
	for _, t := range ts {
		b, err := t.piece.Open(h.Champs, d.Objet)
		if err != nil {
			return nil, fmt.Errorf("open message: %w", err)
		}
		var c contenu
		if err := json.Unmarshal(b, &c); err != nil {
			return nil, fmt.Errorf("decode message: %w", err)
		}
		l := Ligne{ID: t.id.String(), Sens: t.sens, Numero: c.Numero, Texte: c.Texte, Lecture: t.lecture, Reference: t.reference, Date: t.creation.Time().UTC().Format(instant), Empreinte: hex.EncodeToString(t.piece.Empreinte)}
		if !t.accepte.IsZero() {
			l.Accepte = t.accepte.Time().UTC().Format(instant)
		}
		out = append(out, l)
	}
	return out, nil
}

// Load gives a dialogue, for the proof of who agreed by SMS then connected.
func (h *Handlers) Load(ctx context.Context, tx *db.Tx, id ident.DemandeID) (Dialogue, error) {
	d, ok, err := load(ctx, tx, id)
	if err == nil && !ok {
		err = fault.New(fault.Gone, raisonFinie)
	}
	return d, err
}
