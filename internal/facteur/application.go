package facteur

import (
	"context"
	"encoding/base32"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// AttenteDuree is how long a proposed secret waits for its first code.
const AttenteDuree = 30 * time.Minute

// Graine is the secret of an application about to be added, on its way to the
// screen of its holder and nowhere else (A-W11).
type Graine struct {
	Attente ident.FacteurID // the pending row: it comes back with the code
	octets  []byte
	compte  string // the account, as the application will list it
	service string
}

// String keeps the secret out of logs.
func (Graine) String() string { return "[secret]" }

// GoString keeps the secret out of %#v.
func (Graine) GoString() string { return "[secret]" }

// Groupes is the secret in base32, by groups of four to be typed.
func (g Graine) Groupes() string {
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(g.octets)
	var out []string
	for len(s) > 4 {
		out, s = append(out, s[:4]), s[4:]
	}
	return strings.Join(append(out, s), " ")
}

// URI is what the QR code says (Key URI Format of the TOTP applications).
func (g Graine) URI() string {
	q := "secret=" + EncodeGraine(g.octets) + "&issuer=" + url.PathEscape(g.service) + "&algorithm=SHA1&digits=" + strconv.Itoa(codeTaille) + "&period=30"
	return "otpauth://totp/" + url.PathEscape(g.service) + ":" + url.PathEscape(g.compte) + "?" + q
}

// BeginApplication draws a secret for a new application of this account; it
// replaces the one that was waiting (A-W12). Nothing is a factor yet.
func (c *Coffre) BeginApplication(ctx context.Context, tx *db.Tx, aidant ident.AidantID) error {
	m, err := Load(ctx, tx, aidant)
	if err != nil {
		return err
	}
	if err := m.roomForOne(); err != nil {
		return err
	}
	id := ident.New[ident.FacteurID]()
	sealed, err := c.Champs.Seal(secret.Random(GraineTaille), contexteAttente(id))
	if err != nil {
		return err
	}
	return replaceAttente(ctx, tx, aidant, id, sealed)
}

// PendingApplication gives the secret waiting for this account; fault.Gone
// when there is none.
func (c *Coffre) PendingApplication(ctx context.Context, tx *db.Tx, aidant ident.AidantID) (Graine, error) {
	a, ok, err := loadAttente(ctx, tx, aidant)
	if err != nil {
		return Graine{}, err
	}
	if !ok {
		return Graine{}, fault.New(fault.Gone, "attente_perdue")
	}
	return c.graine(ctx, tx, aidant, a)
}

// ApplicationNouvelle is the first code of a new application.
type ApplicationNouvelle struct {
	Attente ident.FacteurID // as the page showed it
	Code    string
	Nom     string
}

// ConfirmApplication makes a factor of the waiting secret if the code is right.
// A wrong code changes nothing. Another waiting secret than the one the page
// showed (another tab began again) is fault.Gone.
func (c *Coffre) ConfirmApplication(ctx context.Context, tx *db.Tx, par Par, n ApplicationNouvelle) (Resultat, error) {
	nom, err := checkNom(n.Nom)
	if err != nil {
		return Resultat{}, err
	}
	a, ok, err := loadAttente(ctx, tx, par.Auteur)
	if err != nil {
		return Resultat{}, err
	}
	if !ok || a.id != n.Attente {
		return Resultat{}, fault.New(fault.Gone, "attente_perdue")
	}
	res, err := c.firstCode(ctx, tx, par, premier{aidant: par.Auteur, graine: a.graine, contexte: contexteAttente(a.id), code: n.Code, nom: nom})
	if err != nil || !res.Accepte {
		return res, err
	}
	return res, deleteAttente(ctx, tx, a.id)
}

func contexteAttente(id ident.FacteurID) string { return "facteur_attente/" + id.String() }

// premier is the first code of a secret about to become a factor.
type premier struct {
	aidant   ident.AidantID
	graine   []byte // sealed
	contexte string
	code     string
	nom      string
}

// firstCode judges the first code of a secret and records the factor. A wrong
// one is not counted with the others: it guards nothing, the secret being on
// that very screen, and somebody who types wrong codes at sign-in must not keep
// a person from enrolling.
func (c *Coffre) firstCode(ctx context.Context, tx *db.Tx, par Par, p premier) (Resultat, error) {
	graine, err := c.Champs.Open(p.graine, p.contexte)
	if err != nil {
		return Resultat{}, err
	}
	now := Pas(tx.Now.Time(), 30)
	pas, found, _ := match(graine, p.code, now, 0)
	if !found {
		return Resultat{Motif: "code_faux", Prochain: tx.Now.Time()}, nil
	}
	n := nouveauTOTP{genre: Application, graine: graine, secondes: 30, dernier: pas, derive: learn(pas-now, 0, 30), nom: p.nom, confirme: true}
	id, err := c.added(ctx, tx, par, ajout{aidant: p.aidant, genre: Application, insert: func() (ident.FacteurID, error) {
		return c.insertTOTP(ctx, tx, p.aidant, n)
	}})
	return Resultat{Accepte: true, Facteur: id, Genre: Application}, err
}
