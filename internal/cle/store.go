package cle

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"

	"aidantsconnect/internal/db"
)

// insertFirst stores k as the key that signs, unless another already does.
func (t *Trousseau) insertFirst(ctx context.Context, tx *db.Tx, k Cle) error {
	sealed, spki, err := t.seal(k)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO cle_signature (kid, usage, algorithme, prive, publique, etat, date_creation, date_activation)
		VALUES ($1, $2, $3, $4, $5, 'active', $6, $6) ON CONFLICT DO NOTHING`, k.Kid, k.Usage, k.Alg, sealed, spki, tx.Now)
	return err
}

// insertNext stores k as the key that waits; false when one waits already, or
// when none signs that it could replace.
func (t *Trousseau) insertNext(ctx context.Context, tx *db.Tx, k Cle) (bool, error) {
	sealed, spki, err := t.seal(k)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO cle_signature (kid, usage, algorithme, prive, publique, etat, date_creation)
		SELECT $1, a.usage, $3, $4, $5, 'suivante', $6 FROM cle_signature a WHERE a.usage = $2 AND a.etat = 'active'
		ON CONFLICT DO NOTHING`, k.Kid, k.Usage, k.Alg, sealed, spki, tx.Now)
	return n == 1, err
}

// promote retires the keys whose successor has waited its notice, then lets
// the successors sign; in that order, because only one signs at any instant.
func promote(ctx context.Context, tx *db.Tx) (int, error) {
	due := tx.Now.Add(-preavis)
	_, err := tx.Exec(ctx, `UPDATE cle_signature SET etat = 'retiree', date_retrait = $1
		WHERE etat = 'active' AND usage IN (SELECT s.usage FROM cle_signature s WHERE s.etat = 'suivante' AND s.date_creation <= $2)`, tx.Now, due)
	if err != nil {
		return 0, fmt.Errorf("retire signing keys: %w", err)
	}
	n, err := tx.Exec(ctx, `UPDATE cle_signature SET etat = 'active', date_activation = $1 WHERE etat = 'suivante' AND date_creation <= $2`, tx.Now, due)
	if err != nil {
		return 0, fmt.Errorf("promote signing keys: %w", err)
	}
	return int(n), nil
}

// seal gives the two halves of a key as they are stored.
func (t *Trousseau) seal(k Cle) (sealed, spki []byte, err error) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k.Signer)
	if err != nil {
		return nil, nil, fmt.Errorf("encode private key: %w", err)
	}
	spki, err = x509.MarshalPKIXPublicKey(k.Public)
	if err != nil {
		return nil, nil, fmt.Errorf("encode public key: %w", err)
	}
	sealed, err = t.box.Seal(pkcs8, sealContext(k.Kid))
	if err != nil {
		return nil, nil, fmt.Errorf("seal private key: %w", err)
	}
	return sealed, spki, nil
}

// all reads every key, oldest first.
func (t *Trousseau) all(ctx context.Context, tx *db.Tx) ([]Cle, error) {
	rows, err := tx.Query(ctx, `SELECT kid, usage, algorithme, prive, publique, etat, date_creation, date_activation, date_retrait
		FROM cle_signature ORDER BY date_creation, kid`)
	return db.Collect(rows, err, t.scan)
}

func (t *Trousseau) scan(s db.Scanner) (Cle, error) {
	var k Cle
	var sealed, spki []byte
	var creation, activation, retrait db.Time
	if err := s.Scan(&k.Kid, &k.Usage, &k.Alg, &sealed, &spki, &k.Etat, &creation, &activation, &retrait); err != nil {
		return Cle{}, err
	}
	k.DateCreation, k.DateActivation, k.DateRetrait = creation.Time(), activation.Time(), retrait.Time()
	if k.Kid != kidOf(spki) || k.Alg != algs[k.Usage] {
		return Cle{}, fmt.Errorf("key %s: not the key its row says", k.Kid)
	}
	pkcs8, err := t.box.Open(sealed, sealContext(k.Kid))
	if err != nil {
		return Cle{}, fmt.Errorf("key %s: %w", k.Kid, err)
	}
	if k.Signer, err = parse(k.Usage, pkcs8, spki); err != nil {
		return Cle{}, fmt.Errorf("key %s: %w", k.Kid, err)
	}
	k.Public = k.Signer.Public()
	return k, nil
}

// sealContext ties the sealed half to its row.
func sealContext(kid string) string { return "cle/" + kid }

// PublicKeys reads the public halves of a usage without any secret, oldest
// first: for those who verify and cannot sign.
func PublicKeys(ctx context.Context, tx *db.Tx, usage string) ([]crypto.PublicKey, error) {
	rows, err := tx.Query(ctx, `SELECT publique FROM cle_signature WHERE usage = $1 ORDER BY date_creation, kid`, usage)
	return db.Collect(rows, err, func(s db.Scanner) (crypto.PublicKey, error) {
		var spki []byte
		if err := s.Scan(&spki); err != nil {
			return nil, err
		}
		return x509.ParsePKIXPublicKey(spki)
	})
}
