package mandat

import (
	"context"
	"encoding/hex"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// A mandat is usable only when its accord meets the policy of consentement:
// that is one predicate, in Go (Mandat.Usable) and in SQL, for every guard.
// A mandat without an accord's row is not usable.
//
// reads: accord
const (
	// UtilisableSQL is the predicate for an autorisation t; the caller ends it
	// with the parameter that holds now: UtilisableSQL + `$2)`.
	UtilisableSQL = `EXISTS (SELECT 1 FROM accord c WHERE c.mandat_id = t.mandat_id AND c.limite >= `
	// sqlUtilisable is the same for an autorisation a, with $2 now.
	sqlUtilisable = `EXISTS (SELECT 1 FROM accord c WHERE c.mandat_id = a.mandat_id AND c.limite >= $2)`
	// AccordeSQL is the same for a mandat m, with $2 now.
	AccordeSQL = `EXISTS (SELECT 1 FROM accord c WHERE c.mandat_id = m.id AND c.limite >= $2)`
	// PapierSQL is the state of the paper of a mandat m: "sans_objet" when the
	// person agreed in another way. Before accords, it was kept in the mandat.
	PapierSQL = `COALESCE((SELECT CASE WHEN c.moyen = 'certification' AND m.dossier_id IS NULL AND m.predecesseur_id IS NOT NULL THEN 'sans_objet' WHEN c.moyen = 'certification' THEN m.papier_statut WHEN c.moyen <> 'papier' THEN 'sans_objet'
		WHEN c.piece_id IS NULL THEN 'non_signe' ELSE 'signe' END FROM accord c WHERE c.mandat_id = m.id), m.papier_statut)`
)

// SansObjet is the state of the paper of a mandat agreed to in another way.
const SansObjet = "sans_objet"

// Usable tells whether the mandat can be used at now: not ended, and agreed to.
func (m Mandat) Usable(now time.Time) bool { return m.Active(now) && m.Accord.Usable(now) }

// OnPaper tells whether the person agrees by the paper itself.
func (m Mandat) OnPaper() bool { return m.Accord.Moyen == consentement.Papier }

// UsageAffiche says in French whether the mandat can be used, as far as the
// agreement of the person is concerned.
func (m Mandat) UsageAffiche(now time.Time) string {
	switch m.Accord.Etat(now) {
	case consentement.Complet:
		return "Il peut servir dès maintenant."
	case consentement.EnGrace:
		return "Il peut servir jusqu’au " + DateHeure(m.Accord.Limite) + ". Joignez d’ici là la copie signée par la personne, sinon il sera suspendu."
	case consentement.EnSuspens:
		return "Il est suspendu : la copie signée par la personne n’a pas été jointe à temps."
	}
	return "Il ne peut pas encore servir : joignez d’abord la copie signée par la personne."
}

// accordOf makes the accord of a mandat being signed.
func (p Projet) accordOf(m Mandat) consentement.Accord {
	return consentement.Accord{
		Choix: p.Choix, Objet: p.Objet(), Mandat: m.ID, Organisation: m.Organisation, Usager: m.Usager,
		Creation: m.DateCreation, Expiration: m.DateExpiration, Grace: consentement.GraceUntil(m.DateCreation, m.DateExpiration, p.Grace),
	}
}

// Objet is what the person agrees to: the text, the démarches, the duration.
func (p Projet) Objet() consentement.Objet {
	return consentement.Objet{Texte: p.Texte, Demarches: demarche.Sorted(p.Demarches), Duree: string(p.Duree)}
}

// demande names the request that the person answered, in the journal.
func (p Projet) demande() string {
	if p.Demande.IsZero() {
		return ""
	}
	return p.Demande.String()
}

// checkAccord refuses a project whose proof should be there and is not.
func (p Projet) checkAccord(m Mandat) error {
	a := p.accordOf(m).Settle(p.Preuves)
	if p.Choix.Moyen == "" || p.Choix.Moyen == consentement.Anterieur || p.Choix.Moyen.Immediate() && !a.Complete() {
		return fault.New(fault.Conflict, "accord_manquant")
	}
	return nil
}

// paper is the state of the paper of a mandat just agreed to.
func (m Mandat) paper() string {
	switch {
	case m.Accord.Moyen != consentement.Papier:
		return SansObjet
	case m.Accord.Complete():
		return Signe
	}
	return NonSigne
}

// preuve is what the signed record says of the agreement.
func (p Projet) preuve(m Mandat) Preuve {
	out := Preuve{
		Genre: p.Choix.Moyen.Preuve(), Moyen: string(p.Choix.Moyen), Presence: string(p.Choix.Presence),
		Authentification: hex.EncodeToString(p.Authentification),
	}
	a := p.accordOf(m).Settle(p.Preuves)
	for _, x := range p.Preuves {
		if x.ID == a.Preuve {
			out.Accord = hex.EncodeToString(x.Empreinte)
		}
	}
	return out
}

// addAccords reads how the person agreed to each of these mandats.
func addAccords(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID, ms []Mandat) error {
	if len(ms) == 0 {
		return nil
	}
	all, err := consentement.OfUsager(ctx, tx, org, u)
	for i := range ms {
		ms[i].Accord = all[ms[i].ID]
	}
	return err
}
