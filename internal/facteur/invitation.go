package facteur

import (
	"context"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
)

const (
	// InvitationDuree is how long an invitation serves.
	InvitationDuree = 24 * time.Hour
	// activationMax is how many wrong activation codes void an invitation.
	activationMax    = 5
	activationTaille = 8
)

// Invite lets the holder of an account enrol an application alone (comptes
// 3.2). It queues E-43, whose link goes to the mailbox, and gives the
// activation code, shown once to the référent, who says it in person: neither
// is enough without the other, and neither is the secret. A new invitation
// voids the former. A closed account is a Conflict "compte_ferme".
func (c *Coffre) Invite(ctx context.Context, tx *db.Tx, par Par, compte ident.AidantID) (secret.Text, error) {
	a, err := aidant.Load(ctx, tx, compte)
	if err != nil {
		return "", err
	}
	if !a.Actif {
		return "", fault.New(fault.Conflict, "compte_ferme")
	}
	m, err := Load(ctx, tx, compte)
	if err != nil {
		return "", err
	}
	if err := m.roomForOne(); err != nil {
		return "", err
	}
	code, cle := randomDigits(activationTaille), secret.NewToken()
	i := invitation{id: ident.New[ident.FacteurID](), aidant: compte}
	if err := replaceInvitation(ctx, tx, i, c.lienDigest(cle.Reveal()), c.activationDigest(i.id, code)); err != nil {
		return "", err
	}
	if err := c.tellInvited(ctx, tx, i, cle); err != nil {
		return "", err
	}
	err = c.Journal.Append(ctx, tx, par.line(compte, fait.InviteFacteur{Genre: string(Application)}))
	return secret.Text(code[:4] + " " + code[4:]), err
}

func (c *Coffre) lienDigest(cle string) []byte { return c.Empreintes.Digest("facteur.invitation", cle) }

func (c *Coffre) activationDigest(id ident.FacteurID, code string) []byte {
	return c.Empreintes.Digest("facteur.activation", id.String()+"/"+code)
}

// errLienPerdu answers a link that is unknown, used, replaced or too old, all
// alike: Gone "invitation_perdue".
func errLienPerdu() error { return fault.New(fault.Gone, "invitation_perdue") }

// Visite is who comes by the link of an invitation: the secret of the link
// and the cookie of the browser.
type Visite struct{ Cle, Navigateur secret.Text }

// EtapeInvitation is where an invitation stands for a browser.
type EtapeInvitation struct {
	Attente bool   // the activation code is asked
	Autre   bool   // the code was given in another browser
	Graine  Graine // else: the secret, for the browser that gave the code
}

// Visit tells where an invitation stands; it changes nothing, so that a mail
// scanner that opens every link does no harm.
func (c *Coffre) Visit(ctx context.Context, tx *db.Tx, v Visite) (e EtapeInvitation, err error) {
	i, ok, err := loadInvitation(ctx, tx, c.lienDigest(v.Cle.Reveal()))
	if err != nil {
		return e, err
	}
	if !ok || i.essais >= activationMax {
		return e, errLienPerdu()
	}
	switch {
	case len(i.graine) == 0:
		e.Attente = true
		return e, nil
	case !secret.Equal(i.navigateur, c.navigateurDigest(v.Navigateur.Reveal())):
		e.Autre = true
		return e, nil
	}
	octets, err := c.Champs.Open(i.graine, contexteInvitation(i.id))
	if err != nil {
		return e, err
	}
	e.Graine, err = c.shown(ctx, tx, i.aidant, i.id)
	e.Graine.octets = octets
	return e, err
}

// Activate judges the activation code and draws the secret for this browser. A
// wrong code is counted: the caller commits it. The last one voids the invitation.
func (c *Coffre) Activate(ctx context.Context, tx *db.Tx, v Visite, code string) (accepted bool, err error) {
	i, ok, err := loadInvitation(ctx, tx, c.lienDigest(v.Cle.Reveal()))
	if err != nil {
		return false, err
	}
	if !ok || i.essais >= activationMax || len(i.graine) > 0 {
		return false, errLienPerdu()
	}
	if !secret.Equal(i.code, c.activationDigest(i.id, code)) {
		return false, countActivation(ctx, tx, i.id)
	}
	sealed, err := c.Champs.Seal(secret.Random(GraineTaille), contexteInvitation(i.id))
	if err != nil {
		return false, err
	}
	return true, activateInvitation(ctx, tx, i.id, sealed, c.navigateurDigest(v.Navigateur.Reveal()))
}

// Accept makes a factor of the secret of an invitation when the code of the
// application is right, and ends the invitation.
func (c *Coffre) Accept(ctx context.Context, tx *db.Tx, v Visite, code string) (Resultat, error) {
	i, ok, err := loadInvitation(ctx, tx, c.lienDigest(v.Cle.Reveal()))
	if err != nil {
		return Resultat{}, err
	}
	if !ok || len(i.graine) == 0 || !secret.Equal(i.navigateur, c.navigateurDigest(v.Navigateur.Reveal())) {
		return Resultat{}, errLienPerdu()
	}
	par := Par{Initiateur: journal.Aidant, Auteur: i.aidant}
	res, err := c.firstCode(ctx, tx, par, premier{aidant: i.aidant, graine: i.graine, contexte: contexteInvitation(i.id), code: code})
	if err != nil || !res.Accepte {
		return res, err
	}
	return res, deleteInvitation(ctx, tx, i.id)
}

func (c *Coffre) navigateurDigest(temoin string) []byte {
	return c.Empreintes.Digest("facteur.navigateur", temoin)
}

func contexteInvitation(id ident.FacteurID) string { return "facteur_invitation/" + id.String() }
