// Package detection looks, each night, for what the terms of use say is
// looked for: mandats and uses in short lapses of time, outside opening hours,
// one address or phone for many people, an aidant far outside the norm (L-61).
//
// A signalement is a reason to ask, never a proof and never a sanction: nothing
// is closed, slowed or counted against anybody. Each says what was seen, past
// what threshold, why that threshold, and what may explain it. The référent
// sees those of their structure, the operator's team all of them; both may mark
// one as seen, without a comment. Nobody marks what is about themselves.
//
// A row holds numbers, a structure and sometimes an aidant: no person helped,
// no address, no phone. It is erased after twelve months.
//
// Tables: detection_signalement.
// URLs: /espace-referent/signalements/…, /gestion/signalements/….
// Journal: ack_signalement.
package detection

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/ident"
)

// Regle is what was looked for.
type Regle string

// The rules, in the order of the pages.
const (
	RafaleMandats Regle = "rafale_mandats"
	RafaleUsages  Regle = "rafale_usages"
	HorsHoraires  Regle = "hors_horaires"
	Contact       Regle = "contact_partage"
	HorsNorme     Regle = "hors_norme"
)

// Regles gives them in that order.
func Regles() []Regle {
	return []Regle{RafaleMandats, RafaleUsages, HorsHoraires, Contact, HorsNorme}
}

// The thresholds. Each is explained to who reads a signalement (texte).
const (
	fenetre        = 30 * time.Minute
	mandatsFenetre = 4   // mandats signed by one aidant in fenetre
	gensFenetre    = 5   // different people for whom one aidant acted in fenetre
	actesLaNuit    = 3   // acts of one aidant the same day outside hours
	ouverture      = 7   // hours of the structure's clock
	fermeture      = 21  //
	gensContact    = 5   // people of one structure with the same address or phone
	normePlancher  = 100 // acts in thirty days under which nobody is outside the norm
	normeFois      = 5   // times the median of the aidants who acted
	joursNorme     = 30
)

// texte explains a rule.
type texte struct{ Titre, Pourquoi, Explique string }

var textes = map[Regle]texte{
	RafaleMandats: {
		"Mandats signés coup sur coup",
		"Un mandat demande de lire cinq points à voix haute, une connexion de la personne à FranceConnect, et sa signature : quatre en une demi-heure laissent moins de huit minutes à chacun. Les conditions d’utilisation (article 6.4) demandent de signaler les mandats faits en peu de temps.",
		"Une permanence très suivie, ou des mandats préparés d’avance et signés ensemble.",
	},
	RafaleUsages: {
		"Démarches pour beaucoup de personnes coup sur coup",
		"Agir pour cinq personnes différentes en une demi-heure laisse six minutes à chacune, connexion et lecture comprises.",
		"Une même formalité attendue par tous, le jour d’une échéance.",
	},
	HorsHoraires: {
		"Actes la nuit ou le dimanche",
		"Les conditions d’utilisation (article 6.4) demandent de signaler ce qui est fait hors des heures d’ouverture. Sans horaires connus de chaque structure, on retient avant 7 h, après 21 h et le dimanche, à l’heure du territoire de la structure ; il en faut trois le même jour, pour ne pas relever une soirée qui se prolonge.",
		"Une permanence du soir, une astreinte.",
	},
	Contact: {
		"Une même adresse ou un même téléphone pour beaucoup de personnes",
		"Un couple partage souvent une adresse ; cinq personnes, presque jamais. Celle d’un aidant ou de la structure prive les personnes des avis qui leur sont envoyés.",
		"Un foyer, une pension de famille, un établissement qui reçoit le courrier de ses résidents.",
	},
	HorsNorme: {
		"Un aidant très au-dessus des autres",
		"Cent actes en trente jours, et cinq fois la médiane de ceux qui ont agi. En 2024, la structure active médiane avait fait quatorze démarches dans toute sa vie ; quelques-unes en faisaient des milliers, ce qui n’a rien d’anormal en soi.",
		"Un poste à plein temps, une structure très fréquentée.",
	},
}

// Titre names a rule.
func (r Regle) Titre() string { return textes[r].Titre }

// Acte is a mandat signed or a use, as the rules see it.
type Acte struct {
	Aidant       ident.AidantID
	Organisation ident.OrganisationID
	Usager       ident.UsagerID
	Date         time.Time
	Mandat       bool   // a signature; else a use
	CodePostal   string // of the structure: where its clock is
}

// Signalement is what a rule found.
type Signalement struct {
	ID           ident.OperationID
	Regle        Regle
	Organisation ident.OrganisationID
	Aidant       ident.AidantID // zero: it is about a structure
	Periode      string         // day or month of Paris: one signalement of a kind for each
	Valeur       int
	Reference    int // what it is compared with: the threshold, or the median
}

type sujet struct {
	aidant ident.AidantID
	org    ident.OrganisationID
}

// OfDay applies the rules to the acts of one day of Paris.
func OfDay(day time.Time, actes []Acte, paris *time.Location) (out []Signalement) {
	by := map[sujet][]Acte{}
	for _, a := range actes {
		k := sujet{a.Aidant, a.Organisation}
		by[k] = append(by[k], a)
	}
	name := day.In(paris).Format(time.DateOnly)
	add := func(r Regle, k sujet, n, threshold int) {
		if n >= threshold {
			out = append(out, Signalement{Regle: r, Organisation: k.org, Aidant: k.aidant, Periode: name, Valeur: n, Reference: threshold})
		}
	}
	for k, as := range by {
		slices.SortFunc(as, func(a, b Acte) int { return a.Date.Compare(b.Date) })
		add(RafaleMandats, k, burst(as, true, func(w []Acte) int { return len(w) }), mandatsFenetre)
		add(RafaleUsages, k, burst(as, false, people), gensFenetre)
		late := 0
		for _, a := range as {
			if outside(a.Date.In(Zone(a.CodePostal, paris))) {
				late++
			}
		}
		add(HorsHoraires, k, late, actesLaNuit)
	}
	slices.SortFunc(out, order)
	return out
}

// burst is the most that one window of time holds, among the signatures or
// among the uses, both ends included.
func burst(as []Acte, mandats bool, count func([]Acte) int) (most int) {
	as = slices.DeleteFunc(slices.Clone(as), func(a Acte) bool { return a.Mandat != mandats })
	first := 0
	for i := range as {
		for as[i].Date.Sub(as[first].Date) > fenetre {
			first++
		}
		most = max(most, count(as[first:i+1]))
	}
	return most
}

func people(as []Acte) int {
	seen := map[ident.UsagerID]bool{}
	for _, a := range as {
		seen[a.Usager] = true
	}
	return len(seen)
}

// zones are the clocks of overseas, by the first three digits of the postal code.
var zones = map[string]string{
	"971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion", "975": "America/Miquelon", "976": "Indian/Mayotte",
	"977": "America/St_Barthelemy", "978": "America/Marigot", "986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}

// Zone is the clock of a structure: that of its territory, else Paris. In
// Polynesia it is that of Tahiti: the Marquesas are half an hour ahead, the
// Gambier an hour.
func Zone(codePostal string, paris *time.Location) *time.Location {
	if len(codePostal) < 3 {
		return paris
	}
	if l, err := time.LoadLocation(cmp.Or(zones[codePostal[:3]], paris.String())); err == nil {
		return l
	}
	return paris
}

// outside tells a night or a Sunday, on the clock of the structure.
func outside(t time.Time) bool {
	return t.Weekday() == time.Sunday || t.Hour() < ouverture || t.Hour() >= fermeture
}

// Partage is a contact held for several people of a structure: how many.
type Partage struct {
	Organisation ident.OrganisationID
	Personnes    int
}

// Shared gives one signalement per structure: its most shared contact.
func Shared(month string, ps []Partage) (out []Signalement) {
	most := map[ident.OrganisationID]int{}
	for _, p := range ps {
		most[p.Organisation] = max(most[p.Organisation], p.Personnes)
	}
	for org, n := range most {
		if n >= gensContact {
			out = append(out, Signalement{Regle: Contact, Organisation: org, Periode: month, Valeur: n, Reference: gensContact})
		}
	}
	slices.SortFunc(out, order)
	return out
}

// Volume is how much an aidant did for a structure in thirty days.
type Volume struct {
	Aidant       ident.AidantID
	Organisation ident.OrganisationID
	Actes        int
}

// Far gives who is far outside the norm: the median of those who acted.
func Far(month string, vs []Volume) (out []Signalement) {
	m := median(vs)
	for _, v := range vs {
		if v.Actes >= normePlancher && v.Actes >= normeFois*m {
			out = append(out, Signalement{Regle: HorsNorme, Organisation: v.Organisation, Aidant: v.Aidant, Periode: month, Valeur: v.Actes, Reference: m})
		}
	}
	slices.SortFunc(out, order)
	return out
}

func median(vs []Volume) int {
	if len(vs) == 0 {
		return 0
	}
	all := make([]int, 0, len(vs))
	for _, v := range vs {
		all = append(all, v.Actes)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func order(a, b Signalement) int {
	return cmp.Or(cmp.Compare(a.Regle, b.Regle), cmp.Compare(a.Organisation.String(), b.Organisation.String()), cmp.Compare(a.Aidant.String(), b.Aidant.String()))
}

// Phrase says what was seen, without a name.
func (s Signalement) Phrase() string {
	switch s.Regle {
	case RafaleMandats:
		return fmt.Sprintf("%d mandats signés en trente minutes (seuil : %d)", s.Valeur, s.Reference)
	case RafaleUsages:
		return fmt.Sprintf("démarches pour %d personnes en trente minutes (seuil : %d)", s.Valeur, s.Reference)
	case HorsHoraires:
		return fmt.Sprintf("%d actes avant 7 h, après 21 h ou un dimanche (seuil : %d le même jour)", s.Valeur, s.Reference)
	case Contact:
		return fmt.Sprintf("%d personnes ont la même adresse ou le même téléphone (seuil : %d)", s.Valeur, s.Reference)
	case HorsNorme:
		return fmt.Sprintf("%d actes en trente jours ; la médiane est %d", s.Valeur, s.Reference)
	}
	return ""
}
