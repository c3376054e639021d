package transparence

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	formatRecu   = "aidants-connect/recu@1"
	formatPreuve = "c2sp.org/tlog-proof@v1"
)

// MaxRecu is the most bytes of a receipt.
const MaxRecu = 64 << 10

// Recu is a line of the journal with everything that proves it. Identifiers are as in the line; people are pseudonyms.
type Recu struct {
	Format       string `json:"format"`
	Ligne        string `json:"ligne"`
	Instant      string `json:"instant"` // RFC 3339, UTC, milliseconds
	Action       string `json:"action"`
	Initiateur   string `json:"initiateur"`
	Aidant       string `json:"aidant,omitempty"`
	Concerne     string `json:"concerne,omitempty"`
	Usager       string `json:"usager,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Mandat       string `json:"mandat,omitempty"`
	Autorisation string `json:"autorisation,omitempty"`
	Operation    string `json:"operation,omitempty"`
	Session      []byte `json:"session,omitempty"`
	Sel          []byte `json:"sel"`
	Empreinte    []byte `json:"contenu_empreinte"`
	ContenuSel   []byte `json:"contenu_sel,omitempty"`
	Contenu      string `json:"contenu,omitempty"` // canonical JSON; empty once erased
	Preuve       string `json:"preuve"`            // C2SP tlog-proof
	// Horodatage: an authority dated a checkpoint that holds the line.
	Horodatage *RecuDate `json:"horodatage,omitempty"`
}

const instantRecu = "2006-01-02T15:04:05.000Z"

// ErrEnAttente says that the line has no rank yet: a receipt is made a second
// later.
var ErrEnAttente = fault.New(fault.Unavailable, "ligne_en_attente")

// Receipt makes the receipt of a line. Who may have it is the caller's affair.
func (h *Handlers) Receipt(ctx context.Context, tx *db.Tx, id ident.LigneID) (r Recu, err error) {
	p, err := h.published(ctx, tx)
	if err != nil {
		return r, err
	}
	return receiptIn(ctx, tx, p, id)
}

// Receipts makes those of many lines, in the same checkpoint; a line that waits
// for its rank has an empty one.
func (h *Handlers) Receipts(ctx context.Context, tx *db.Tx, ids []ident.LigneID) ([]Recu, error) {
	p, err := h.published(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := make([]Recu, len(ids))
	for i, id := range ids {
		r, err := receiptIn(ctx, tx, p, id)
		if errors.Is(err, ErrEnAttente) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[i] = r
	}
	return out, nil
}

func receiptIn(ctx context.Context, tx *db.Tx, p Point, id ident.LigneID) (r Recu, err error) {
	l, err := readLigne(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if l.rang < 0 || l.rang >= p.Taille {
		return r, ErrEnAttente
	}
	proof, err := tlog.ProveRecord(p.Taille, l.rang, journal.Noeuds(ctx, tx))
	if err != nil {
		return r, fmt.Errorf("prove line: %w", err)
	}
	date, err := receiptDate(ctx, tx, l.rang)
	if err != nil {
		return r, err
	}
	return Recu{
		Horodatage: date,
		Format:     formatRecu, Ligne: l.ID.String(), Instant: l.Instant.Time().UTC().Format(instantRecu), Action: l.Action, Initiateur: string(l.Initiateur),
		Aidant: l.Aidant, Concerne: l.Concerne, Usager: l.Usager, Organisation: l.Organisation.String(), Mandat: l.Mandat.String(),
		Autorisation: l.Autorisation.String(), Operation: l.Operation.String(), Session: l.Session,
		Sel: l.sel, Empreinte: l.empreinte, ContenuSel: l.contenuSel, Contenu: string(l.contenu),
		Preuve: formatProof(l.rang, proof, p.Note),
	}, nil
}

// formatProof writes an inclusion proof (C2SP tlog-proof).
func formatProof(rang int64, proof tlog.RecordProof, msg string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", formatPreuve, rang)
	for _, x := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(x[:]) + "\n")
	}
	return b.String() + "\n" + msg
}

// ErrRecu says that a text is not a receipt.
var ErrRecu = errors.New("not a receipt")

// ErrFaux says that a receipt proves nothing: something in it was changed.
var ErrFaux = errors.New("the receipt does not prove its line")

// parseProof reads an inclusion proof.
func parseProof(s string) (rang int64, proof tlog.RecordProof, msg string, err error) {
	head, msg, found := strings.Cut(s, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != formatPreuve {
		return 0, nil, "", fmt.Errorf("%w: proof", ErrRecu)
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") && len(lines) > 1 {
		lines = lines[1:]
	}
	index, found := strings.CutPrefix(lines[0], "index ")
	if rang, err = strconv.ParseInt(index, 10, 64); err != nil || !found || rang < 0 || len(lines) > 64 {
		return 0, nil, "", fmt.Errorf("%w: index of the proof", ErrRecu)
	}
	for _, line := range lines[1:] {
		x, ok := parseHash(line)
		if !ok {
			return 0, nil, "", fmt.Errorf("%w: hash of the proof", ErrRecu)
		}
		proof = append(proof, x)
	}
	return rang, proof, msg, nil
}

// Constat is what a right receipt proves.
type Constat struct {
	Recu  Recu
	Rang  int64
	Point Point
	Date  time.Time
	// Efface: the content was erased when the receipt was made; the line itself
	// is proved all the same.
	Efface bool
}

// Temoins names the witnesses that countersigned the checkpoint of a receipt:
// whoever signed it besides the log.
func (r Recu) Temoins() []string {
	_, _, msg, err := parseProof(r.Preuve)
	if err != nil {
		return nil
	}
	origin, _, _ := strings.Cut(msg, "\n")
	_, signatures, _ := strings.Cut(msg, "\n\n")
	var out []string
	for line := range strings.Lines(signatures) {
		words := strings.Fields(strings.TrimPrefix(line, "— "))
		if len(words) == 2 && words[0] != origin && !slices.Contains(out, words[0]) {
			out = append(out, words[0])
		}
	}
	return out
}

// Libelle is the French name of the act.
func (c Constat) Libelle() string { return fait.Libelle(c.Recu.Action) }

// CheckReceipt verifies a receipt with nothing but the public keys of the log:
// the line gives the entry, the proof leads from it to the root, a known key
// signed the root.
func CheckReceipt(b []byte, known note.Verifiers) (c Constat, err error) {
	if len(b) > MaxRecu || json.Unmarshal(b, &c.Recu) != nil || c.Recu.Format != formatRecu {
		return c, ErrRecu
	}
	rang, proof, msg, err := parseProof(c.Recu.Preuve)
	if err != nil {
		return c, err
	}
	champs, err := c.Recu.champs()
	if err != nil {
		return c, err
	}
	c.Rang, c.Date = rang, champs.Instant.Time()
	if c.Efface = c.Recu.Contenu == "" && len(c.Recu.ContenuSel) == 0; !c.Efface {
		if got := journal.EmpreinteContenu(c.Recu.ContenuSel, []byte(c.Recu.Contenu)); string(got[:]) != string(c.Recu.Empreinte) {
			return c, fmt.Errorf("%w: content", ErrFaux)
		}
	}
	if c.Point, err = OpenPoint(msg, known); err != nil {
		return c, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	if rang >= c.Point.Taille {
		return c, fmt.Errorf("%w: rank", ErrFaux)
	}
	entry := journal.Entree(champs, c.Recu.Sel, c.Recu.Empreinte)
	if err := tlog.CheckRecord(proof, c.Point.Taille, c.Point.Racine, rang, tlog.RecordHash(entry[:])); err != nil {
		return c, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	return c, nil
}

// champs are the fixed fields as the entry commits to them.
func (r Recu) champs() (c journal.Champs, err error) {
	date, err := time.Parse(instantRecu, r.Instant)
	if err != nil || len(r.Sel) != 32 || len(r.Empreinte) != 32 {
		return c, ErrRecu
	}
	c = journal.Champs{
		Instant: db.At(date), Action: r.Action, Initiateur: journal.Initiateur(r.Initiateur),
		Aidant: r.Aidant, Concerne: r.Concerne, Usager: r.Usager, Session: r.Session,
	}
	ok := readID(r.Ligne, &c.ID) && readID(r.Organisation, &c.Organisation) && readID(r.Mandat, &c.Mandat) &&
		readID(r.Autorisation, &c.Autorisation) && readID(r.Operation, &c.Operation)
	if !ok || len(r.Action) > 64 || len(r.Initiateur) > 64 || len(r.Session) > 64 {
		return c, ErrRecu
	}
	for _, s := range []string{r.Aidant, r.Concerne, r.Usager} {
		if b, err := hex.DecodeString(s); err != nil || len(b) > 64 {
			return c, ErrRecu
		}
	}
	return c, nil
}

// readID reads an identifier; "" is none.
func readID[K any](s string, to *ident.ID[K]) bool {
	if s == "" {
		return true
	}
	id, ok := ident.Parse[ident.ID[K]](s)
	*to = id
	return ok
}
