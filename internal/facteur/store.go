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
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Coffre opens the sealed seeds. Nobody but the owner ever sees one (A-W11).
// Without an Outbox it tells nobody: that is for commands of the operator.
type Coffre struct {
	Champs     *secret.Box
	Journal    *journal.Journal
	Outbox     *outbox.Outbox
	Empreintes secret.Key
	Site       web.Site

	// CloseOthers ends the web sessions of an account but one (none is kept for
	// the zero identifier): connexion gives it, and Remove calls it.
	CloseOthers func(ctx context.Context, tx *db.Tx, aidant ident.AidantID, keep ident.SessionID) error

	exemple func(outbox.Message) // takes the mails instead of the queue: see Modeles
}

// totp is a factor that shows codes, with what judges them.
type totp struct {
	id      ident.FacteurID
	genre   Genre
	graine  []byte // sealed
	pas     int64
	dernier int64
	derive  int64
	calage  int64
}

// essai counts the attempts of an account.
type essai struct {
	echecs            int64
	prochain          db.Time
	avis, resyncDebut db.Time
	resyncNombre      int64
}

// EnrolApplication gives the account a confirmed TOTP application from its
// secret. Bootstrap and demo only: an aidant enrols alone.
func (c *Coffre) EnrolApplication(ctx context.Context, tx *db.Tx, aidant ident.AidantID, graine []byte) error {
	if _, err := c.insertTOTP(ctx, tx, aidant, nouveauTOTP{genre: Application, graine: graine, secondes: 30, confirme: true}); err != nil {
		return err
	}
	return c.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Concerne: aidant, Fait: fait.ConfirmFacteur{Genre: string(Application)},
	})
}

type nouveauTOTP struct {
	genre    Genre
	graine   []byte
	secondes int64
	dernier  int64 // step of the code that confirmed it
	derive   int64
	nom      string
	confirme bool
	carte    ident.CarteID // zero for an application
}

func (c *Coffre) insertTOTP(ctx context.Context, tx *db.Tx, aidant ident.AidantID, n nouveauTOTP) (ident.FacteurID, error) {
	id := ident.New[ident.FacteurID]()
	sealed, err := c.Champs.Seal(n.graine, "facteur/"+id.String())
	if err != nil {
		return id, fmt.Errorf("seal seed: %w", err)
	}
	var confirmation db.Time
	if n.confirme {
		confirmation = tx.Now
	}
	added, err := tx.Exec(ctx, `INSERT INTO facteur (id, aidant_id, genre, graine, pas_secondes, dernier_pas, derive, nom, carte_id, date_creation, date_confirmation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT DO NOTHING`, id, aidant, string(n.genre), sealed, n.secondes, n.dernier, n.derive, n.nom, n.carte, tx.Now, confirmation)
	if err != nil {
		return id, fmt.Errorf("insert factor: %w", err)
	}
	if added == 0 { // the card went to somebody else meanwhile, or the account has one
		return id, fault.New(fault.Conflict, "carte_prise")
	}
	return id, nil
}

// Verify judges one code against every confirmed factor of the account, or
// against its recovery codes when it has their length; it counts one attempt
// whatever their number (A-W8). A refusal writes the count of failures: the
// caller commits it and does nothing else. An acceptance consumes the code in
// the caller's transaction, so that a code serves once even in parallel, and is
// given back if the act fails.
func (c *Coffre) Verify(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code string) (Resultat, error) {
	e, err := loadEssai(ctx, tx, aidant)
	if err != nil {
		return Resultat{}, err
	}
	if tx.Now.Before(e.prochain) {
		return Resultat{Motif: "delai", Prochain: e.prochain.Time()}, nil
	}
	res, err := c.judge(ctx, tx, aidant, code)
	if err != nil {
		return Resultat{}, err
	}
	return c.count(ctx, tx, aidant, e, res)
}

// count records the outcome of an attempt.
func (c *Coffre) count(ctx context.Context, tx *db.Tx, aidant ident.AidantID, e essai, res Resultat) (Resultat, error) {
	if res.Accepte {
		if e.echecs > 0 {
			if _, err := tx.Exec(ctx, `UPDATE facteur_essai SET echecs = 0, resync_nombre = 0 WHERE aidant_id = $1`, aidant); err != nil {
				return Resultat{}, fmt.Errorf("reset attempts: %w", err)
			}
		}
		return res, nil
	}
	return c.fail(ctx, tx, aidant, e, res)
}

func loadEssai(ctx context.Context, tx *db.Tx, aidant ident.AidantID) (e essai, err error) {
	err = tx.QueryRow(ctx, `SELECT echecs, prochain, date_avis, resync_nombre, resync_debut FROM facteur_essai WHERE aidant_id = $1`, aidant).
		Scan(&e.echecs, &e.prochain, &e.avis, &e.resyncNombre, &e.resyncDebut)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("read attempts: %w", err)
	}
	return e, nil
}

func loadTOTP(ctx context.Context, tx *db.Tx, aidant ident.AidantID) ([]totp, error) {
	rows, err := tx.Query(ctx, `SELECT id, genre, graine, pas_secondes, dernier_pas, derive, calage FROM facteur WHERE aidant_id = $1 AND date_confirmation IS NOT NULL ORDER BY id`, aidant)
	fs, err := db.Collect(rows, err, scanTOTP)
	if err != nil {
		return nil, fmt.Errorf("load factors: %w", err)
	}
	return fs, nil
}

func scanTOTP(s db.Scanner) (f totp, err error) {
	err = s.Scan(&f.id, &f.genre, &f.graine, &f.pas, &f.dernier, &f.derive, &f.calage)
	return f, err
}

// open gives the seed of a factor.
func (c *Coffre) open(f totp) ([]byte, error) {
	graine, err := c.Champs.Open(f.graine, "facteur/"+f.id.String())
	if err != nil {
		return nil, fmt.Errorf("open seed: %w", err)
	}
	return graine, nil
}

func (c *Coffre) tryTOTP(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code string) (Resultat, error) {
	fs, err := loadTOTP(ctx, tx, aidant)
	if err != nil || len(fs) == 0 {
		return Resultat{Motif: "aucun_facteur"}, err
	}
	res := Resultat{Motif: "code_faux"}
	for _, f := range fs {
		r, err := c.tryOne(ctx, tx, f, code)
		if err != nil || r.Accepte {
			return r, err
		}
		if r.Motif == "code_deja_servi" {
			res = r
		}
	}
	return res, nil
}

// tryOne judges a code against one factor and consumes it.
func (c *Coffre) tryOne(ctx context.Context, tx *db.Tx, f totp, code string) (Resultat, error) {
	graine, err := c.open(f)
	if err != nil {
		return Resultat{}, err
	}
	now := Pas(tx.Now.Time(), f.pas)
	pas, found, fresh := match(graine, code, now+f.derive, f.dernier)
	if !found {
		return Resultat{Motif: "code_faux"}, nil
	}
	if fresh {
		done, err := consume(ctx, tx, f, pas, learn(pas-now, f.calage, f.pas))
		if err != nil {
			return Resultat{}, err
		}
		if done {
			return Resultat{Accepte: true, Facteur: f.id, Genre: f.genre}, nil
		}
	}
	return Resultat{Motif: "code_deja_servi", Prochain: time.Unix((pas-f.derive+1)*f.pas, 0)}, nil
}

// consume takes a step: one conditional statement, so that it serves once.
func consume(ctx context.Context, tx *db.Tx, f totp, pas, derive int64) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE facteur SET dernier_pas = $2, derive = $3, date_usage = $4 WHERE id = $1 AND dernier_pas < $2`, f.id, pas, derive, tx.Now)
	if err != nil {
		return false, fmt.Errorf("consume code: %w", err)
	}
	return n == 1, nil
}

func (c *Coffre) fail(ctx context.Context, tx *db.Tx, aidant ident.AidantID, e essai, res Resultat) (Resultat, error) {
	echecs := e.echecs + 1
	prochain := tx.Now.Add(Delay(echecs))
	avis := e.avis
	if echecs >= echecsAvis && (avis.IsZero() || !tx.Now.Before(avis.Add(24*time.Hour))) {
		if err := c.warnFailures(ctx, tx, aidant, echecs); err != nil {
			return Resultat{}, err
		}
		avis = tx.Now
	}
	_, err := tx.Exec(ctx, `INSERT INTO facteur_essai (aidant_id, echecs, prochain, date_avis) VALUES ($1,$2,$3,$4)
		ON CONFLICT (aidant_id) DO UPDATE SET echecs = facteur_essai.echecs + 1, prochain = excluded.prochain, date_avis = excluded.date_avis`, aidant, echecs, prochain, avis)
	if err != nil {
		return Resultat{}, fmt.Errorf("count failure: %w", err)
	}
	res.Echecs = echecs
	if res.Prochain.Before(prochain.Time()) {
		res.Prochain = prochain.Time()
	}
	return res, nil
}
