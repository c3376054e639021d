package mandat

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/usager"
)

// Greffe signs mandats and keeps what was signed. It is what a package that
// leads to a signature needs of this one.
type Greffe struct {
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Cles    *cle.Trousseau
	Service string // name printed in documents: "Aidants Connect"
	Contact string // where a usager writes to the service, printed too
	Origine string // public address of the service, printed in the QR code
	// Certificat, the operator's, seals the PDF; nil: the service key alone.
	Certificat *sceau.Certificat
	// Obstacle, lent by fin, refuses a mandat with who is known to have died or
	// to be protected; nil: nothing is asked.
	Obstacle func(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) error
	SansPDF  bool // for the measures, which lay down mandats by thousands: records of the first version, without PDF
}

// Line is a journal entry of an act of this aidant; the caller adds what it is
// about.
func Line(a actor.Actor, op ident.OperationID, f fait.Fait) journal.Entry {
	return journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Operation: op, Fait: f,
	}
}

// Sign concludes the project, within the caller's transaction, in the order of
// mandats.md 6.2: rules, mandat with its sealed document, supersession,
// notice, journal. The caller has consumed what allows it (dossier, code).
func (g *Greffe) Sign(ctx context.Context, tx *db.Tx, a actor.Actor, p Projet) (Mandat, error) {
	m, err := Conclude(p, tx.Now.Time())
	if err != nil {
		return m, err
	}
	if err := lockRelation(ctx, tx, m); err != nil {
		return m, err
	}
	if g.Obstacle != nil {
		if err := g.Obstacle(ctx, tx, m.Organisation, m.Usager); err != nil {
			return m, err
		}
	}
	piece, err := g.seal(&m, p)
	if err != nil {
		return m, err
	}
	if err := insertMandat(ctx, tx, m, piece); err != nil {
		return m, err
	}
	if m.Accord, err = consentement.Insert(ctx, tx, p.accordOf(m), p.Preuves); err != nil {
		return m, err
	}
	m.PapierStatut = m.paper()
	w := writer{actor: a, op: ident.New[ident.OperationID](), m: m}
	if err := w.clearExpired(ctx, tx); err != nil {
		return m, err
	}
	w.add(fait.CreateAttestation{
		Demarches: m.Demarches(), Jours: m.Jours, DocumentEmpreinte: hex.EncodeToString(m.DocumentEmpreinte),
		TexteEmpreinte: hex.EncodeToString(m.TexteEmpreinte), Preuve: p.Choix.Moyen.Preuve(),
		Predecesseur: p.Predecesseur, ADistance: p.Choix.Methode() != "", MethodeConsentement: p.Choix.Methode(), DemandeConsentement: p.demande(),
		ConsentementEmpreinte: fait.Empreinte(piece.Enregistrement), // holds the evidence and 128 random bits
	}, m.ID, ident.AutorisationID{})
	for _, x := range m.Autorisations {
		if err := w.authorize(ctx, tx, x); err != nil {
			return m, err
		}
	}
	if err := w.supersede(ctx, tx); err != nil {
		return m, err
	}
	if err := relist(ctx, tx, m.Organisation, m.Usager); err != nil {
		return m, err
	}
	if err := g.notify(ctx, tx, &w, p); err != nil {
		return m, err
	}
	return m, g.Journal.Append(ctx, tx, w.entries...)
}

// Why Obstacle refuses.
const (
	RaisonDeces      = "personne_decedee"
	RaisonProtection = "personne_protegee"
)

// sealer gives what sealing needs, with the text fixed when the dossier opened.
func (g *Greffe) sealer(p Projet, now time.Time) (sealer, error) {
	t, err := TexteDe(p.Texte)
	if err != nil {
		return sealer{}, err
	}
	x, err := g.Sceau(now)
	return sealer{texte: t, titre: "Mandat pour la réalisation de démarches administratives", service: g.Service, contact: g.Contact, origine: g.Origine, sceau: x, epreuve: p.Epreuve, sansPDF: g.SansPDF}, err
}

// Sceau is what seals at that instant.
func (g *Greffe) Sceau(now time.Time) (sceau.Sceau, error) {
	k, err := g.Cles.Current(cle.Attestation)
	return sceau.Sceau{Cle: k, Certificat: g.Certificat.At(now)}, err
}

// seal renders, hashes and signs.
func (g *Greffe) seal(m *Mandat, p Projet) (Piece, error) {
	s, err := g.sealer(p, m.DateCreation)
	if err != nil {
		return Piece{}, err
	}
	s.preuve, s.montre = p.preuve(*m), sortMontre(p.Montre)
	return s.seal(m)
}

// writer writes the autorisations of one conclusion and collects its journal
// lines in their order: create_attestation, then for each démarche the
// cancellation and the creation, then the mandats left empty.
type writer struct {
	actor   actor.Actor
	op      ident.OperationID
	m       Mandat
	open    []ouverte // what this person's older mandats still hold
	touched []ident.MandatID
	entries []journal.Entry
}

func (w *writer) add(f fait.Fait, m ident.MandatID, a ident.AutorisationID) {
	e := Line(w.actor, w.op, f)
	e.Usager, e.Mandat, e.Autorisation = w.m.Usager, m, a
	w.entries = append(w.entries, e)
}

// clearExpired ends what has expired without having been closed yet, so that
// the unique index of live autorisations lets the new ones in, and keeps what
// is really open.
func (w *writer) clearExpired(ctx context.Context, tx *db.Tx) error {
	all, err := openAutorisations(ctx, tx, w.m.Organisation, w.m.Usager)
	if err != nil {
		return err
	}
	gone := map[ident.MandatID]bool{}
	for _, o := range all {
		if o.Live(tx.Now.Time()) {
			w.open = append(w.open, o)
			continue
		}
		if gone[o.Mandat] {
			continue
		}
		gone[o.Mandat] = true
		e, err := expire(ctx, tx, all, o.Mandat)
		if err != nil {
			return err
		}
		w.entries = append(w.entries, e)
	}
	return nil
}

// authorize inserts one démarche and ends the older autorisation it replaces
// (mandats.md 8), whoever of the structure signed it.
func (w *writer) authorize(ctx context.Context, tx *db.Tx, x Autorisation) error {
	if i := slices.IndexFunc(w.open, func(o ouverte) bool { return o.Demarche == x.Demarche }); i >= 0 {
		o := w.open[i]
		fin := Fin{Mandat: o.Mandat, Operation: w.op, Motif: Remplace, Entier: w.emptied(o.Mandat), Aidant: w.actor.Aidant, Effet: tx.Now}
		if !slices.Contains(w.touched, o.Mandat) {
			w.touched = append(w.touched, o.Mandat)
			if err := InsertFin(ctx, tx, fin); err != nil {
				return err
			}
		}
		if err := Close(ctx, tx, o.ID, fin); err != nil {
			return err
		}
		w.add(fait.CancelAutorisation{Demarche: o.Demarche, Jours: o.jours, Motif: string(Remplace)}, o.Mandat, o.ID)
	}
	if err := insertAutorisation(ctx, tx, x); err != nil {
		return err
	}
	w.add(fait.CreateAutorisation{Demarche: x.Demarche, Jours: w.m.Jours, ADistance: w.m.Accord.Methode() != ""}, w.m.ID, x.ID)
	return nil
}

// supersede links the older mandats left without a live démarche to this one.
func (w *writer) supersede(ctx context.Context, tx *db.Tx) error {
	for _, old := range w.touched {
		if !w.emptied(old) {
			continue
		}
		if err := setSuccesseur(ctx, tx, old, w.m.ID); err != nil {
			return err
		}
		w.add(fait.SupersedeMandat{Successeur: w.m.ID}, old, ident.AutorisationID{})
	}
	return nil
}

// emptied tells whether this conclusion takes over every démarche that was
// still open in an older mandat.
func (w *writer) emptied(old ident.MandatID) bool {
	return !slices.ContainsFunc(w.open, func(o ouverte) bool {
		return o.Mandat == old && !slices.Contains(w.m.Demarches(), o.Demarche)
	})
}

// GenreCreation is the notice sent to the usager when a mandat is signed,
// GenreRenouvellement when it renews another.
const (
	GenreCreation       = "E-50"
	GenreRenouvellement = "E-53"
)

// notify keeps the address written with the person and queues the notice:
// structure, date, duration, how to contest; nothing else (L-42).
func (g *Greffe) notify(ctx context.Context, tx *db.Tx, w *writer, p Projet) error {
	m := w.m
	if m.Identite.Email == "" {
		return nil
	}
	if p.CourrielSaisi {
		if err := usager.SetContactEmail(ctx, tx, m.Organisation, m.Usager, m.Identite.Email); err != nil {
			return err
		}
		w.add(fait.UpdateEmailUsager{}, m.ID, ident.AutorisationID{})
	}
	msg := g.notice(m)
	if err := g.Outbox.Queue(ctx, tx, msg); err != nil {
		return err
	}
	w.add(fait.NotifyUsager{Voie: fait.NotificationMail, Genre: msg.Genre}, m.ID, ident.AutorisationID{})
	return nil
}

func (g *Greffe) notice(m Mandat) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	genre, subject := GenreCreation, "Un mandat a été signé à votre nom"
	if m.Predecesseur.IsZero() {
		c.P("Un mandat vient d'être signé entre vous et une structure habilitée à vous aider dans vos démarches.")
	} else {
		genre, subject = GenreRenouvellement, "Un mandat a été renouvelé à votre nom"
		c.P("Le mandat que vous aviez donné à une structure habilitée à vous aider vient d'être renouvelé : un nouveau mandat est signé.")
	}
	c.Liste(
		"Structure : "+m.Structure.Nom,
		"Date de signature : "+DateHeure(m.DateCreation),
		"Durée : "+m.Duree.Choix()+". Fin le "+DateHeure(m.DateExpiration)+".",
	)
	write := ""
	if g.Contact != "" {
		write = ", ou écrivez à " + g.Contact
	}
	c.P("Vous n'êtes pas d'accord, ou vous avez changé d'avis ? Vous pouvez mettre fin à ce mandat à tout moment, sans donner de raison : dites-le ou écrivez-le à la structure%s.", write)
	c.P("Gardez l'exemplaire papier du mandat qui vous a été remis.")
	if m.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	return outbox.Message{Cle: genre + "/" + m.ID.String(), Genre: genre, Destinataire: m.Identite.Email, Sujet: subject, Texte: c.String()}
}
