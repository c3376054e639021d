package usager

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
)

// Registre receives identities. Sub derives what we assert to FranceConnect
// and, under another purpose, what finds a person again: it lives as long as
// the people, unlike the keys of codes and sessions.
type Registre struct {
	Sub     secret.Key
	Journal *journal.Journal
}

// Acte says in which act an identity is received.
type Acte struct {
	Aidant       ident.AidantID
	Organisation ident.OrganisationID
	Session      ident.SessionID
	Operation    ident.OperationID
}

const columns = `u.id, u.sub, u.version, i.id, i.given_name, i.given_name_array, i.family_name, i.preferred_username, i.gender, i.birthdate, i.birthplace, i.birthcountry, i.email`

func scan(s db.Scanner) (Usager, error) {
	var u Usager
	err := s.Scan(&u.ID, &u.Sub, &u.Version, &u.IdentiteID, &u.GivenName, (*listeTextes)(&u.GivenNames), &u.FamilyName, &u.PreferredUsername,
		&u.Gender, &u.Birthdate, &u.Birthplace, &u.Birthcountry, &u.Email)
	return u, err
}

// listeTextes is a list of texts as a column keeps it: a JSON array, which no
// statement looks into.
type listeTextes []string

// Value implements driver.Valuer.
func (l listeTextes) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal([]string(l))
	return string(b), err
}

// Scan implements sql.Scanner; an empty list is nil.
func (l *listeTextes) Scan(v any) error {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("list of texts: %T", v)
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return fmt.Errorf("list of texts: %w", err)
	}
	*l = nil
	if len(list) > 0 {
		*l = list
	}
	return nil
}

// Load reads a person with their current identity. Whether the caller may see
// them is the caller's rule.
func Load(ctx context.Context, tx *db.Tx, id ident.UsagerID) (Usager, error) {
	u, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM usager u JOIN identite i ON i.usager_id = u.id AND i.version = u.version WHERE u.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return u, fault.New(fault.NotFound, "usager_inconnu")
	}
	if err != nil {
		return u, fmt.Errorf("load usager: %w", err)
	}
	return u, nil
}

// LoadVersion reads one version of an identity, which never changes.
func LoadVersion(ctx context.Context, tx *db.Tx, id ident.IdentiteID) (Identite, error) {
	u, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM usager u JOIN identite i ON i.usager_id = u.id WHERE i.id = $1`, id))
	if err != nil {
		return Identite{}, fmt.Errorf("load identity version: %w", err)
	}
	return u.Identite, nil
}

// Receive records what FranceConnect just proved (FS-22 to FS-24): a person
// never seen is created, a changed identity becomes a new version, and the
// journal says so without any value. Two simultaneous first logins of one
// person give one usager (FS-23).
func (g *Registre) Receive(ctx context.Context, tx *db.Tx, r Recue, a Acte) (Usager, error) {
	empreinte := g.Sub.Digest("usager.sub_fc", r.SubFC)
	u := Usager{
		ID: ident.New[ident.UsagerID](), Version: 1, Identite: r.Identite,
		Sub: hex.EncodeToString(g.Sub.Digest("usager.sub", r.SubFC)),
	}
	// No conflict target: two first logins collide on sub as well.
	added, err := tx.Exec(ctx, `INSERT INTO usager (id, sub, sub_fc_empreinte, version, date_creation) VALUES ($1,$2,$3,1,$4)
		ON CONFLICT DO NOTHING`, u.ID, u.Sub, empreinte, tx.Now)
	if err != nil {
		return u, fmt.Errorf("insert usager: %w", err)
	}
	var ecarts []string
	if added == 1 {
		err = insertIdentite(ctx, tx, &u)
	} else {
		u, ecarts, err = g.update(ctx, tx, empreinte, r.Identite)
	}
	if err != nil {
		return u, err
	}
	emailChanged, err := keepEmail(ctx, tx, a.Organisation, u)
	if err != nil {
		return u, err
	}
	return u, g.Journal.Append(ctx, tx, entries(u, a, changement{added == 1, ecarts, emailChanged})...)
}

func (g *Registre) update(ctx context.Context, tx *db.Tx, empreinte []byte, received Identite) (Usager, []string, error) {
	u, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM usager u JOIN identite i ON i.usager_id = u.id AND i.version = u.version WHERE u.sub_fc_empreinte = $1`, empreinte))
	if err != nil {
		return u, nil, fmt.Errorf("load usager by sub: %w", err)
	}
	ecarts := u.Ecarts(received)
	if len(ecarts) == 0 {
		return u, nil, nil
	}
	u.Identite, u.Version = received, u.Version+1
	if _, err := tx.Exec(ctx, `UPDATE usager SET version = $2 WHERE id = $1 AND version = $2 - 1`, u.ID, u.Version); err != nil {
		return u, nil, fmt.Errorf("advance identity version: %w", err)
	}
	return u, ecarts, insertIdentite(ctx, tx, &u)
}

func insertIdentite(ctx context.Context, tx *db.Tx, u *Usager) error {
	u.IdentiteID = ident.New[ident.IdentiteID]()
	_, err := tx.Exec(ctx, `INSERT INTO identite (id, usager_id, version, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email, nom_tri, recherche_tri, date_creation, given_name_array)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)`,
		u.IdentiteID, u.ID, u.Version, u.GivenName, u.FamilyName, u.PreferredUsername, u.Gender, u.Birthdate,
		u.Birthplace, u.Birthcountry, u.Email, u.NomTri(), u.RechercheTri(), tx.Now, listeTextes(u.GivenNames))
	if err != nil {
		return fmt.Errorf("insert identity: %w", err)
	}
	return nil
}

// keepEmail stores the address FranceConnect gave as the contact this
// structure holds; it tells whether a former address was replaced.
func keepEmail(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u Usager) (bool, error) {
	if u.Email == "" {
		return false, nil
	}
	before, err := ContactEmail(ctx, tx, org, u.ID)
	if err != nil || before == u.Email {
		return false, err
	}
	return before != "", SetContactEmail(ctx, tx, org, u.ID, u.Email)
}

// ContactEmail is the address this structure holds for the person, "" if none.
func ContactEmail(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.UsagerID) (string, error) {
	var email string
	err := tx.QueryRow(ctx, `SELECT email FROM usager_contact WHERE organisation_id = $1 AND usager_id = $2`, org, id).Scan(&email)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read contact: %w", err)
	}
	return email, nil
}

// SetContactEmail stores the address this structure holds for the person. The
// journal line is the caller's: it knows who acts.
func SetContactEmail(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.UsagerID, email string) error {
	_, err := tx.Exec(ctx, `INSERT INTO usager_contact (organisation_id, usager_id, email, telephone, date_modification) VALUES ($1,$2,$3,'',$4)
		ON CONFLICT (organisation_id, usager_id) DO UPDATE SET email = excluded.email, date_modification = excluded.date_modification`, org, id, email, tx.Now)
	if err != nil {
		return fmt.Errorf("store contact: %w", err)
	}
	return nil
}

// changement is what a reception changed.
type changement struct {
	created      bool
	ecarts       []string
	emailChanged bool
}

func entries(u Usager, a Acte, c changement) []journal.Entry {
	line := func(f fait.Fait) journal.Entry {
		return journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Usager: u.ID,
			Session: a.Session, Operation: a.Operation, Fait: f,
		}
	}
	var out []journal.Entry
	if c.created {
		out = append(out, line(fait.CreateUsager{}))
	}
	if fields := slices.DeleteFunc(slices.Clone(c.ecarts), func(f string) bool { return f == "email" }); len(fields) > 0 {
		out = append(out, line(fait.UpdateIdentiteUsager{Champs: fields}))
	}
	if c.emailChanged {
		out = append(out, line(fait.UpdateEmailUsager{}))
	}
	return append(out, line(fait.FranceconnectUsager{}))
}
