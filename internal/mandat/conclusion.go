package mandat

import (
	"context"
	"encoding/hex"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
)

// genreCreation is the notice sent to the usager when a mandat is signed.
const genreCreation = "E-50"

// conclusion is the outcome of a récapitulatif: a mandat, or a refused code.
type conclusion struct {
	refus  *facteur.Resultat
	mandat ident.MandatID
	jeton  secret.Text // the session's new cookie
}

// conclude signs the mandat, in one transaction and in the order of mandats.md
// 6.2. A refused code writes its failure and nothing else; any other failure
// leaves nothing at all, and the code may serve again.
func (h *Handlers) conclude(ctx context.Context, a actor.Actor, asked Dossier, s signature) (c conclusion, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		c = conclusion{}
		d, err := loadDossier(ctx, tx, asked.ID)
		if err != nil {
			return err
		}
		if err := d.check(a, tx.Now.Time()); err != nil {
			return err
		}
		m, err := h.prepare(ctx, tx, d, s)
		if err != nil {
			return err
		}
		res, err := h.Facteurs.Verify(ctx, tx, a.Aidant, s.code)
		if err != nil {
			return err
		}
		if !res.Accepte {
			c.refus = &res
			return nil
		}
		if err := sign(ctx, tx, d.ID); err != nil {
			return err
		}
		entries, err := h.write(ctx, tx, a, d, &m)
		if err != nil {
			return err
		}
		more, err := h.notify(ctx, tx, a, m, s)
		if err != nil {
			return err
		}
		if err := h.Journal.Append(ctx, tx, append(entries, more...)...); err != nil {
			return err
		}
		c.mandat = m.ID
		c.jeton, err = h.Connexion.Renew(ctx, tx, a)
		return err
	})
	return c, err
}

// prepare reads everything again and applies the rules (M-W8, M-W26).
func (h *Handlers) prepare(ctx context.Context, tx *db.Tx, d Dossier, s signature) (Mandat, error) {
	if d.Statut != Pret {
		return Mandat{}, fault.New(fault.Gone, raisonPerdu)
	}
	who, err := aidant.Load(ctx, tx, d.Aidant)
	if err != nil {
		return Mandat{}, err
	}
	if !who.Actif || !who.Habilite {
		return Mandat{}, fault.New(fault.Forbidden, "aidant_inactif")
	}
	p, err := h.projet(ctx, tx, d)
	if err != nil {
		return Mandat{}, err
	}
	if p.Identite.Email == "" {
		p.Identite.Email = s.courriel
	}
	m, err := Conclude(p, tx.Now.Time())
	m.Dossier = d.ID
	return m, err
}

// write seals the mandat and inserts it with its autorisations, ending those
// it replaces. It gives the journal lines in their order: create_attestation,
// then for each démarche the cancellation and the creation, then the mandats
// left empty.
func (h *Handlers) write(ctx context.Context, tx *db.Tx, a actor.Actor, d Dossier, m *Mandat) ([]journal.Entry, error) {
	if err := lockRelation(ctx, tx, *m); err != nil {
		return nil, err
	}
	piece, err := h.seal(d, m)
	if err != nil {
		return nil, err
	}
	if err := insertMandat(ctx, tx, *m, piece); err != nil {
		return nil, err
	}
	op := ident.New[ident.OperationID]()
	open, expired, err := h.clearExpired(ctx, tx, *m)
	if err != nil {
		return nil, err
	}
	entry := func(f journal.Fait, mandat ident.MandatID, autorisation ident.AutorisationID) journal.Entry {
		e := line(a, op, f)
		e.Usager, e.Mandat, e.Autorisation = m.Usager, mandat, autorisation
		return e
	}
	entries := append(expired, entry(journal.CreateAttestation{
		Demarches: m.Demarches(), Jours: m.Jours, DocumentEmpreinte: hex.EncodeToString(m.DocumentEmpreinte),
		TexteEmpreinte: hex.EncodeToString(m.TexteEmpreinte), Preuve: "certification",
		ConsentementEmpreinte: journal.Empreinte(piece.Enregistrement), // holds the evidence and 128 random bits
	}, m.ID, ident.AutorisationID{}))
	var touched []ident.MandatID
	for _, x := range m.Autorisations {
		if i := slices.IndexFunc(open, func(o ouverte) bool { return o.Demarche == x.Demarche }); i >= 0 {
			o := open[i]
			fin := Fin{Mandat: o.Mandat, Operation: op, Motif: Remplace, Entier: emptied(open, o.Mandat, *m), Aidant: a.Aidant, Effet: tx.Now}
			if !slices.Contains(touched, o.Mandat) {
				touched = append(touched, o.Mandat)
				if err := insertFin(ctx, tx, fin); err != nil {
					return nil, err
				}
			}
			if err := closeAutorisation(ctx, tx, o.ID, fin); err != nil {
				return nil, err
			}
			entries = append(entries, entry(journal.CancelAutorisation{Demarche: o.Demarche, Jours: o.jours, Motif: string(Remplace)}, o.Mandat, o.ID))
		}
		if err := insertAutorisation(ctx, tx, x); err != nil {
			return nil, err
		}
		entries = append(entries, entry(journal.CreateAutorisation{Demarche: x.Demarche, Jours: m.Jours}, m.ID, x.ID))
	}
	for _, old := range touched {
		if !emptied(open, old, *m) {
			continue
		}
		if err := setSuccesseur(ctx, tx, old, m.ID); err != nil {
			return nil, err
		}
		entries = append(entries, entry(journal.SupersedeMandat{Successeur: m.ID}, old, ident.AutorisationID{}))
	}
	return entries, nil
}

// emptied tells whether the new mandat takes over every démarche that was
// still open in an older one.
func emptied(open []ouverte, old ident.MandatID, m Mandat) bool {
	return !slices.ContainsFunc(open, func(o ouverte) bool {
		return o.Mandat == old && !slices.Contains(m.Demarches(), o.Demarche)
	})
}

// clearExpired ends what has expired without having been closed yet, so that
// the unique index of live autorisations lets the new ones in, and gives what
// is really open.
func (h *Handlers) clearExpired(ctx context.Context, tx *db.Tx, m Mandat) (live []ouverte, entries []journal.Entry, err error) {
	open, err := openAutorisations(ctx, tx, m.Organisation, m.Usager)
	if err != nil {
		return nil, nil, err
	}
	gone := map[ident.MandatID]bool{}
	for _, o := range open {
		if o.Live(tx.Now.Time()) {
			live = append(live, o)
			continue
		}
		if gone[o.Mandat] {
			continue
		}
		gone[o.Mandat] = true
		e, err := expire(ctx, tx, open, o.Mandat)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	return live, entries, nil
}

// seal renders, hashes and signs with the text fixed when the dossier opened.
func (h *Handlers) seal(d Dossier, m *Mandat) (Piece, error) {
	t, err := texteOf(d.TexteEmpreinte)
	if err != nil {
		return Piece{}, err
	}
	k, err := h.Cles.Current(cle.Attestation)
	if err != nil {
		return Piece{}, err
	}
	return sealer{
		texte: t, emetteur: h.emetteur(), cle: k,
		preuve: Preuve{Genre: "certification", Authentification: hex.EncodeToString(d.Authentification)},
	}.seal(m)
}

func (h *Handlers) emetteur() Emetteur { return Emetteur{Service: h.Site.Nom, Contact: h.Site.Contact} }

// notify keeps the address the aidant wrote with the person and queues the
// notice: structure, date, duration, how to contest; nothing else (L-42).
func (h *Handlers) notify(ctx context.Context, tx *db.Tx, a actor.Actor, m Mandat, s signature) ([]journal.Entry, error) {
	var entries []journal.Entry
	add := func(f journal.Fait) {
		e := line(a, ident.OperationID{}, f)
		e.Usager, e.Mandat = m.Usager, m.ID
		entries = append(entries, e)
	}
	if m.Identite.Email == "" {
		return nil, nil
	}
	if m.Identite.Email == s.courriel {
		if err := usager.SetContactEmail(ctx, tx, m.Organisation, m.Usager, s.courriel); err != nil {
			return nil, err
		}
		add(journal.UpdateEmailUsager{})
	}
	if err := h.Outbox.Queue(ctx, tx, h.notice(m)); err != nil {
		return nil, err
	}
	add(journal.NotifyUsager{Voie: journal.NotificationMail, Genre: genreCreation})
	return entries, nil
}

func (h *Handlers) notice(m Mandat) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("Un mandat vient d'être signé entre vous et une structure habilitée à vous aider dans vos démarches.")
	c.Liste(
		"Structure : "+m.Structure.Nom,
		"Date de signature : "+DateHeure(m.DateCreation),
		"Durée : "+m.Duree.Choix()+". Fin le "+DateHeure(m.DateExpiration)+".",
	)
	c.P("Vous n'êtes pas d'accord, ou vous avez changé d'avis ? Vous pouvez mettre fin à ce mandat à tout moment, sans donner de raison : dites-le ou écrivez-le à la structure%s.", orWriteTo(h.Site.Contact))
	c.P("Gardez l'exemplaire papier du mandat qui vous a été remis.")
	subject := "Un mandat a été signé à votre nom"
	if m.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	return outbox.Message{Cle: genreCreation + "/" + m.ID.String(), Genre: genreCreation, Destinataire: m.Identite.Email, Sujet: subject, Texte: c.String()}
}

func orWriteTo(contact string) string {
	if contact == "" {
		return ""
	}
	return ", ou écrivez à " + contact
}
