package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/secret"
)

// ErrACorriger says that a command found something to mend; what it is was
// printed.
var ErrACorriger = errors.New("something is to be mended")

// Migrate brings the database to the schema of this program.
func Migrate(ctx context.Context, cfg Config) error {
	d, err := db.Open(ctx, cfg.Base, db.Options{Clock: Now})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

// withBase opens what a command needs, for its length.
func withBase(ctx context.Context, cfg Config, fn func(base) error) error {
	b, err := open(ctx, cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(fn(b), b.db.Close())
}

// JournalVerify recomputes the whole journal and says in French what it found.
// A journal that is not as it was signed is an error (journal.ErrAltere).
// Without the keys of the service, the database's own public keys are trusted:
// whoever could rewrite them too is caught only by a checkpoint kept elsewhere.
// autorite is the file of the certificates trusted for dates, by default that of
// the configuration.
func JournalVerify(ctx context.Context, cfg Config, autorite string, w io.Writer) error {
	var report journal.Report
	var dates strings.Builder
	autorite = cmp.Or(autorite, cfg.HorodatageAutorite)
	check := func() error {
		if cfg.Cles.Champs.IsZero() || cfg.Cles.Pseudonymes.IsZero() {
			if _, err := fmt.Fprintln(w, "Sans les clés du service : les clés publiques sont celles que montre la base."); err != nil {
				return err
			}
			d, err := db.Open(ctx, cfg.Base, db.Options{Clock: Now})
			if err != nil {
				return err
			}
			report, err = journal.Audit(ctx, d, nil)
			return errors.Join(err, sayDates(ctx, d, autorite, &dates), d.Close())
		}
		return withBase(ctx, cfg, func(b base) (err error) {
			report, err = b.journal.Verify(ctx)
			return errors.Join(err, sayDates(ctx, b.db, autorite, &dates))
		})
	}
	err := check()
	if err != nil && !errors.Is(err, journal.ErrAltere) {
		return err // it could not be read
	}
	_, say := io.WriteString(w, dates.String())
	return errors.Join(err, say, printReport(w, report))
}

// printReport writes what a verification found.
func printReport(w io.Writer, r journal.Report) error {
	state := "intact"
	if r.NombreFautes > 0 {
		state = fmt.Sprintf("ALTÉRÉ, fautes trouvées : %d", r.NombreFautes)
	}
	_, err := fmt.Fprintf(w, `Journal %s : %s.
Lignes : %d, dont %d numérotées et %d en attente de numéro.
Contenus effacés : %d. Points de contrôle signés : %d.
Racine de l'arbre : %s
`, r.Origine, state, r.Lignes, r.Taille, r.EnAttente, r.Effaces, r.Points, r.Racine)
	if err != nil {
		return err
	}
	for _, f := range r.Fautes {
		if _, err := fmt.Fprintln(w, "-", f.Phrase()); err != nil {
			return err
		}
	}
	if n := r.NombreFautes - len(r.Fautes); n > 0 {
		if _, err := fmt.Fprintln(w, "- et", n, "autres"); err != nil {
			return err
		}
	}
	if r.Dernier != "" {
		_, err = fmt.Fprintf(w, "Dernier point de contrôle, à garder ailleurs :\n\n%s", r.Dernier)
	}
	return err
}

// CreateOrganisation records a structure and prints its identifier.
func CreateOrganisation(ctx context.Context, cfg Config, in organisation.Nouvelle, w io.Writer) error {
	return withBase(ctx, cfg, func(b base) error {
		var o organisation.Organisation
		err := b.db.Update(ctx, func(tx *db.Tx) (err error) {
			o, err = organisation.Create(ctx, tx, b.journal, in)
			return err
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(w, o.ID)
		return err
	})
}

// ListOrganisations prints every structure.
func ListOrganisations(ctx context.Context, cfg Config, w io.Writer) error {
	return withBase(ctx, cfg, func(b base) error {
		var list []organisation.Organisation
		err := b.db.View(ctx, func(tx *db.Tx) (err error) {
			list, err = organisation.List(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		t := newTable(w, "IDENTIFIANT", "SIRET", "ACTIVE", "DÉMARCHES", "NOM", "COMMUNE")
		for _, o := range list {
			t.row(o.ID, o.Siret, yes(o.Active), len(o.Perimetre), o.Nom, o.Ville)
		}
		return t.Flush()
	})
}

// NouvelAidant is what the command line asks to open an account.
type NouvelAidant struct {
	aidant.Nouveau
	// Structure is the identifier or the SIRET of an organisation.
	Structure string
	// TOTP is the base32 secret of a code application; one is made and printed
	// when it is empty. For bootstrap only: an aidant enrols alone.
	TOTP secret.Text
}

// CreateAidant opens an account with its code application, and prints its
// identifier, then the secret of the application if it was made here.
func CreateAidant(ctx context.Context, cfg Config, in NouvelAidant, w io.Writer) error {
	seed, made := in.TOTP.Reveal(), false
	if seed == "" {
		seed, made = facteur.EncodeGraine(secret.Random(facteur.GraineTaille)), true
	}
	raw, err := facteur.ParseGraine(seed)
	if err != nil {
		return fault.Form(fault.Fields{"totp_secret": "Secret illisible : au moins 10 octets en base32."})
	}
	return withBase(ctx, cfg, func(b base) error {
		coffre := &facteur.Coffre{Champs: b.box, Journal: b.journal}
		var a aidant.Aidant
		err := b.db.Update(ctx, func(tx *db.Tx) (err error) {
			if in.Organisation, err = findStructure(ctx, tx, in.Structure); err != nil {
				return err
			}
			if a, err = aidant.Create(ctx, tx, b.journal, in.Nouveau); err != nil {
				return err
			}
			return coffre.EnrolApplication(ctx, tx, a.ID, raw)
		})
		if err != nil {
			return err
		}
		if _, err = fmt.Fprintln(w, a.ID); err == nil && made {
			_, err = fmt.Fprintln(w, seed)
		}
		return err
	})
}

// findStructure accepts an identifier or a SIRET; zero when it is neither.
func findStructure(ctx context.Context, tx *db.Tx, s string) (ident.OrganisationID, error) {
	if id, ok := ident.Parse[ident.OrganisationID](s); ok {
		return id, nil
	}
	list, err := organisation.List(ctx, tx)
	for _, o := range list {
		if o.Siret == s {
			return o.ID, nil
		}
	}
	if err == nil && s != "" {
		err = fault.Form(fault.Fields{"organisation": "Aucune structure n'a cet identifiant ou ce SIRET."})
	}
	return ident.OrganisationID{}, err
}

// ListAidants prints every account with its structures.
func ListAidants(ctx context.Context, cfg Config, w io.Writer) error {
	return withBase(ctx, cfg, func(b base) error {
		t := newTable(w, "IDENTIFIANT", "ACTIF", "MANDATS", "COURRIEL", "NOM", "STRUCTURES")
		err := b.db.View(ctx, func(tx *db.Tx) error {
			list, err := aidant.List(ctx, tx)
			if err != nil {
				return err
			}
			for _, a := range list {
				structures, err := aidant.Structures(ctx, tx, a.ID)
				if err != nil {
					return err
				}
				t.row(a.ID, yes(a.Actif), yes(a.Habilite), a.Email, a.NomComplet(), structures)
			}
			return nil
		})
		return errors.Join(err, t.Flush())
	})
}

// table writes aligned columns.
type table struct{ *tabwriter.Writer }

func newTable(w io.Writer, titles ...any) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(titles...)
	return t
}

// row writes a line; Flush tells the failures.
func (t table) row(cells ...any) {
	for i, c := range cells {
		if i > 0 {
			_, _ = fmt.Fprint(t, "\t")
		}
		_, _ = fmt.Fprint(t, c)
	}
	_, _ = fmt.Fprintln(t)
}

func yes(b bool) string {
	if b {
		return "oui"
	}
	return "non"
}
