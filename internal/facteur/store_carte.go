package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// carte is a card of the stock, as its row holds it.
type carte struct {
	id        ident.CarteID
	serie     string
	graine    []byte // sealed
	enService bool
	titulaire ident.AidantID // zero: in stock
	facteur   ident.FacteurID
	validee   bool
	creation  db.Time
}

const carteColumns = `c.id, c.numero_serie, c.graine, c.en_service, f.aidant_id, f.id, f.date_confirmation IS NOT NULL, c.date_creation`

func scanCarte(s db.Scanner) (k carte, err error) {
	err = s.Scan(&k.id, &k.serie, &k.graine, &k.enService, &k.titulaire, &k.facteur, &k.validee, &k.creation)
	return k, err
}

func loadCarte(ctx context.Context, tx *db.Tx, serie string) (k carte, found bool, err error) {
	k, err = scanCarte(tx.QueryRow(ctx, `SELECT `+carteColumns+` FROM carte c LEFT JOIN facteur f ON f.carte_id = c.id WHERE c.numero_serie = $1`, serie))
	if errors.Is(err, sql.ErrNoRows) {
		return k, false, nil
	}
	if err != nil {
		return k, false, fmt.Errorf("load card: %w", err)
	}
	return k, true, nil
}

// CarteEtat is a card of the stock as the operator's team sees it: no secret.
type CarteEtat struct {
	NumeroSerie string
	EnService   bool
	Titulaire   ident.AidantID  // zero: in stock
	Facteur     ident.FacteurID // to unlink it, with Remove
	Validee     bool
	DateImport  time.Time
}

// Etat names the state of a card (comptes 3.3).
func (k CarteEtat) Etat() string {
	switch {
	case k.Titulaire.IsZero() && !k.EnService:
		return "hors service"
	case k.Titulaire.IsZero():
		return "en stock"
	case !k.Validee:
		return "liée, à valider"
	}
	return "validée"
}

// FindCard gives one card of the stock by its number; fault.NotFound otherwise.
// For the operator's team.
func FindCard(ctx context.Context, tx *db.Tx, serie string) (CarteEtat, error) {
	serie, _ = NormalizeSerie(serie)
	k, found, err := loadCarte(ctx, tx, serie)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "carte_inconnue")
	}
	return CarteEtat{k.serie, k.enService, k.titulaire, k.facteur, k.validee, k.creation.Time()}, err
}

// Stock counts the cards by state. For the operator's team.
func Stock(ctx context.Context, tx *db.Tx) (enStock, liees, horsService int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE f.id IS NULL AND c.en_service), count(*) FILTER (WHERE f.id IS NOT NULL), count(*) FILTER (WHERE f.id IS NULL AND NOT c.en_service)
		FROM carte c LEFT JOIN facteur f ON f.carte_id = c.id`).Scan(&enStock, &liees, &horsService)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count cards: %w", err)
	}
	return enStock, liees, horsService, nil
}

func insertCarte(ctx context.Context, tx *db.Tx, k carte) error {
	_, err := tx.Exec(ctx, `INSERT INTO carte (id, numero_serie, graine, en_service, date_creation, date_modification) VALUES ($1,$2,$3,$4,$5,$5)`,
		k.id, k.serie, k.graine, true, tx.Now)
	if err != nil {
		return fmt.Errorf("insert card: %w", err)
	}
	return nil
}

func updateCarte(ctx context.Context, tx *db.Tx, id ident.CarteID, graine []byte) error {
	if _, err := tx.Exec(ctx, `UPDATE carte SET graine = $2, date_modification = $3 WHERE id = $1`, id, graine, tx.Now); err != nil {
		return fmt.Errorf("change card: %w", err)
	}
	return nil
}

func setService(ctx context.Context, tx *db.Tx, id ident.CarteID, enService bool) error {
	if _, err := tx.Exec(ctx, `UPDATE carte SET en_service = $2, date_modification = $3 WHERE id = $1`, id, enService, tx.Now); err != nil {
		return fmt.Errorf("set card service: %w", err)
	}
	return nil
}

// loadOneTOTP reads a factor that shows codes, confirmed or not.
func loadOneTOTP(ctx context.Context, tx *db.Tx, id ident.FacteurID) (totp, error) {
	f, err := scanTOTP(tx.QueryRow(ctx, `SELECT id, genre, graine, pas_secondes, dernier_pas, derive, calage FROM facteur WHERE id = $1`, id))
	if err != nil {
		return f, fmt.Errorf("load factor: %w", err)
	}
	return f, nil
}

// confirmFacteur marks a linked card as validated; once.
func confirmFacteur(ctx context.Context, tx *db.Tx, id ident.FacteurID) error {
	n, err := tx.Exec(ctx, `UPDATE facteur SET date_confirmation = $2 WHERE id = $1 AND date_confirmation IS NULL`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("confirm factor: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "carte_a_valider")
	}
	return nil
}
