package facteur

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// echecsAvis is how many wrong codes in a row the person is told of, once a
// day at most (A-W8).
const echecsAvis = 5

// The addresses mails lead to: enrolement's pages, and connexion's.
const (
	CheminMoyens = "/espace-aidant/facteurs/"
	CheminResync = "/code-refuse/"
	// CheminInvitation is followed by the secret of the link.
	CheminInvitation = "/facteur/"
)

// send queues one mail to the holder of an account.
func (c *Coffre) send(ctx context.Context, tx *db.Tx, compte ident.AidantID, m outbox.Message, write func(a aidant.Aidant, t *outbox.Corps)) error {
	if c.exemple != nil {
		c.exemple(compose(m, exempleAidant, write))
		return nil
	}
	if c.Outbox == nil {
		return nil
	}
	a, err := aidant.Load(ctx, tx, compte)
	if err != nil {
		return err
	}
	return c.Outbox.Queue(ctx, tx, compose(m, a, write))
}

func compose(m outbox.Message, to aidant.Aidant, write func(a aidant.Aidant, t *outbox.Corps)) outbox.Message {
	var t outbox.Corps
	t.P("Bonjour %s,", to.Prenom)
	write(to, &t)
	m.Destinataire, m.Texte = to.Email, t.String()
	return m
}

// avisAjout is what the mails of an addition say.
type avisAjout struct {
	aidant  ident.AidantID
	facteur ident.FacteurID
	genre   Genre
	premier bool
}

// tellAdded queues E-44, and E-07 with the first factor of an account.
func (c *Coffre) tellAdded(ctx context.Context, tx *db.Tx, par Par, a avisAjout) error {
	m := outbox.Message{Cle: "E-44/ajout/" + a.facteur.String(), Genre: "E-44", Sujet: "Un moyen de connexion a été ajouté à votre compte"}
	err := c.send(ctx, tx, a.aidant, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("Un moyen de connexion a été ajouté à votre compte le %s, %s : %s.", web.DateHeure(tx.Now.Time()), par.words(a.aidant), lower(a.genre.Libelle()))
		c.notYou(t)
	})
	if err != nil || !a.premier {
		return err
	}
	m = outbox.Message{Cle: "E-07/" + a.aidant.String(), Genre: "E-07", Sujet: "Bienvenue dans la communauté Aidants Connect"}
	return c.send(ctx, tx, a.aidant, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("Votre premier moyen de connexion fonctionne : vous pouvez maintenant entrer dans votre espace.")
		t.P("Pour commencer tranquillement :")
		t.Liste(
			"lisez les conditions d’utilisation, elles vous seront demandées à la première connexion ;",
			"créez des codes de secours et gardez-les en lieu sûr : ils servent si vous perdez votre téléphone ou votre carte ;",
			"créez votre premier mandat avec une personne que vous aidez.",
		)
		t.Lien("Me connecter", c.Site.Origine+web.CheminConnexion)
		t.P("En cas de question, votre référent est là pour vous aider.")
	})
}

// tellRemoved queues E-44.
func (c *Coffre) tellRemoved(ctx context.Context, tx *db.Tx, par Par, compte ident.AidantID, f Facteur) error {
	m := outbox.Message{Cle: "E-44/retrait/" + f.ID.String(), Genre: "E-44", Sujet: "Un moyen de connexion a été retiré de votre compte"}
	return c.send(ctx, tx, compte, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("Un moyen de connexion a été retiré de votre compte le %s, %s : %s.", web.DateHeure(tx.Now.Time()), par.words(compte), lower(strings.TrimSpace(f.Genre.Libelle()+" "+f.NumeroSerie)))
		t.P("Il n’ouvre plus votre compte. Par sécurité, vos autres connexions en cours ont été fermées.")
		c.notYou(t)
	})
}

// tellRecovery queues E-44 when recovery codes are made, or when one serves.
func (c *Coffre) tellRecovery(ctx context.Context, tx *db.Tx, compte ident.AidantID, cle, phrase string) error {
	m := outbox.Message{Cle: "E-44/" + cle, Genre: "E-44", Sujet: "Vos codes de secours"}
	return c.send(ctx, tx, compte, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("%s", phrase)
		c.notYou(t)
	})
}

func (c *Coffre) notYou(t *outbox.Corps) {
	t.Lien("Voir mes moyens de connexion", c.Site.Origine+CheminMoyens)
	t.P("Si vous n’attendiez pas ce changement, prévenez tout de suite votre référent%s : quelqu’un agit peut-être à votre place.", c.orSupport())
}

func (c *Coffre) orSupport() string {
	if c.Site.Contact == "" {
		return ""
	}
	return " ou écrivez à " + c.Site.Contact
}

// warnFailures queues E-42.
func (c *Coffre) warnFailures(ctx context.Context, tx *db.Tx, compte ident.AidantID, echecs int64) error {
	m := outbox.Message{Cle: "E-42/" + ident.New[ident.MessageID]().String(), Genre: "E-42", Sujet: "Plusieurs codes faux ont été saisis pour votre compte"}
	return c.send(ctx, tx, compte, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("%d codes faux de suite viennent d’être saisis pour votre compte. Personne n’est entré.", echecs)
		t.P("Si c’est vous : vérifiez que votre téléphone règle l’heure automatiquement, attendez un nouveau code, puis réessayez. Si vos codes sont toujours refusés, remettez votre application ou votre carte à l’heure.")
		t.Lien("Mon code est refusé", c.Site.Origine+CheminResync)
		t.P("Si ce n’est pas vous, quelqu’un essaie d’entrer : prévenez votre référent%s. Ne donnez jamais vos codes.", c.orSupport())
	})
}

// tellInvited queues E-43. The link is half of what is needed: the référent
// gives the other half in person.
func (c *Coffre) tellInvited(ctx context.Context, tx *db.Tx, i invitation, cle secret.Text) error {
	m := outbox.Message{
		Cle: "E-43/" + i.id.String(), Genre: "E-43", Sujet: "Associez une application à votre compte Aidants Connect",
		Peremption: tx.Now.Add(InvitationDuree), // rather nothing than a dead link
	}
	return c.send(ctx, tx, i.aidant, m, func(_ aidant.Aidant, t *outbox.Corps) {
		t.P("On vous invite à associer une application de codes à votre compte. Elle affichera les codes à six chiffres qui servent à se connecter.")
		t.P("Il vous faut :")
		t.Liste(
			"un téléphone avec une application de codes (FreeOTP, Aegis, 2FAS, Microsoft Authenticator…) ;",
			"le code d’activation à huit chiffres que votre référent vous donne de vive voix, jamais par courriel.",
		)
		t.Lien("Associer mon application", c.Site.Origine+CheminInvitation+url.PathEscape(cle.Reveal())+"/")
		t.P("Ce lien sert une fois, pendant 24 heures. S’il ne fonctionne plus, demandez une nouvelle invitation à votre référent.")
	})
}

// lower writes a label inside a sentence.
func lower(s string) string {
	for i, r := range s {
		return strings.ToLower(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// phraseRestants says how many recovery codes are left.
func phraseRestants(n int) string {
	switch n {
	case 0:
		return "Il n’en reste aucun : créez-en de nouveaux."
	case 1:
		return "Il en reste un seul : pensez à en créer de nouveaux."
	}
	return fmt.Sprintf("Il en reste %d.", n)
}
