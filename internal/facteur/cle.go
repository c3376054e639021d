package facteur

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
)

// DefiDuree is how long a challenge serves.
const DefiDuree = 5 * time.Minute

// reponseMax bounds what a browser answers to a challenge.
const reponseMax = 16 << 10

// Defi is a challenge put to a browser: Options goes to the page, ID comes back
// with the browser's answer. Neither is secret.
type Defi struct {
	ID      ident.DefiID
	Options string // JSON, for FormulaireCle
}

// Preuve is an accepted assertion: whose key it is.
type Preuve struct {
	Aidant  ident.AidantID
	Facteur ident.FacteurID
}

// relying is our side of WebAuthn: the host of the public address, and nothing
// but this origin. The person is verified by the device (code, finger, face):
// the key alone is then both factors.
func (c *Coffre) relying() (*webauthn.WebAuthn, error) {
	u, err := url.Parse(c.Site.Origine)
	if err != nil {
		return nil, fmt.Errorf("parse public origin: %w", err)
	}
	nom := c.Site.Nom
	if nom == "" {
		nom = "Aidants Connect"
	}
	required := true
	limit := webauthn.TimeoutConfig{Timeout: DefiDuree, TimeoutUVD: DefiDuree}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: nom, RPOrigins: []string{c.Site.Origine}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, fmt.Errorf("set up WebAuthn: %w", err)
	}
	return w, nil
}

// porteur is an account as the library sees it. The handle kept in the key is
// the identifier: nothing of the person.
type porteur struct {
	id    ident.AidantID
	email string
	nom   string
	cles  []webauthn.Credential
}

func (p porteur) WebAuthnID() []byte                         { return []byte(p.id.String()) }
func (p porteur) WebAuthnName() string                       { return p.email }
func (p porteur) WebAuthnDisplayName() string                { return p.nom }
func (p porteur) WebAuthnCredentials() []webauthn.Credential { return p.cles }

// BeginAssertion makes a challenge. With the zero account any key of the
// service may answer it (sign-in: the key says who it is); with an account,
// only its keys (re-check), and an account without a key is a Conflict.
func (c *Coffre) BeginAssertion(ctx context.Context, tx *db.Tx, compte ident.AidantID) (Defi, error) {
	w, err := c.relying()
	if err != nil {
		return Defi{}, err
	}
	if compte.IsZero() {
		options, session, err := w.BeginDiscoverableLogin()
		if err != nil {
			return Defi{}, fmt.Errorf("begin assertion: %w", err)
		}
		return saveDefi(ctx, tx, compte, session, options)
	}
	cles, err := loadCles(ctx, tx, compte)
	if err != nil {
		return Defi{}, err
	}
	if len(cles) == 0 {
		return Defi{}, fault.New(fault.Conflict, "aucune_cle")
	}
	options, session, err := w.BeginLogin(porteur{id: compte, cles: credentials(cles)})
	if err != nil {
		return Defi{}, fmt.Errorf("begin assertion: %w", err)
	}
	return saveDefi(ctx, tx, compte, session, options)
}

// saveDefi stores a challenge with what the page gives to the browser.
func saveDefi(ctx context.Context, tx *db.Tx, compte ident.AidantID, session *webauthn.SessionData, options any) (Defi, error) {
	_, ajout := options.(*protocol.CredentialCreation)
	d := Defi{ID: ident.NewRandom[ident.DefiID]()}
	kept, err := json.Marshal(session)
	if err != nil {
		return d, fmt.Errorf("encode challenge: %w", err)
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return d, fmt.Errorf("encode options: %w", err)
	}
	d.Options = string(shown)
	return d, insertDefi(ctx, tx, d.ID, defi{compte: compte, ajout: ajout, donnees: kept, options: shown})
}

// FinishAssertion judges the browser's answer to a challenge and consumes both:
// the challenge serves once, and the counter of the key goes forward. Whatever
// is wrong (origin, challenge, signature, key unknown or withdrawn, person not
// verified, account closed, challenge used or too old) is one refusal,
// fault.Invalid "cle_refusee". A refused act is rolled back by its caller; the
// challenge then stays, for what is left of its five minutes.
//
// It does not tell what the account may do. A re-check compares Preuve.Aidant
// with who is signed in.
func (c *Coffre) FinishAssertion(ctx context.Context, tx *db.Tx, id ident.DefiID, reponse []byte) (Preuve, error) {
	w, err := c.relying()
	if err != nil {
		return Preuve{}, err
	}
	session, compte, err := takeDefi(ctx, tx, id, false)
	if err != nil {
		return Preuve{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(bounded(reponse))
	if err != nil {
		return Preuve{}, refusedKey(err)
	}
	k, err := loadCle(ctx, tx, parsed.RawID)
	if err != nil {
		return Preuve{}, err
	}
	if !compte.IsZero() && k.aidant != compte {
		return Preuve{}, refusedKey(nil)
	}
	p := porteur{id: k.aidant, cles: credentials([]cle{k})}
	var cred *webauthn.Credential
	if compte.IsZero() {
		cred, err = w.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return p, nil }, session, parsed)
	} else {
		session.AllowedCredentialIDs = nil // the account's keys of now, not of when the page opened
		cred, err = w.ValidateLogin(p, session, parsed)
	}
	if err != nil {
		return Preuve{}, refusedKey(err)
	}
	if cred.Authenticator.CloneWarning { // two devices hold the key, or its answer is an old one
		return Preuve{}, refusedKey(nil)
	}
	return Preuve{k.aidant, k.id}, useCle(ctx, tx, k, cred)
}

func refusedKey(err error) error { return fault.Wrap(fault.Invalid, "cle_refusee", err) }

// bounded cuts an answer that is too long to be one: it then cannot be read.
func bounded(b []byte) []byte { return b[:min(len(b), reponseMax)] }

// takeDefi consumes a challenge.
func takeDefi(ctx context.Context, tx *db.Tx, id ident.DefiID, ajout bool) (s webauthn.SessionData, compte ident.AidantID, err error) {
	d, ok, err := deleteDefi(ctx, tx, id, ajout)
	if err != nil {
		return s, compte, err
	}
	if !ok {
		return s, compte, refusedKey(nil)
	}
	if err := json.Unmarshal(d.donnees, &s); err != nil {
		return s, compte, fmt.Errorf("decode challenge: %w", err)
	}
	return s, d.compte, nil
}

// BeginKey makes the challenge by which an account adds a key.
func (c *Coffre) BeginKey(ctx context.Context, tx *db.Tx, compte ident.AidantID) (Defi, error) {
	w, err := c.relying()
	if err != nil {
		return Defi{}, err
	}
	a, err := aidant.Load(ctx, tx, compte)
	if err != nil {
		return Defi{}, err
	}
	m, err := Load(ctx, tx, compte)
	if err != nil {
		return Defi{}, err
	}
	if err := m.roomForOne(); err != nil {
		return Defi{}, err
	}
	cles, err := loadCles(ctx, tx, compte)
	if err != nil {
		return Defi{}, err
	}
	p := porteur{id: compte, email: a.Email, nom: a.NomComplet(), cles: credentials(cles)}
	options, session, err := w.BeginRegistration(p, webauthn.WithExclusions(webauthn.Credentials(p.cles).CredentialDescriptors()))
	if err != nil {
		return Defi{}, fmt.Errorf("begin registration: %w", err)
	}
	return saveDefi(ctx, tx, compte, session, options)
}

// CleNouvelle is a browser's answer to BeginKey, with the name the person gives.
type CleNouvelle struct {
	Defi    ident.DefiID
	Reponse []byte
	Nom     string
}

// AddKey records the key that answers a challenge of this account.
func (c *Coffre) AddKey(ctx context.Context, tx *db.Tx, par Par, n CleNouvelle) (ident.FacteurID, error) {
	w, err := c.relying()
	if err != nil {
		return ident.FacteurID{}, err
	}
	nom, err := checkNom(n.Nom)
	if err != nil {
		return ident.FacteurID{}, err
	}
	session, compte, err := takeDefi(ctx, tx, n.Defi, true)
	if err != nil {
		return ident.FacteurID{}, err
	}
	if compte != par.Auteur { // somebody else's challenge: as one that does not exist
		return ident.FacteurID{}, refusedKey(nil)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(bounded(n.Reponse))
	if err != nil {
		return ident.FacteurID{}, refusedKey(err)
	}
	cred, err := w.CreateCredential(porteur{id: compte}, session, parsed)
	if err != nil {
		return ident.FacteurID{}, refusedKey(err)
	}
	return c.added(ctx, tx, par, ajout{aidant: compte, genre: Passkey, insert: func() (ident.FacteurID, error) {
		return insertCle(ctx, tx, compte, cred, nom)
	}})
}

// ajout is a factor about to be recorded.
type ajout struct {
	aidant ident.AidantID
	genre  Genre
	insert func() (ident.FacteurID, error)
}

// added records a confirmed factor with its line and its mails.
func (c *Coffre) added(ctx context.Context, tx *db.Tx, par Par, a ajout) (ident.FacteurID, error) {
	m, err := Load(ctx, tx, a.aidant)
	if err != nil {
		return ident.FacteurID{}, err
	}
	if err := m.roomForOne(); err != nil {
		return ident.FacteurID{}, err
	}
	id, err := a.insert()
	if err != nil {
		return id, err
	}
	if err := c.tellAdded(ctx, tx, par, avisAjout{aidant: a.aidant, facteur: id, genre: a.genre, premier: !m.Confirmed()}); err != nil {
		return id, err
	}
	return id, c.Journal.Append(ctx, tx, par.line(a.aidant, fait.ConfirmFacteur{Genre: string(a.genre)}))
}

// credentials are keys as the library wants them.
func credentials(ks []cle) []webauthn.Credential {
	out := make([]webauthn.Credential, len(ks))
	for i, k := range ks {
		out[i] = webauthn.Credential{
			ID: k.identifiant, PublicKey: k.publique, Transport: transports(k.transports),
			Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.sauvegardable, BackupState: k.sauvegardee},
			Authenticator: webauthn.Authenticator{AAGUID: k.aaguid, SignCount: uint32(k.compteur)},
		}
	}
	return out
}

func transports(s string) (out []protocol.AuthenticatorTransport) {
	for t := range strings.SplitSeq(s, ",") {
		if t != "" {
			out = append(out, protocol.AuthenticatorTransport(t))
		}
	}
	return out
}
