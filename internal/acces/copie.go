package acces

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/recit"
)

// Copie is everything that is held of a person, as the file gives it.
type Copie struct {
	Service   string    `json:"service"`
	Perimetre string    `json:"perimetre"` // the structure, or the whole service
	Date      time.Time `json:"date"`
	Droits    []string  `json:"vos_droits"`
	Tables    []Table   `json:"donnees"`
	Mandats   []Contrat `json:"mandats"`
	Journal   []Acte    `json:"journal"`
}

// Table is what a table holds of the person.
type Table struct {
	Nom    string  `json:"table"`
	Titre  string  `json:"titre"`
	Lignes []Ligne `json:"lignes"`
}

// Contrat is a mandat with all that goes with it.
type Contrat struct {
	Tables   []Table  `json:"donnees"`
	Document string   `json:"document_signe_html"`
	Preuves  []Preuve `json:"preuves,omitempty"`
	Garde    string   `json:"conservation"`
}

// Preuve is the content of a proof of the person's agreement.
type Preuve struct {
	ID      string `json:"identifiant"`
	Type    string `json:"type"`
	Contenu string `json:"contenu_base64"`
}

// Acte is a line of the journal about the person.
type Acte struct {
	Date  time.Time `json:"date"`
	Acte  string    `json:"acte"`
	Par   string    `json:"par"`
	Ligne string    `json:"ligne_du_journal"`
}

// Rows counts what a copy holds, for the line that says it was made.
func (c Copie) Rows() int {
	n := len(c.Journal)
	count := func(ts []Table) {
		for _, t := range ts {
			n += len(t.Lignes)
		}
	}
	count(c.Tables)
	for _, m := range c.Mandats {
		count(m.Tables)
	}
	return n
}

// gather makes the copy of a demand.
func (h *Handlers) gather(ctx context.Context, tx *db.Tx, d Demande, structure string) (c Copie, err error) {
	c = Copie{Service: h.Site.Nom, Perimetre: structure, Date: tx.Now.Time().UTC(), Droits: droits(h.Site.Contact)}
	if c.Tables, err = read(ctx, tx, parPersonne, !d.Organisation.IsZero(), d.Usager, orgOrZero(d.Organisation)); err != nil {
		return c, err
	}
	if d.Organisation.IsZero() {
		held, err := h.Conserve(ctx, tx, d.Usager)
		if err != nil {
			return c, err
		}
		c.Tables = append(c.Tables, held...)
	}
	codes, err := mandats(ctx, tx, d.Usager, d.Organisation)
	if err != nil {
		return c, err
	}
	for _, code := range codes {
		x, held, err := h.contract(ctx, tx, d, code)
		if err != nil {
			return c, err
		}
		if held {
			c.Mandats = append(c.Mandats, x)
		}
	}
	c.Journal, err = h.lines(ctx, tx, d)
	return c, err
}

func read(ctx context.Context, tx *db.Tx, sources []source, structure bool, args ...any) (out []Table, err error) {
	for _, s := range sources {
		if s.service && structure {
			continue
		}
		rows, err := s.rows(ctx, tx, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, Table{s.table, s.titre, rows})
	}
	return out, nil
}

// contract gives one mandat; one that its structure no longer opens is left to
// the team's copy.
func (h *Handlers) contract(ctx context.Context, tx *db.Tx, d Demande, code string) (c Contrat, held bool, err error) {
	m, err := mandat.OfCode(ctx, tx, code)
	if err != nil {
		return c, false, err
	}
	if !d.Organisation.IsZero() && m.Archived(tx.Now.Time()) {
		return c, false, nil
	}
	if c.Tables, err = read(ctx, tx, parMandat, !d.Organisation.IsZero(), m.ID); err != nil {
		return c, false, err
	}
	p, err := mandat.LoadPiece(ctx, tx, m.ID)
	if err != nil {
		return c, false, err
	}
	c.Document, c.Garde = string(p.Contenu), m.Conserve()
	pieces, err := consentement.Pieces(ctx, tx, m.ID)
	if err != nil {
		return c, false, err
	}
	for _, x := range pieces {
		b, err := x.Open(h.Champs, m.Accord.Objet)
		if errors.Is(err, consentement.ErrEfface) {
			continue
		}
		if err != nil {
			return c, false, fmt.Errorf("open proof: %w", err)
		}
		c.Preuves = append(c.Preuves, Preuve{x.ID.String(), x.Type, base64.StdEncoding.EncodeToString(b)})
	}
	return c, true, nil
}

// lines reads the journal about the person, the oldest first.
func (h *Handlers) lines(ctx context.Context, tx *db.Tx, d Demande) (out []Acte, err error) {
	f := journal.Filtre{Usager: d.Usager, Organisation: d.Organisation, Limite: 1000}
	for range 100 {
		list, err := h.Journal.List(ctx, tx, f)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			f.Avant = l.ID
			out = append(out, Acte{l.Instant.Time().UTC(), recit.Phrase(l.Action, l.Fait), initiateurs[l.Initiateur], l.ID.String()})
		}
		if len(list) < f.Limite {
			break
		}
	}
	slices.Reverse(out)
	return out, nil
}

// initiateurs tell who acted as a role: a professional is somebody else.
var initiateurs = map[journal.Initiateur]string{
	journal.Usager: "vous", journal.SMS: "vous, par SMS", journal.Systeme: "le service, de lui-même", journal.Franceconnect: "FranceConnect",
	journal.Admin: "l’équipe du service", journal.Aidant: "un professionnel de la structure", journal.Referent: "un référent de la structure",
}

// droits is what a copy must say besides the data (RGPD, art. 15.1).
func droits(contact string) []string {
	to := "à la structure"
	if contact != "" {
		to += ", ou à " + contact
	}
	return []string{
		"Pourquoi : créer et garder vos mandats, transmettre votre identité à FranceConnect quand un aidant fait une démarche pour vous, vous rendre compte.",
		"D’où viennent ces données : de vous, et de FranceConnect quand vous vous y êtes connecté.",
		"Qui les reçoit : la structure qui vous aide, FranceConnect et le service public choisi, l’équipe du service.",
		"Combien de temps : la date est écrite avec chaque mandat, puis tout est effacé. " + garde.Identite.Generale() + " " + garde.Usage.Generale(),
		"Les messages que nous vous avons envoyés : leur date et leur raison sont dans votre histoire. Leur texte n’est pas dans cette copie : il est gardé chiffré, sous le seul numéro de l’acte, quatre-vingt-dix jours, puis effacé. Il disait la même chose que l’acte, et rien de plus.",
		"Vos droits : faire corriger, limiter, vous opposer, faire effacer ce qui n’a plus à être gardé. Demandez-le " + to + ".",
		"Si la réponse ne vous va pas : la CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris cedex 07, cnil.fr.",
		"Aucune décision n’est prise par un programme seul.",
	}
}
