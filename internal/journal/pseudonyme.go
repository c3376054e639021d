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
// identifier: the table alone says nothing, and, identifiers being ordered by
// time, two first uses at once would fall on one page of the index and make
// PostgreSQL's serializable transactions refuse one another.
func (j *Journal) empreinte(p personne) string {
	return string(j.key.Digest("journal.personne", p.genre+"|"+p.id))
}

// pseudonymes gives everybody's pseudonym, making the missing keys.
func (j *Journal) pseudonymes(ctx context.Context, tx *db.Tx, all []personne) (map[personne]string, error) {
	noms := make(map[personne]string, len(all))
	for len(all) > 0 {
		lot := all[:min(len(all), parLot)]
		all = all[len(lot):]
		cles, err := j.clesOf(ctx, tx, lot)
		if err != nil {
			return nil, err
		}
		for _, p := range lot {
			if noms[p], err = j.nom(ctx, tx, p, cles[j.empreinte(p)]); err != nil {
				return nil, err
			}
		}
	}
	return noms, nil
}

func (j *Journal) clesOf(ctx context.Context, tx *db.Tx, lot []personne) (map[string][]byte, error) {
	var want [parLot]string
	for i := range want {
		want[i] = j.empreinte(lot[min(i, len(lot)-1)]) // the last one again, to fill
	}
	return selectPseudonymes(ctx, tx, want)
}

// nom opens the sealed key of a person, or makes one.
func (j *Journal) nom(ctx context.Context, tx *db.Tx, p personne, sealed []byte) (string, error) {
	e := j.empreinte(p)
	if sealed == nil {
		fresh := secret.Random(sha256.Size)
		mine, err := j.box.Seal(fresh, sealContext(e))
		if err != nil {
			return "", fmt.Errorf("seal pseudonym key: %w", err)
		}
		inserted, err := insertPseudonyme(ctx, tx, e, p.genre, mine)
		if err != nil {
			return "", err
		}
		if inserted {
			return pseudonym(fresh, p), nil
		}
		// Another transaction was first: its key is everybody's.
		again, err := j.clesOf(ctx, tx, []personne{p})
		if err != nil {
			return "", err
		}
		if sealed = again[e]; sealed == nil {
			return "", errors.New("a pseudonym key is neither absent nor visible")
		}
	}
	cle, err := j.box.Open(sealed, sealContext(e))
	if err != nil {
		return "", fmt.Errorf("open pseudonym key: %w", err)
	}
	return pseudonym(cle, p), nil
}

func sealContext(empreinte string) string {
	return "journal_pseudonyme/" + hex.EncodeToString([]byte(empreinte))
}

// lookup is nom for reading: "" when the person is in no line, or forgotten.
func (j *Journal) lookup(ctx context.Context, tx *db.Tx, p personne) (string, error) {
	if p == (personne{}) {
		return "", nil
	}
	cles, err := j.clesOf(ctx, tx, []personne{p})
	if err != nil || cles[j.empreinte(p)] == nil {
		return "", err
	}
	return j.nom(ctx, tx, p, cles[j.empreinte(p)])
}

// ForgetUsager destroys the pseudonym key of a usager: the lines stay and are
// nobody's (mandats.md 16). A line written later would be a stranger's.
func (j *Journal) ForgetUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	return deletePseudonyme(ctx, tx, j.empreinte(usagerPersonne(id)))
}

// ForgetAidant is ForgetUsager for a professional.
func (j *Journal) ForgetAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	return deletePseudonyme(ctx, tx, j.empreinte(aidantPersonne(id)))
}
