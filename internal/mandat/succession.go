package mandat

import (
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
)

//go:embed succession/*.html
var textesSuccession embed.FS

// modeleSuccession is the document of a transferred mandat. What was made with
// it is kept as bytes: a new wording is a new file.
var modeleSuccession = template.Must(template.ParseFS(textesSuccession, "succession/2026-11-22.html"))

// GenreTransfert is the notice to the usager whose mandat another structure
// continues.
const GenreTransfert = "E-56"

// preuveSuccession is the word of the record: nobody agreed anew, the law makes
// a structure follow another.
const preuveSuccession = "succession"

// Why a mandat is not transferred.
const (
	RaisonTermine      = "deja_termine"
	RaisonAccord       = "accord_incomplet"
	RaisonPerimetre    = "hors_perimetre"
	RaisonInactive     = "organisation_inactive"
	RaisonMemeMandante = "meme_structure"
)

// Suite is the structure that continues a mandat, and why: two persons of the
// team saw what proves it (M-W16).
type Suite struct {
	Operation    ident.OperationID
	Organisation ident.OrganisationID
	Structure    Structure
	Active       bool
	Perimetre    []demarche.Demarche
	Motif        string // word of the journal
	Raison       string // as printed
	Demandeur    ident.AidantID
	Approbateur  ident.AidantID
	Epreuve      *Epreuve // the document already printed; nil: Transfer prints it
}

// Transferable tells why a mandat cannot be continued by another structure, ""
// when it can: in force, agreed to, and all that is left of it within what the
// other may do. All or nothing: a mandat is never cut in two.
func (m Mandat) Transferable(s Suite, now time.Time) string {
	var ds []demarche.Demarche
	for _, a := range m.Live(now) {
		ds = append(ds, a.Demarche)
	}
	switch {
	case len(ds) == 0 || !m.DateExpiration.After(now):
		return RaisonTermine
	case m.Organisation == s.Organisation:
		return RaisonMemeMandante
	case !s.Active:
		return RaisonInactive
	case !m.Accord.Usable(now):
		return RaisonAccord
	case len(demarche.Intersect(ds, s.Perimetre)) != len(ds):
		return RaisonPerimetre
	}
	return ""
}

// suite makes the mandat that continues this one: same person, same words, what
// is left of the démarches and of the time.
func (m Mandat) suite(s Suite, now time.Time) Mandat {
	n := m
	n.ID, n.Organisation, n.Aidant, n.Dossier = ident.New[ident.MandatID](), s.Organisation, s.Approbateur, ident.DossierID{}
	n.DateCreation, n.Structure, n.Predecesseur, n.Successeur = now, s.Structure, m.ID, ident.MandatID{}
	n.PapierStatut, n.PapierDate, n.Autorisations = NonSigne, time.Time{}, nil
	for _, a := range m.Live(now) {
		n.Autorisations = append(n.Autorisations, Autorisation{
			ID: ident.New[ident.AutorisationID](), Mandat: n.ID, Organisation: n.Organisation, Usager: n.Usager, Demarche: a.Demarche, DateExpiration: n.DateExpiration,
		})
	}
	n.Accord = consentement.Accord{
		Choix:  consentement.Choix{Moyen: consentement.Anterieur, Presence: m.Accord.Presence},
		Objet:  consentement.Objet{Texte: m.TexteEmpreinte, Demarches: n.Demarches(), Duree: string(n.Duree)},
		Mandat: n.ID, Organisation: n.Organisation, Usager: n.Usager, Creation: now, Expiration: n.DateExpiration,
	}
	return n
}

// Succession tells that the mandat continues another structure's.
func (m Mandat) Succession() bool { return m.Dossier.IsZero() && !m.Predecesseur.IsZero() }

// Transfer has another structure continue a mandat, within the caller's
// transaction: the original is closed and kept as it was signed, the successor
// is a mandat of its own, each names the other, and what it overlaps in the
// new structure is superseded (mandats.md 8, 15). It refuses with Conflict.
func (g *Greffe) Transfer(ctx context.Context, tx *db.Tx, old Mandat, s Suite) (Mandat, error) {
	now := tx.Now.Time()
	if why := old.Transferable(s, now); why != "" {
		return Mandat{}, fault.New(fault.Conflict, why)
	}
	if g.Obstacle != nil {
		if err := g.Obstacle(ctx, tx, s.Organisation, old.Usager); err != nil {
			return Mandat{}, err
		}
	}
	m := old.suite(s, now)
	if err := lockRelation(ctx, tx, m); err != nil {
		return m, err
	}
	piece, err := g.sealSuccession(&m, old, s)
	if err != nil {
		return m, err
	}
	if err := insertMandat(ctx, tx, m, piece); err != nil {
		return m, err
	}
	if m.Accord, err = consentement.Insert(ctx, tx, m.Accord, nil); err != nil {
		return m, err
	}
	w := writer{actor: actor.Actor{Aidant: s.Approbateur, Organisation: s.Organisation}, op: s.Operation, m: m}
	if err := w.succeed(ctx, tx, old, piece); err != nil {
		return m, err
	}
	leave, err := leave(ctx, tx, old, m, s)
	if err != nil {
		return m, err
	}
	if err := relist(ctx, tx, m.Organisation, m.Usager); err != nil {
		return m, err
	}
	for i := range w.entries {
		w.entries[i].Initiateur = journal.Admin
	}
	if err := g.notifyTransfer(ctx, tx, &w, old); err != nil {
		return m, err
	}
	return m, g.Journal.Append(ctx, tx, append(leave, w.entries...)...)
}

// succeed writes the successor and what it supersedes in its structure.
func (w *writer) succeed(ctx context.Context, tx *db.Tx, old Mandat, p Piece) error {
	if err := w.clearExpired(ctx, tx); err != nil {
		return err
	}
	w.add(fait.CreateAttestation{
		Demarches: w.m.Demarches(), Jours: w.m.Jours, DocumentEmpreinte: hex.EncodeToString(w.m.DocumentEmpreinte),
		TexteEmpreinte: hex.EncodeToString(w.m.TexteEmpreinte), Preuve: preuveSuccession, Predecesseur: old.ID,
		ConsentementEmpreinte: fait.Empreinte(p.Enregistrement),
	}, w.m.ID, ident.AutorisationID{})
	for _, x := range w.m.Autorisations {
		if err := w.authorize(ctx, tx, x); err != nil {
			return err
		}
	}
	return w.supersede(ctx, tx)
}

// leave closes the original: its lines are of the structure that it leaves.
func leave(ctx context.Context, tx *db.Tx, old, next Mandat, s Suite) ([]journal.Entry, error) {
	fin := Fin{Mandat: old.ID, Operation: s.Operation, Motif: Transfere, Entier: true, Aidant: s.Approbateur, Effet: tx.Now}
	if err := InsertFin(ctx, tx, fin); err != nil {
		return nil, err
	}
	line := journal.Entry{
		Initiateur: journal.Admin, Aidant: s.Demandeur, Concerne: s.Approbateur, Organisation: old.Organisation, Usager: old.Usager, Mandat: old.ID, Operation: s.Operation,
	}
	var out []journal.Entry
	add := func(f fait.Fait, a ident.AutorisationID) {
		e := line
		e.Fait, e.Autorisation = f, a
		out = append(out, e)
	}
	var ds []demarche.Demarche
	for _, a := range old.Live(tx.Now.Time()) {
		if err := Close(ctx, tx, a.ID, fin); err != nil {
			return nil, err
		}
		ds = append(ds, a.Demarche)
		add(fait.CancelAutorisation{Demarche: a.Demarche, Jours: old.Jours, Motif: string(Transfere)}, a.ID)
	}
	if err := setSuccesseur(ctx, tx, old.ID, next.ID); err != nil {
		return nil, err
	}
	add(fait.EndMandat{Motif: string(Transfere), Demarches: ds, DateEffet: tx.Now, DateConnue: tx.Now}, ident.AutorisationID{})
	add(fait.TransferMandat{Avant: old.Organisation, Apres: s.Organisation, DocumentEmpreinte: hex.EncodeToString(old.DocumentEmpreinte), Successeur: next.ID, Motif: s.Motif}, ident.AutorisationID{})
	return out, nil
}

// successionDocument is what the document of a transfer prints.
type successionDocument struct {
	document
	Avant             Mandat
	AvantCode, Signe  string
	Raison, Empreinte string
}

// sealSuccession renders and signs the document of the successor. Its record
// names the original by the digest of its document.
func (g *Greffe) sealSuccession(m *Mandat, old Mandat, s Suite) (Piece, error) {
	x, err := g.succession(*m, old, s)
	if err != nil {
		return Piece{}, err
	}
	return x.seal(m)
}

// PrepareTransfer prints, out of any transaction, what a transfer would seal at
// this instant. It writes nothing.
func (g *Greffe) PrepareTransfer(old Mandat, s Suite, now time.Time) (*Epreuve, error) {
	m := old.suite(s, now)
	m.CodePublic = NewCode()
	x, err := g.succession(m, old, s)
	if err != nil || x.sansPDF {
		return nil, err
	}
	doc, err := x.contenu(m)
	if err != nil {
		return nil, err
	}
	printed, err := x.print(m, doc)
	return &Epreuve{m.CodePublic, doc, printed}, err
}

// succession is the sealer of a transfer.
func (g *Greffe) succession(m, old Mandat, s Suite) (sealer, error) {
	x, err := g.sealer(Projet{Texte: old.TexteEmpreinte, Epreuve: s.Epreuve}, m.DateCreation)
	if err != nil {
		return x, err
	}
	x.titre = "Transfert d’un mandat à une autre structure"
	x.preuve = Preuve{Genre: preuveSuccession, Accord: hex.EncodeToString(old.DocumentEmpreinte)}
	x.contenu = func(m Mandat) ([]byte, error) {
		d := successionDocument{
			document: base(x.service, x.contact, Projet{Structure: m.Structure, Demarches: m.Demarches(), Duree: m.Duree, Simulation: m.Simulation}),
			Avant:    old, AvantCode: FormatCode(old.CodePublic), Signe: DateHeure(old.DateCreation), Raison: s.Raison, Empreinte: hex.EncodeToString(old.DocumentEmpreinte),
		}
		d.Code = FormatCode(m.CodePublic)
		if err := d.locate(x.origine); err != nil {
			return nil, err
		}
		d.identify(m.Identite)
		d.Debut, d.Fin = DateHeure(m.DateCreation), DateHeure(m.DateExpiration)
		var b bytes.Buffer
		if err := modeleSuccession.Execute(&b, d); err != nil {
			return nil, fmt.Errorf("render succession: %w", err)
		}
		return b.Bytes(), nil
	}
	return x, nil
}

// notifyTransfer tells the person who helps them now, until when, and how to
// stop it.
func (g *Greffe) notifyTransfer(ctx context.Context, tx *db.Tx, w *writer, old Mandat) error {
	to, err := NoticeAddress(ctx, tx, old)
	if err != nil || to == "" {
		return err
	}
	msg := g.noticeTransfer(old, w.m)
	msg.Destinataire = to
	if err := g.Outbox.Queue(ctx, tx, msg); err != nil {
		return err
	}
	w.add(fait.NotifyUsager{Voie: fait.NotificationMail, Genre: GenreTransfert}, w.m.ID, ident.AutorisationID{})
	w.entries[len(w.entries)-1].Initiateur = journal.Admin
	return nil
}

func (g *Greffe) noticeTransfer(old, m Mandat) outbox.Message {
	subject := "Une autre structure continue un mandat à votre nom"
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("La structure à qui vous aviez donné un mandat a une suite : une autre structure continue ce mandat, sans rien y ajouter.")
	c.Liste("Structure d'avant : "+old.Structure.Nom, "Nouvelle structure : "+m.Structure.Nom, "Date : "+DateHeure(m.DateCreation), "Fin du mandat, inchangée : "+DateHeure(m.DateExpiration))
	write := ""
	if g.Contact != "" {
		write = ", ou écrivez à " + g.Contact
	}
	c.P("Vous n'êtes pas d'accord ? Vous pouvez mettre fin à ce mandat à tout moment, sans donner de raison : dites-le ou écrivez-le à la nouvelle structure%s.", write)
	if m.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	return outbox.Message{Cle: GenreTransfert + "/" + m.ID.String(), Genre: GenreTransfert, Sujet: subject, Texte: c.String()}
}

// continued names what another structure continues: the mandat, or what the
// person, or a newer mandat, had left of it.
func (m Mandat) continued() string {
	if slices.ContainsFunc(m.Autorisations, func(a Autorisation) bool { return a.FinMotif != Transfere }) {
		return "ce qui restait de ce mandat"
	}
	return "ce mandat"
}

// Transferred tells that another structure continues what was left of it.
func (m Mandat) Transferred() bool {
	return m.FullyRevoked() && slices.ContainsFunc(m.Autorisations, func(a Autorisation) bool { return a.FinMotif == Transfere })
}
