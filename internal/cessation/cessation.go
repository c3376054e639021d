// Package cessation says what becomes of the mandats of a structure that
// closes, loses its habilitation, or has a successor in law (mandats.md 15,
// 16): it ends them, or has another structure continue them.
//
// In law: the mandat ends with the mandataire (Code civil, art. 2003); whoever
// follows it in law (merger, change of SIRET, activity taken over) continues its
// contracts. One person of the operator's team asks, with a reason and what
// proves it; another one, never the same, approves with a fresh code. From the
// approval of a closure every act and every use of the structure is refused, at
// once; its mandats are then ended by batches, by a task that goes on where it
// was. A transfer takes one mandat per transaction, all or nothing; what it
// cannot take stays as it was and is listed. Nothing is ever destroyed (M-W1,
// M-W16).
//
// Tables: cessation, cessation_echec.
// URLs: /gestion/cessations/….
// Journal: close_organisation; end_mandat and its like are written by fin,
// transfer_mandat and its like by mandat.
//
// With the agreement of the person there is nothing to transfer: they sign a
// mandat with the other structure, as with any (novation).
package cessation

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Genre is what is asked.
type Genre string

// The two.
const (
	Fermeture Genre = "fermeture"
	Transfert Genre = "transfert"
)

// Duree is how long a request waits for its second person.
const Duree = 3 * 24 * time.Hour

// lus is how many mandats are listed at once, lot how many one transaction ends:
// other acts wait for its end, on SQLite.
const (
	lus = 5000
	lot = 25
)

// motif is a reason: its key, how the team reads it, how a document prints it.
type motif struct{ cle, libelle, imprime string }

var motifs = map[Genre][]motif{
	Fermeture: {
		{"cessation", "La structure cesse son activité", "elle cesse son activité"},
		{"retrait", "Son habilitation est retirée", "son habilitation est retirée"},
		{"demande", "La structure le demande", "elle l’a demandé"},
	},
	Transfert: {
		{"fusion", "Fusion avec l’autre structure", "elle a fusionné avec l’autre structure"},
		{"siret", "Changement de SIRET : la même structure sous un autre numéro", "elle a changé de numéro SIRET"},
		{"reprise", "Reprise d’activité par l’autre structure", "l’autre structure a repris son activité"},
	},
}

// find gives a reason of a kind.
func (g Genre) find(cle string) (motif, bool) {
	i := slices.IndexFunc(motifs[g], func(m motif) bool { return m.cle == cle })
	if i < 0 {
		return motif{}, false
	}
	return motifs[g][i], true
}

// Titre names the act.
func (g Genre) Titre() string {
	if g == Transfert {
		return "Transfert de mandats"
	}
	return "Fermeture d’une structure"
}

// Demande is what is asked, as typed.
type Demande struct {
	Genre     Genre
	Siret     string // of the structure
	Cible     string // SIRET of the one that continues
	Code      string // of the only mandat to transfer; "" for all
	Motif     string
	Reference string // what proves it
}

const referenceMax = 300

// Check gives the normalised request, or one message per wrong field.
func (d Demande) Check() (Demande, error) {
	f := fault.Fields{}
	d.Siret, d.Cible = digits(d.Siret), digits(d.Cible)
	d.Reference = strings.Join(strings.Fields(d.Reference), " ")
	if motifs[d.Genre] == nil {
		f["genre"], f["motif"] = "Choisissez ce que vous demandez.", "Choisissez une raison."
	} else if _, ok := d.Genre.find(d.Motif); !ok {
		f["motif"] = "Choisissez une raison qui va avec cette demande."
	}
	if len(d.Siret) != 14 {
		f["siret"] = "Indiquez le SIRET de la structure : 14 chiffres."
	}
	switch {
	case d.Genre != Transfert:
		d.Cible, d.Code = "", ""
	case len(d.Cible) != 14:
		f["cible"] = "Indiquez le SIRET de la structure qui continue : 14 chiffres."
	case d.Cible == d.Siret:
		f["cible"] = "C’est la même structure."
	}
	if d.Code != "" {
		code, ok := mandat.ParseCode(d.Code)
		if !ok {
			f["code"] = "Ce n’est pas un code de mandat : il a douze lettres et chiffres, par exemple 7K2M-09QX-3F4T."
		}
		d.Code = code
	}
	if n := utf8.RuneCountInString(d.Reference); n < 5 || n > referenceMax || !utf8.ValidString(d.Reference) {
		f["reference"] = "Dites ce qui le prouve, en 300 caractères au plus : délibération, décision, date."
	}
	if len(f) > 0 {
		return d, fault.Form(f)
	}
	return d, nil
}

func digits(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), " ", "") }

// Operation is a request and what became of it.
type Operation struct {
	ID           ident.OperationID
	Genre        Genre
	Organisation ident.OrganisationID
	Cible        ident.OrganisationID // zero for a closure
	Code         string
	Motif        string
	Reference    string
	Demandeur    ident.AidantID
	Decideur     ident.AidantID
	Creation     time.Time
	Expiration   time.Time
	Issue        string
	DateIssue    time.Time
	Fin          time.Time
	Faits        int

	reference []byte // sealed
}

// Etat says where it stands.
func (o Operation) Etat(now time.Time) string {
	switch {
	case o.Issue == "refuse":
		return "Refusée"
	case o.Issue == "expire" || o.Issue == "" && !o.Expiration.After(now):
		return "Sans réponse à temps"
	case o.Issue == "":
		return "Attend une seconde personne"
	case o.Fin.IsZero():
		return "En cours"
	}
	return "Terminée"
}

// Waits tells whether somebody may still answer.
func (o Operation) Waits(now time.Time) bool { return o.Issue == "" && o.Expiration.After(now) }

// Echec is a mandat that a transfer left where it was.
type Echec struct{ Code, Raison string }

// raisons say why, in French.
var raisons = map[string]string{
	mandat.RaisonTermine: "il s’est terminé entre-temps", mandat.RaisonAccord: "la copie signée manque encore", mandat.RaisonPerimetre: "une démarche n’est pas permise à l’autre structure",
	mandat.RaisonInactive: "l’autre structure est fermée", mandat.RaisonDeces: "un décès est noté", mandat.RaisonProtection: "une mesure de protection est notée",
}

// Apercu is what an operation would do, counted before it is approved.
type Apercu struct {
	Mandats   int            // in force
	Personnes int            // who have one
	Refus     map[string]int // of a transfer: how many mandats it would leave, by reason
}

// Repris is how many a transfer would take.
func (a Apercu) Repris() int {
	n := a.Mandats
	for _, k := range a.Refus {
		n -= k
	}
	return n
}

// Raisons gives the reasons of Refus, sorted.
func (a Apercu) Raisons() []string {
	var out []string
	for r := range a.Refus {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}
