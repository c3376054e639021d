package facteur

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

const (
	secoursNombre = 10
	// SecoursDuree is how long a printed recovery code serves.
	SecoursDuree = 365 * 24 * time.Hour
)

// randomDigits draws a code: every one is as likely as the others.
func randomDigits(n int) string {
	top := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, err := rand.Int(rand.Reader, top)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return fmt.Sprintf("%0*d", n, v)
}

func (c *Coffre) secoursDigest(aidant ident.AidantID, code string) []byte {
	return c.Empreintes.Digest("facteur.secours", aidant.String()+"/"+code)
}

// CreateRecoveryCodes gives the account ten new codes, shown once; the former
// ones end. It is refused to an account without a factor: the codes replace a
// factor for a moment, they are not one.
func (c *Coffre) CreateRecoveryCodes(ctx context.Context, tx *db.Tx, par Par, aidant ident.AidantID) ([]secret.Text, error) {
	m, err := Load(ctx, tx, aidant)
	if err != nil {
		return nil, err
	}
	if !m.Confirmed() {
		return nil, fault.New(fault.Conflict, "sans_facteur")
	}
	codes := make([]secret.Text, secoursNombre)
	digests := make([][]byte, secoursNombre)
	for i := range codes {
		code := randomDigits(secoursTaille)
		codes[i], digests[i] = secret.Text(formatSecours(code)), c.secoursDigest(aidant, code)
	}
	lot, err := replaceSecours(ctx, tx, aidant, digests)
	if err != nil {
		return nil, err
	}
	phrase := fmt.Sprintf("%d codes de secours ont été créés pour votre compte le %s, %s. Les précédents ne servent plus.", secoursNombre, web.DateHeure(tx.Now.Time()), par.words(aidant))
	if err := c.tellRecovery(ctx, tx, aidant, "secours/"+lot.String(), phrase); err != nil {
		return nil, err
	}
	return codes, c.Journal.Append(ctx, tx, par.line(aidant, fait.CreateCodesSecours{Nombre: secoursNombre}))
}

// trySecours consumes a recovery code, with its line and its mail.
func (c *Coffre) trySecours(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code string) (Resultat, error) {
	id, left, ok, err := takeSecours(ctx, tx, aidant, c.secoursDigest(aidant, code))
	if err != nil || !ok {
		return Resultat{Motif: "code_faux"}, err
	}
	phrase := fmt.Sprintf("Un de vos codes de secours a servi le %s. %s", web.DateHeure(tx.Now.Time()), phraseRestants(left))
	if err := c.tellRecovery(ctx, tx, aidant, "secours/servi/"+id.String(), phrase); err != nil {
		return Resultat{}, err
	}
	err = c.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: aidant, Fait: fait.UseCodeSecours{Restants: left}})
	return Resultat{Accepte: true, Facteur: id, Genre: Secours, Restants: left}, err
}
