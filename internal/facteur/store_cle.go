package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/webauthn"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// cle is a passkey or a security key, as its row holds it.
type cle struct {
	id                    ident.FacteurID
	aidant                ident.AidantID
	identifiant, publique []byte
	compteur              int64
	aaguid                []byte
	transports            string
	sauvegardable         bool
	sauvegardee           bool
}

const cleColumns = `k.id, k.aidant_id, k.identifiant, k.cle_publique, k.compteur, k.aaguid, k.transports, k.sauvegardable, k.sauvegardee`

func scanCle(s db.Scanner) (k cle, err error) {
	err = s.Scan(&k.id, &k.aidant, &k.identifiant, &k.publique, &k.compteur, &k.aaguid, &k.transports, &k.sauvegardable, &k.sauvegardee)
	return k, err
}

func loadCles(ctx context.Context, tx *db.Tx, aidant ident.AidantID) ([]cle, error) {
	rows, err := tx.Query(ctx, `SELECT `+cleColumns+` FROM facteur_cle k WHERE k.aidant_id = $1 ORDER BY k.id`, aidant)
	ks, err := db.Collect(rows, err, scanCle)
	if err != nil {
		return nil, fmt.Errorf("load keys: %w", err)
	}
	return ks, nil
}

// loadCle finds the key that a browser names, of an open account.
//
// reads: aidant
func loadCle(ctx context.Context, tx *db.Tx, identifiant []byte) (cle, error) {
	k, err := scanCle(tx.QueryRow(ctx, `SELECT `+cleColumns+` FROM facteur_cle k JOIN aidant a ON a.id = k.aidant_id WHERE k.identifiant = $1 AND a.actif`, identifiant))
	if errors.Is(err, sql.ErrNoRows) {
		return k, refusedKey(nil)
	}
	if err != nil {
		return k, fmt.Errorf("load key: %w", err)
	}
	return k, nil
}

func insertCle(ctx context.Context, tx *db.Tx, aidant ident.AidantID, c *webauthn.Credential, nom string) (ident.FacteurID, error) {
	id := ident.New[ident.FacteurID]()
	names := make([]string, len(c.Transport))
	for i, t := range c.Transport {
		names[i] = string(t)
	}
	n, err := tx.Exec(ctx, `INSERT INTO facteur_cle (id, aidant_id, identifiant, cle_publique, compteur, aaguid, transports, sauvegardable, sauvegardee, nom, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (identifiant) DO NOTHING`,
		id, aidant, c.ID, c.PublicKey, int64(c.Authenticator.SignCount), notNil(c.Authenticator.AAGUID), strings.Join(names, ","),
		c.Flags.BackupEligible, c.Flags.BackupState, nom, tx.Now)
	if err != nil {
		return id, fmt.Errorf("insert key: %w", err)
	}
	if n == 0 { // known already, whoever has it
		return id, refusedKey(nil)
	}
	return id, nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// useCle keeps the counter and the backup state of an accepted assertion. A
// counter that another assertion has moved meanwhile refuses this one.
func useCle(ctx context.Context, tx *db.Tx, k cle, c *webauthn.Credential) error {
	n, err := tx.Exec(ctx, `UPDATE facteur_cle SET compteur = $3, sauvegardee = $4, date_usage = $5 WHERE id = $1 AND compteur = $2`,
		k.id, k.compteur, int64(c.Authenticator.SignCount), c.Flags.BackupState, tx.Now)
	if err != nil {
		return fmt.Errorf("note the use of a key: %w", err)
	}
	if n == 0 {
		return refusedKey(nil)
	}
	return nil
}

type defi struct {
	compte           ident.AidantID
	ajout            bool
	donnees, options []byte
}

func insertDefi(ctx context.Context, tx *db.Tx, id ident.DefiID, d defi) error {
	_, err := tx.Exec(ctx, `INSERT INTO facteur_defi (id, aidant_id, ajout, donnees, options, date_expiration) VALUES ($1,$2,$3,$4,$5,$6)`,
		id, d.compte, d.ajout, d.donnees, d.options, tx.Now.Add(DefiDuree))
	if err != nil {
		return fmt.Errorf("store challenge: %w", err)
	}
	return nil
}

// LoadDefi reads a live challenge of this account, for its page; any other is
// refused as a key would be.
func LoadDefi(ctx context.Context, tx *db.Tx, id ident.DefiID, aidant ident.AidantID) (d Defi, err error) {
	var options []byte
	err = tx.QueryRow(ctx, `SELECT options FROM facteur_defi WHERE id = $1 AND aidant_id = $2 AND date_expiration > $3`, id, aidant, tx.Now).Scan(&options)
	if errors.Is(err, sql.ErrNoRows) {
		return d, refusedKey(nil)
	}
	if err != nil {
		return d, fmt.Errorf("load challenge: %w", err)
	}
	return Defi{id, string(options)}, nil
}

// deleteDefi takes a challenge out, if it is live and made for this.
func deleteDefi(ctx context.Context, tx *db.Tx, id ident.DefiID, ajout bool) (d defi, ok bool, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM facteur_defi WHERE id = $1 AND ajout = $2 AND date_expiration > $3 RETURNING aidant_id, donnees`, id, ajout, tx.Now).
		Scan(&d.compte, &d.donnees)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("consume challenge: %w", err)
	}
	return d, true, nil
}
