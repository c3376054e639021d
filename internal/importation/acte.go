package importation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/tableur"
)

// fichier is what somebody imports.
type fichier struct {
	Genre  Genre
	Octets []byte
}

// errEssai gives up the transaction of a trial: nothing of it stays.
var errEssai = errors.New("a trial changes nothing")

// try tells what an import would do, by doing it in a transaction that is given
// up. A file that cannot be read as a whole is a message on the field.
func (h *Handlers) try(ctx context.Context, a actor.Actor, f fichier) (r Rapport, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if r, err = h.run(ctx, tx, a, f); err != nil {
			return err
		}
		return errEssai
	})
	if errors.Is(err, errEssai) {
		return r, nil
	}
	return r, err
}

// run does the import: every line that may enter does.
func (h *Handlers) run(ctx context.Context, tx *db.Tx, a actor.Actor, f fichier) (Rapport, error) {
	if f.Genre == Cartes {
		return h.runCards(ctx, tx, a, f.Octets)
	}
	people, err := ParsePeople(f.Octets)
	if bad, ok := errors.AsType[*tableur.Refus](err); ok {
		return Rapport{}, unreadable(bad.Ligne, bad.Texte)
	}
	if err != nil {
		return Rapport{}, err
	}
	var r Rapport
	for _, p := range people {
		i, err := h.enter(ctx, tx, a, p)
		if err != nil {
			return r, err
		}
		r.Issues = append(r.Issues, i)
	}
	return r, h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session,
		Fait: fait.ImportAidants{Ajouts: r.Count(Ajout), Modifications: r.Count(Modification), Refusees: r.Count(Refusee)},
	})
}

// unreadable says on the field why a file cannot be read.
func unreadable(line int, text string) error {
	if line > 0 {
		text = fmt.Sprintf("Ligne %d : %s", line, text)
	}
	return fault.Form(fault.Fields{"fichier": text})
}

func (h *Handlers) runCards(ctx context.Context, tx *db.Tx, a actor.Actor, file []byte) (r Rapport, err error) {
	cs, refused, err := facteur.ParseCards(bytes.NewReader(file))
	if err != nil {
		return r, err
	}
	if len(refused) == 1 && refused[0].Ligne == 0 {
		return r, unreadable(0, refused[0].Texte)
	}
	if len(cs) > cartesMax {
		return r, unreadable(0, fmt.Sprintf("Ce fichier contient plus de %d cartes : coupez-le, ou importez-le par la ligne de commande.", cartesMax))
	}
	done, err := h.Facteurs.ImportCards(ctx, tx, facteur.ByGestion(a), facteur.Import{Cartes: cs, Essai: len(refused) > 0})
	if err != nil {
		return r, err
	}
	for i, c := range cs {
		if s := Sort(done.Sorts[i]); s != Refusee {
			r.Issues = append(r.Issues, Issue{c.Ligne, c.NumeroSerie, s, cardWords[s]})
		}
	}
	for _, x := range slices.Concat(refused, done.Refusees) {
		r.Issues = append(r.Issues, Issue{Ligne: x.Ligne, Sort: Refusee, Texte: x.Texte})
	}
	slices.SortStableFunc(r.Issues, func(x, y Issue) int { return x.Ligne - y.Ligne })
	return r, nil
}

var cardWords = map[Sort]string{Ajout: "Ajoutée au stock", Modification: "Secret remplacé", Inchangee: "Déjà en stock, inchangée"}

// enter opens or completes the account of one line. What is refused changes
// nothing and is told.
func (h *Handlers) enter(ctx context.Context, tx *db.Tx, a actor.Actor, p Personne) (Issue, error) {
	i := Issue{Ligne: p.Ligne, Qui: p.qui(), Sort: Refusee, Texte: p.Refus}
	if p.Refus != "" {
		return i, nil
	}
	o, err := organisation.LoadBySiret(ctx, tx, p.Siret)
	if fault.Is(err, fault.NotFound) {
		i.Texte = "Aucune structure n’a ce SIRET."
		return i, nil
	}
	if err != nil {
		return i, err
	}
	if !o.Active {
		i.Texte = "La structure « " + o.Nom + " » n’est plus active."
		return i, nil
	}
	p.Organisation = o.ID
	before, err := readAccount(ctx, tx, p.Email, o.ID)
	if err != nil {
		return i, err
	}
	if i.Texte = before.obstacle(a, p); i.Texte != "" {
		return i, nil
	}
	done, err := h.Comptes.Create(ctx, tx, compte.Par(a, journal.Admin), p.Nouveau)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		i.Texte = words(fault.FieldsOf(err))
		return i, nil
	}
	if err != nil {
		return i, err
	}
	i.Sort, i.Texte = before.told(p, o, done)
	return i, nil
}

// words joins the messages of a refusal, always in the same order.
func words(f fault.Fields) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(f)) {
		out = append(out, f[k])
	}
	return strings.Join(out, " ")
}

// compteConnu is an account as it was before its line.
type compteConnu struct {
	aidant.Aidant
	aidant.Place
	Existe bool
	Equipe bool // of the operator's team
}

// readAccount reads the account that has this address, if there is one.
func readAccount(ctx context.Context, tx *db.Tx, email string, org ident.OrganisationID) (c compteConnu, err error) {
	email, _ = aidant.NormalizeEmail(email)
	c.Aidant, err = aidant.LoadByEmail(ctx, tx, email)
	if fault.Is(err, fault.NotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Existe = true
	if c.Place, err = aidant.PlaceIn(ctx, tx, c.ID, org); err != nil {
		return c, err
	}
	c.Equipe, err = inTeam(ctx, tx, c.ID)
	return c, err
}

// obstacle tells why a line may not enter, beyond the rules of compte.
func (c compteConnu) obstacle(a actor.Actor, p Personne) string {
	switch {
	case c.Existe && c.ID == a.Aidant:
		return "C’est votre propre compte : demandez à une autre personne de l’équipe."
	case c.Existe && c.Equipe:
		return "Cette adresse est celle d’un compte de l’équipe du service."
	case !c.Existe && p.Referent && p.Telephone == "":
		return "Indiquez le mobile d’un nouveau référent : il sert à sa première connexion."
	}
	return ""
}

// told says what became of a line that entered.
func (c compteConnu) told(p Personne, o organisation.Organisation, done compte.Ouverture) (Sort, string) {
	if !c.Existe {
		return Ajout, "Compte ouvert pour " + o.Nom + ", " + roleWords(p) + "."
	}
	var parts []string
	add := func(yes bool, s string) {
		if yes {
			parts = append(parts, s)
		}
	}
	add(!c.Membre, "rattaché à "+o.Nom)
	add(done.Rouvert, "rouvert")
	add(!c.Habilite && !p.NonAidant, "habilité à conclure des mandats")
	add(!c.Place.Referent && p.Referent, "référent de "+o.Nom)
	who := "Le compte de " + c.NomComplet() + ", qui existe,"
	if len(parts) == 0 {
		return Inchangee, who + " a déjà tout cela."
	}
	return Modification, who + " est " + strings.Join(parts, ", ") + ". Ses nom, profession et téléphone ne changent pas."
}

func roleWords(p Personne) string {
	switch {
	case p.NonAidant:
		return "référent"
	case p.Referent:
		return "référent et aidant"
	}
	return "aidant"
}
