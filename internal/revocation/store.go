package revocation

import (
	"context"
	"fmt"
	"strings"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/tri"
	"aidantsconnect/internal/usager"
)

// candidats bounds the mandats of a structure that a name is compared with.
const candidats = 40

// find gives the mandats that a request may be about: that of its code, ended or
// not, or those in force of its structure, of one person alone. None when the
// name is not theirs.
func find(ctx context.Context, tx *db.Tx, q Recherche) (out []mandat.Mandat, err error) {
	all, err := compared(ctx, tx, q)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 { // the same work as for a code that is there
		attestation.SameName(usager.Identite{FamilyName: "-", GivenName: "-"}, q.Nom, q.Prenom)
	}
	for _, m := range all {
		if !attestation.SameName(m.Identite, q.Nom, q.Prenom) {
			continue
		}
		if len(out) > 0 && out[0].Usager != m.Usager {
			return nil, fault.Form(fault.Fields{"code": "Plusieurs personnes de cette structure portent ce nom : il faut le code du mandat. Demandez-le à la personne ou à la structure."})
		}
		out = append(out, m)
	}
	return out, nil
}

func compared(ctx context.Context, tx *db.Tx, q Recherche) ([]mandat.Mandat, error) {
	if q.Code != "" {
		m, err := mandat.OfCode(ctx, tx, q.Code)
		if fault.Is(err, fault.NotFound) {
			return nil, nil
		}
		return []mandat.Mandat{m}, err
	}
	o, err := organisation.LoadBySiret(ctx, tx, q.Siret)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return named(ctx, tx, o.ID, q)
}

const vivante = mandat.VivanteSQL

// named gives the mandats in force of a structure whose person has such words
// in her names.
//
// reads: mandat_relation, mandat, autorisation
func named(ctx context.Context, tx *db.Tx, org ident.OrganisationID, q Recherche) ([]mandat.Mandat, error) {
	nom, prenom := tri.Words(q.Nom, 1), tri.Words(q.Prenom, 1)
	if len(nom) == 0 || len(prenom) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT m.id FROM mandat_relation r JOIN mandat m ON m.organisation_id = r.organisation_id AND m.usager_id = r.usager_id
		WHERE r.organisation_id = $1 AND r.recherche_tri LIKE '%' || $2 || '%' AND r.recherche_tri LIKE '%' || $3 || '%'
			AND EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = m.id AND `+vivante+`$4))
		ORDER BY m.date_creation DESC, m.id DESC LIMIT $5`, org, nom[0], prenom[0], tx.Now, candidats)
	ids, err := db.Collect(rows, err, func(s db.Scanner) (id ident.MandatID, err error) { return id, s.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("find mandats of a name: %w", err)
	}
	out := make([]mandat.Mandat, len(ids))
	for i, id := range ids {
		if out[i], err = mandat.Load(ctx, tx, org, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// The ticket lists the mandats found: for the page of one, exactly one.

func ticket(ms []mandat.Mandat) string {
	codes := make([]string, len(ms))
	for i, m := range ms {
		codes[i] = m.CodePublic
	}
	return strings.Join(codes, ",")
}

// ofTicket reads the mandats again.
func ofTicket(ctx context.Context, tx *db.Tx, s string) (out []mandat.Mandat, err error) {
	for code := range strings.SplitSeq(s, ",") {
		if code == "" {
			continue
		}
		m, err := mandat.OfCode(ctx, tx, code)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}
