package referent

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// portee is the whole right of a référent over people, in one place: the
// account is open and référent of the structure now, the structure is open,
// the person belongs to it now. $1 the référent, $2 the structure, $3 now; $4, when
// it is there, the person.
//
// reads: referent, aidant, organisation, appartenance, facteur, facteur_cle, facteur_invitation, acceptation, mandat
const portee = `
	FROM referent r
	JOIN aidant moi ON moi.id = r.aidant_id AND moi.actif
	JOIN organisation o ON o.id = r.organisation_id AND o.active
	JOIN appartenance p ON p.organisation_id = o.id AND p.date_fin IS NULL
	JOIN aidant a ON a.id = p.aidant_id
	WHERE r.aidant_id = $1 AND r.organisation_id = $2 AND r.date_fin IS NULL AND a.date_archive IS NULL`

const colonnes = `a.id, a.prenom, a.nom, a.email, a.profession, a.actif, a.habilite, a.referent_non_aidant, a.role_gestion <> '', a.id = r.aidant_id,
	p.date_debut, a.date_connexion,
	EXISTS (SELECT 1 FROM referent x WHERE x.aidant_id = a.id AND x.organisation_id = o.id AND x.date_fin IS NULL),
	(SELECT string_agg(f.id || ':' || f.genre || ':' || CASE WHEN f.date_confirmation IS NULL THEN '0' ELSE '1' END, ',') FROM facteur f WHERE f.aidant_id = a.id),
	(SELECT string_agg(k.id || ':passkey:1', ',') FROM facteur_cle k WHERE k.aidant_id = a.id),
	EXISTS (SELECT 1 FROM facteur_invitation i WHERE i.aidant_id = a.id AND i.date_expiration > $3),
	EXISTS (SELECT 1 FROM acceptation c WHERE c.aidant_id = a.id AND c.document = 'cgu'),
	EXISTS (SELECT 1 FROM mandat m WHERE m.aidant_id = a.id AND m.organisation_id = o.id),
	(SELECT count(*) FROM appartenance q WHERE q.aidant_id = a.id AND q.date_fin IS NULL)`

func scan(s db.Scanner) (Membre, error) {
	var m Membre
	var depuis, connexion db.Time
	var facteurs, cles sql.NullString
	err := s.Scan(&m.ID, &m.Prenom, &m.Nom, &m.Email, &m.Profession, &m.Actif, &m.Habilite, &m.NonAidant, &m.Equipe, &m.Moi,
		&depuis, &connexion, &m.Referent, &facteurs, &cles, &m.Invite, &m.CGU, &m.AMandat, &m.Structures)
	m.Depuis, m.DateConnexion = depuis.Time(), connexion.Time()
	m.Facteurs = parseFacteurs(facteurs.String + "," + cles.String)
	return m, err
}

// resolve reads a person through the référent and the current structure, by
// one query; no row is a 404 (A-W1).
func resolve(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.AidantID) (Membre, error) {
	m, err := scan(tx.QueryRow(ctx, `SELECT `+colonnes+portee+` AND a.id = $4`, a.Aidant, a.Organisation, tx.Now, id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, fault.New(fault.NotFound, "hors_portee")
	}
	if err != nil {
		return m, fmt.Errorf("resolve person: %w", err)
	}
	return m, nil
}

// membres gives the people of the structure, by name.
func membres(ctx context.Context, tx *db.Tx, a actor.Actor) ([]Membre, error) {
	rows, err := tx.Query(ctx, `SELECT `+colonnes+portee+` ORDER BY a.nom_tri, a.id`, a.Aidant, a.Organisation, tx.Now)
	ms, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return ms, nil
}

// Structure is a structure, as a référent shows it.
type structure struct {
	ID     ident.OrganisationID
	Nom    string
	Geree  bool // by the référent who looks
	Membre bool // the person belongs to it
}

// enCommun gives the structures that the référent manages, with those among
// them to which the person belongs. Nothing is said of the others.
//
// reads: referent, organisation, appartenance
func enCommun(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.AidantID) ([]structure, error) {
	rows, err := tx.Query(ctx, `SELECT o.id, o.nom,
			EXISTS (SELECT 1 FROM appartenance p WHERE p.organisation_id = o.id AND p.aidant_id = $2 AND p.date_fin IS NULL)
		FROM referent r JOIN organisation o ON o.id = r.organisation_id AND o.active
		WHERE r.aidant_id = $1 AND r.date_fin IS NULL ORDER BY o.nom_tri, o.id`, a.Aidant, id)
	return db.Collect(rows, err, func(s db.Scanner) (st structure, err error) {
		st.Geree = true
		return st, s.Scan(&st.ID, &st.Nom, &st.Membre)
	})
}
