package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// personne is who a pseudonym stands for. The zero personne is nobody, whose
// pseudonym is "".
type personne struct{ genre, id string }

func aidantPersonne(id ident.AidantID) personne {
	if id.IsZero() {
		return personne{}
	}
	return personne{"aidant", id.String()}
}

func usagerPersonne(id ident.UsagerID) personne {
	if id.IsZero() {
		return personne{}
	}
	return personne{"usager", id.String()}
}

// personnesOf lists the people of a batch, each once.
func personnesOf(entries []Entry) []personne {
	var out []personne
	seen := map[personne]bool{{}: true}
	for _, e := range entries {
		for _, p := range []personne{aidantPersonne(e.Aidant), aidantPersonne(e.Concerne), usagerPersonne(e.Usager)} {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// pseudonym is what stands for a person in the lines: without the person's own
// random key nobody, not even with the program's keys, can tell whose it is.
func pseudonym(cle []byte, p personne) string {
	m := hmac.New(sha256.New, cle)
	m.Write([]byte(p.genre + "|" + p.id))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// empreinte is the key of a person's row. A keyed digest rather than the
// identifier: the table alone says nothing, and new rows fall anywhere in the
// index, so that PostgreSQL's serializable transactions seldom meet there.
func (j *Journal) empreinte(p personne) string {
	return string(j.key.Digest("journal.personne", p.genre+"|"+p.id))
}

// pseudonymes gives everybody's pseudonym, making the missing keys.
func (j *Journal) pseudonymes(ctx context.Context, tx *db.Tx, all []personne) (map[personne]string, error) {
	noms := make(map[personne]string, len(all))
	for _, p := range all {
		nom, err := j.nom(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		noms[p] = nom
	}
	return noms, nil
}

// nom gives a person's pseudonym. When it is not remembered a new key is
// inserted before any reading: see connus. If the person had one, that one is
// everybody's.
func (j *Journal) nom(ctx context.Context, tx *db.Tx, p personne) (string, error) {
	e := j.empreinte(p)
	if nom, ok := j.connus.get(e, tx); ok {
		return nom, nil
	}
	fresh := secret.Random(sha256.Size)
	sealed, err := j.box.Seal(fresh, sealContext(e))
	if err != nil {
		return "", fmt.Errorf("seal pseudonym key: %w", err)
	}
	inserted, err := insertPseudonyme(ctx, tx, e, p.genre, sealed)
	if err != nil {
		return "", err
	}
	if inserted {
		nom := pseudonym(fresh, p)
		j.connus.inserted(e, nom, tx)
		return nom, nil
	}
	nom, err := j.read(ctx, tx, p)
	if err == nil && nom == "" {
		err = errors.New("a pseudonym key is neither absent nor visible")
	}
	if err != nil {
		return "", err
	}
	j.connus.found(e, nom, tx)
	return nom, nil
}

// read gives the stored pseudonym of a person: "" when they are nobody, in no
// line, or forgotten.
func (j *Journal) read(ctx context.Context, tx *db.Tx, p personne) (string, error) {
	if p == (personne{}) {
		return "", nil
	}
	e := j.empreinte(p)
	sealed, err := selectPseudonyme(ctx, tx, e)
	if err != nil || sealed == nil {
		return "", err
	}
	cle, err := j.box.Open(sealed, sealContext(e))
	if err != nil {
		return "", fmt.Errorf("open pseudonym key: %w", err)
	}
	return pseudonym(cle, p), nil
}

// Carnet knows every pseudonym at once, for who compares all the lines with all
// the people: one reading instead of one for each.
type Carnet struct {
	j    *Journal
	cles map[string][]byte // sealed, by the digest of who they are of
}

// Carnet reads them.
func (j *Journal) Carnet(ctx context.Context, tx *db.Tx) (*Carnet, error) {
	cles, err := selectPseudonymes(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read pseudonym keys: %w", err)
	}
	return &Carnet{j, cles}, nil
}

// Aidant is PseudonymeAidant.
func (c *Carnet) Aidant(id ident.AidantID) (string, error) { return c.nom(aidantPersonne(id)) }

// Usager is PseudonymeUsager.
func (c *Carnet) Usager(id ident.UsagerID) (string, error) { return c.nom(usagerPersonne(id)) }

func (c *Carnet) nom(p personne) (string, error) {
	e := c.j.empreinte(p)
	sealed := c.cles[e]
	if sealed == nil {
		return "", nil
	}
	cle, err := c.j.box.Open(sealed, sealContext(e))
	if err != nil {
		return "", fmt.Errorf("open pseudonym key: %w", err)
	}
	return pseudonym(cle, p), nil
}

func sealContext(empreinte string) string {
	return "journal_pseudonyme/" + hex.EncodeToString([]byte(empreinte))
}

// ForgetUsager destroys the pseudonym key of a usager: the lines stay and are
// nobody's (mandats.md 16). A line written later would be a stranger's.
func (j *Journal) ForgetUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	return j.forget(ctx, tx, usagerPersonne(id))
}

// ForgetAidant is ForgetUsager for a professional.
func (j *Journal) ForgetAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	return j.forget(ctx, tx, aidantPersonne(id))
}

func (j *Journal) forget(ctx context.Context, tx *db.Tx, p personne) error {
	j.connus.forget(j.empreinte(p))
	return deletePseudonyme(ctx, tx, j.empreinte(p))
}
