package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// boite is the demo's own page: its mailbox and the current codes of its
// accounts. It exists in the demo only, on its own host name.
type boite struct {
	site     web.Site
	app      string
	service  string
	fautes   string // where the faults of the simulation are chosen
	courriel string // folder of the .eml files
	comptes  []Compte
	equipe   []Compte // of the operator; empty when this demo has none
	clock    func() time.Time
	// repondre answers the last SMS of a number, as its provider would.
	repondre func(ctx context.Context, numero, message string) error
}

// compteAffiche is a demo account with its code of the moment.
type compteAffiche struct {
	Compte
	Code     string
	Restant  int // seconds before the next code
	Prochain string
}

func (b *boite) handler() http.Handler {
	m := web.NewMux(web.Config{Site: b.site, Now: b.clock})
	m.Public("GET /{$}", b.show)
	m.Public("POST /telephone", b.answer)
	m.Machine("GET /courriels.json", b.list)
	return m
}

func (b *boite) show(w http.ResponseWriter, r *http.Request) error {
	mails, err := outbox.ReadFolder(b.courriel)
	if err != nil {
		return err
	}
	now := b.clock()
	all := slices.Concat(b.comptes, b.equipe)
	codes := make([]compteAffiche, len(all))
	for i, c := range all {
		graine, err := facteur.ParseGraine(c.TOTP)
		if err != nil {
			return err
		}
		pas := facteur.Pas(now, 30)
		codes[i] = compteAffiche{c, facteur.Code(graine, pas), int(30 - now.Unix()%30), facteur.Code(graine, pas+1)}
	}
	if len(mails) > 30 {
		mails = mails[:30]
	}
	return web.Render(w, r, http.StatusOK, boitePage(b, codes, vueBoite{mails: mails, telephones: telephones(mails), repondu: r.URL.Query().Get("repondu") != ""}))
}

// answer is what the visitor types on the phone of somebody.
func (b *boite) answer(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	message := form.Get("message")
	if s := form.Get("mot"); s != "" { // a button rather than the field
		message = s
	}
	if message == "" {
		return web.Redirect(w, r, "/#telephones")
	}
	if err := b.repondre(r.Context(), form.Get("numero"), message); err != nil {
		return err
	}
	return web.Redirect(w, r, "/?repondu=1#telephones")
}

// vueBoite is what the page shows besides the codes.
type vueBoite struct {
	mails      []outbox.Lu
	telephones []telephone
	repondu    bool
}

// telephone is a phone of the demonstration: its SMS, oldest first.
type telephone struct {
	numero string
	recus  []outbox.Lu
}

// telephones sorts the SMS by number, the last one to ring first.
func telephones(mails []outbox.Lu) []telephone {
	var out []telephone
	for _, m := range mails { // newest first
		if m.Canal != "sms" {
			continue
		}
		i := slices.IndexFunc(out, func(t telephone) bool { return t.numero == m.To })
		if i < 0 {
			i, out = len(out), append(out, telephone{numero: m.To})
		}
		out[i].recus = slices.Insert(out[i].recus, 0, m)
	}
	return out
}

func (b *boite) list(w http.ResponseWriter, _ *http.Request) error {
	mails, err := outbox.ReadFolder(b.courriel)
	if err != nil {
		return err
	}
	if mails == nil {
		mails = []outbox.Lu{}
	}
	return web.JSON(w, http.StatusOK, mails)
}

// lignes cuts a mail into paragraphs and says which are links of the app.
func (b *boite) lignes(texte string) []ligneCourriel {
	var out []ligneCourriel
	for l := range strings.SplitSeq(texte, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, ligneCourriel{l, strings.HasPrefix(l, b.app+"/")})
		}
	}
	return out
}

// titreMessage says what a message is before it is opened.
func titreMessage(m outbox.Lu) string {
	subject := m.Subject
	if m.Canal == "sms" {
		subject = "SMS"
	}
	return fmt.Sprintf("%s — à %s, %s", subject, m.To, web.DateHeure(m.Date))
}

type ligneCourriel struct {
	Texte string
	Lien  bool
}
