package journal

import (
	"context"
	"crypto"
	"fmt"
	"math"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what Verify found.
type Report struct {
	Origine   string
	Lignes    int64     // lines in the database
	Taille    int64     // leaves of the tree: lines that have a rank
	EnAttente int64     // committed lines that wait for theirs
	Effaces   int64     // ranked lines whose facts were erased
	Points    int64     // signed checkpoints
	Racine    tlog.Hash // root recomputed from the entries
	Dernier   string    // the last checkpoint, as signed

	NombreFautes int     // all of them
	Fautes       []Faute // the first fautesMax
}

// Faute is one thing that is not as it was written or signed.
type Faute struct {
	Genre  string        // stable word, for tests and tools
	Rang   int64         // rank, or size for a checkpoint; -1 when there is none
	Ligne  ident.LigneID // zero when there is none
	Detail string        // English, for the log
}

// The kinds of fault.
const (
	FauteOrigine  = "origine"             // another origin than the one asked for
	FauteVersion  = "version_inconnue"    // a line of a format this program does not know
	FauteLigne    = "ligne_alteree"       // a line is not what its entry says
	FauteManque   = "ligne_manquante"     // a rank or a waiting mark without its line
	FauteContenu  = "contenu_altere"      // facts that are not those of the line
	FauteOrphelin = "contenu_sans_ligne"  // facts without a line
	FauteRang     = "rang_manquant"       // the ranks have a gap
	FauteHors     = "ligne_hors_arbre"    // a line neither ranked nor waiting
	FauteDouble   = "attente_deja_rangee" // a ranked line that waits again
	FauteNoeud    = "noeud_altere"        // a stored hash is not the tree's
	FautePoint    = "point_altere"        // a checkpoint badly signed, or not of its row
	FauteRacine   = "racine_differente"   // the tree is not the one a checkpoint signed
	FauteTronque  = "journal_tronque"     // fewer ranks than a checkpoint signed
	FauteSansFin  = "rangs_sans_point"    // ranks after the last checkpoint
	fautesMax     = 100
	verifieParLot = 1000
)

var fautePhrases = map[string]string{
	FauteOrigine:  "le journal de cette base porte un autre nom",
	FauteVersion:  "la ligne est d'un format inconnu",
	FauteLigne:    "la ligne a été modifiée",
	FauteManque:   "la ligne a disparu",
	FauteContenu:  "le contenu de la ligne a été modifié",
	FauteOrphelin: "un contenu n'appartient à aucune ligne",
	FauteRang:     "il manque des rangs",
	FauteHors:     "la ligne n'est ni dans l'arbre, ni en attente",
	FauteDouble:   "la ligne est à la fois dans l'arbre et en attente",
	FauteNoeud:    "l'arbre enregistré n'est pas celui des lignes",
	FautePoint:    "un point de contrôle n'est pas celui qui a été signé",
	FauteRacine:   "l'arbre n'est pas celui qu'un point de contrôle a signé",
	FauteTronque:  "le journal a été raccourci depuis un point de contrôle",
	FauteSansFin:  "des rangs suivent le dernier point de contrôle",
}

// Phrase says the fault in French.
func (f Faute) Phrase() string {
	s := fautePhrases[f.Genre]
	if f.Rang >= 0 {
		s = fmt.Sprintf("rang %d : %s", f.Rang, s)
	}
	if !f.Ligne.IsZero() {
		s += " (ligne " + f.Ligne.String() + ")"
	}
	return s
}

// Progress is told how many ranked lines are verified, out of how many, by one
// goroutine at a time.
type Progress func(done, total int64)

// Verify recomputes the whole journal from its rows, in one snapshot and in
// bounded memory: every line's entry and facts, the ranks, the tree, every
// checkpoint and its signature. A journal that is not as it was signed gives
// ErrAltere, and the Report lists the faults; another error means that it
// could not be read.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	return j.VerifyProgress(ctx, nil)
}

// VerifyProgress is Verify for a terminal.
func (j *Journal) VerifyProgress(ctx context.Context, progress Progress) (Report, error) {
	return verify(ctx, j.db, j.origine, j.publicKeys(), progress)
}

// Audit is Verify for those who have the database and none of its secrets. It
// trusts the origin and the public keys that the database shows: who could
// rewrite those too must be caught by a checkpoint kept elsewhere.
func Audit(ctx context.Context, d *db.DB, progress Progress) (Report, error) {
	var origine string
	var keys []crypto.PublicKey
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		if origine, err = readOrigine(ctx, tx); err != nil {
			return err
		}
		keys, err = cle.PublicKeys(ctx, tx, cle.Journal)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("audit journal: %w", err)
	}
	return verify(ctx, d, origine, keys, progress)
}

func verify(ctx context.Context, d *db.DB, origine string, keys []crypto.PublicKey, progress Progress) (Report, error) {
	v, err := newVerification(origine, keys, progress)
	if err != nil {
		return Report{}, err
	}
	if err := d.View(ctx, func(tx *db.Tx) error { return v.run(ctx, tx, d) }); err != nil {
		return v.report, fmt.Errorf("verify journal: %w", err)
	}
	return v.conclude()
}

func newVerification(origine string, keys []crypto.PublicKey, progress Progress) (*verification, error) {
	if origine == "" { // never started: there must be nothing
		keys = nil
	}
	known, err := verifiersOf(origine, keys)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	return &verification{known: known, progress: progress, report: Report{Origine: origine}}, nil
}

func (v *verification) conclude() (Report, error) {
	if v.report.NombreFautes > 0 {
		return v.report, fmt.Errorf("%w: %d faults, first %s", ErrAltere, v.report.NombreFautes, v.report.Fautes[0].Genre)
	}
	return v.report, nil
}

// verification is one run of Verify.
type verification struct {
	known    note.Verifiers
	progress Progress
	report   Report
	arbre    arbre
	rang     int64 // the last one walked over
	rompu    bool  // a rank is missing: no root can be recomputed after it
	pointVu  int64 // size of the last checkpoint read
	signe    int64 // size of the last one verified

	lignesVues, contenusVus int64
}

// faute notes one fault. rang is -1 when there is none.
func (v *verification) faute(genre string, rang int64, id ident.LigneID, detail string) {
	v.report.NombreFautes++
	if len(v.report.Fautes) < fautesMax {
		v.report.Fautes = append(v.report.Fautes, Faute{genre, rang, id, detail})
	}
}

// run verifies in that snapshot, with others of d (nil: none) for the ranks.
func (v *verification) run(ctx context.Context, tx *db.Tx, d *db.DB) error {
	// View may run this again: nothing of a first try is kept.
	*v = verification{known: v.known, progress: v.progress, report: Report{Origine: v.report.Origine}, rang: -1, pointVu: math.MinInt64}
	stored, err := readOrigine(ctx, tx)
	if err != nil {
		return err
	}
	if stored != v.report.Origine {
		v.faute(FauteOrigine, -1, ident.LigneID{}, fmt.Sprintf("%q", stored))
	}
	if v.report.Lignes, v.report.EnAttente, err = countLignes(ctx, tx); err != nil {
		return err
	}
	if err := v.ranked(ctx, tx, d); err != nil {
		return err
	}
	v.report.Taille = v.arbre.taille
	v.report.Racine = v.arbre.racine()
	if err := v.remaining(ctx, tx); err != nil {
		return err
	}
	if err := v.waiting(ctx, tx); err != nil {
		return err
	}
	return v.strays(ctx, tx)
}
