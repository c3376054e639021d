package facteur

import (
	"context"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/secret"
)

const (
	// InvitationDuree is how long an invitation serves.
	InvitationDuree = 24 * time.Hour
	// activationMax is how many wrong activation codes void an invitation.
	activationMax    = 5
	activationTaille = 8
	cheminInvitation = "/facteur/"
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
	err = c.Journal.Append(ctx, tx, par.line(compte, journal.InviteFacteur{Genre: string(Application)}))
	return secret.Text(code[:4] + " " + code[4:]), err
}

func (c *Coffre) lienDigest(cle string) []byte { return c.Empreintes.Digest("facteur.invitation", cle) }

func (c *Coffre) activationDigest(id ident.FacteurID, code string) []byte {
	return c.Empreintes.Digest("facteur.activation", id.String()+"/"+code)
}
