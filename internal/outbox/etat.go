package outbox

import (
	"context"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Situation is where a message stands, as people read it.
type Situation string

// The situations.
const (
	EnAttente Situation = "en_attente" // not tried yet, or being sent
	EnEchec   Situation = "en_echec"   // failed, will be tried again
	Envoye    Situation = "envoye"
	Mort      Situation = "mort" // given up: somebody must look
)

// Situations gives them in the order of the pages.
func Situations() []Situation { return []Situation{EnAttente, EnEchec, Mort, Envoye} }

// Libelle names the situation of one message.
func (s Situation) Libelle() string {
	switch s {
	case EnAttente:
		return "En attente"
	case EnEchec:
		return "En échec, sera réessayé"
	case Envoye:
		return "Envoyé"
	case Mort:
		return "Abandonné"
	}
	return ""
}

// Etat is a message as the operator's team sees it: never what it says, nor
// its whole address.
type Etat struct {
	ID             ident.MessageID
	Genre, Canal   string
	Situation      Situation
	Vers           string // "…@exemple.fr", "…78"; empty once erased
	Erreur         string // nature of the last failure
	Livraison      Livraison
	Essais         int
	Doublons       int // tries whose outcome is unknown
	DateCreation   db.Time
	DateIssue      db.Time // sent or given up; zero before
	ProchainEssai  db.Time
	Peremption     db.Time
	DateEffacement db.Time
}

// Replayable tells whether sending it again has a sense.
func (e Etat) Replayable(now db.Time) bool {
	return e.Situation == Mort && e.DateEffacement.IsZero() && (e.Peremption.IsZero() || now.Before(e.Peremption))
}

// Filtre narrows a list of messages; zero fields narrow nothing.
type Filtre struct {
	Situation Situation
	Genre     string
	Avant     ident.MessageID // only older ones: the last of the page before
	Limite    int             // 50 when 0
}

// List gives messages, newest first, and whether there are more.
func (o *Outbox) List(ctx context.Context, tx *db.Tx, f Filtre) ([]Etat, bool, error) {
	if f.Limite <= 0 || f.Limite > 500 {
		f.Limite = 50
	}
	rows, err := listMessages(ctx, tx, f)
	if err != nil {
		return nil, false, err
	}
	more := len(rows) > f.Limite
	if more {
		rows = rows[:f.Limite]
	}
	out := make([]Etat, len(rows))
	for i, r := range rows {
		out[i] = r.Etat
		out[i].Vers = o.masked(r)
	}
	return out, more, nil
}

// Read gives one message.
func (o *Outbox) Read(ctx context.Context, tx *db.Tx, id ident.MessageID) (Etat, error) {
	r, ok, err := oneMessage(ctx, tx, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "message_inconnu")
	}
	if err != nil {
		return Etat{}, err
	}
	r.Vers = o.masked(r)
	return r.Etat, nil
}

// Of gives the message queued under this key, for the act that queued it; ok
// is false when there is none.
func (o *Outbox) Of(ctx context.Context, tx *db.Tx, cle string) (e Etat, ok bool, err error) {
	r, ok, err := messageOf(ctx, tx, cle)
	return r.Etat, ok, err
}

// masked shows of an address what tells a failing provider from another, and
// not whom it is.
func (o *Outbox) masked(r messageLu) string {
	if len(r.destinataire) == 0 {
		return ""
	}
	b, err := o.Box.Open(r.destinataire, place(r.ID, "destinataire"))
	if err != nil {
		return "illisible"
	}
	to := string(b)
	if at := strings.LastIndexByte(to, '@'); at >= 0 {
		return "…" + to[at:]
	}
	return "…" + to[max(0, len(to)-2):]
}
