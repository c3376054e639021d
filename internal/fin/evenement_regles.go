package fin

import (
	"slices"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Source is how a structure knows what happened.
type Source string

// The sources. The list is closed: no free text is kept about people.
const (
	Proche       Source = "proche"
	Acte         Source = "acte"
	Representant Source = "representant"
	Service      Source = "service"
)

// Sources gives them with their French, in order.
func Sources() [][2]string {
	return [][2]string{
		{string(Proche), "Un proche l’a dit"},
		{string(Acte), "Un acte officiel : acte de décès, jugement"},
		{string(Representant), "Le tuteur, le curateur ou la personne habilitée l’a dit"},
		{string(Service), "Un service public l’a dit"},
	}
}

// Libelle says the source in French.
func (s Source) Libelle() string { return worded(Sources(), string(s)) }

// Statut is where an event stands.
type Statut string

// The states.
const (
	Signalement Statut = "signale" // noted: it ended the structure's mandats
	Etendu      Statut = "etendu"  // checked by the team: it holds for every structure
	Ecarte      Statut = "ecarte"  // it holds for the structure that noted it
	Annule      Statut = "annule"  // a mistake, or the measure is lifted
)

// Evenement is a death or a protection measure, as a structure noted it.
type Evenement struct {
	ID           ident.OperationID // the act
	Usager       ident.UsagerID
	Organisation ident.OrganisationID
	Aidant       ident.AidantID
	Motif        mandat.Motif // Deces or Protection
	Source       Source
	Effet, Connu time.Time // when it happened, when it was noted
	Statut       Statut
	Verification string
}

// For is when it ends a mandat: when it happened, or at once when the mandat
// was signed since.
func (e Evenement) For(m mandat.Mandat) time.Time {
	if e.Effet.Before(m.DateCreation) {
		return m.DateCreation
	}
	return e.Effet
}

// Titre says the event in French.
func (e Evenement) Titre() string {
	if e.Motif == mandat.Deces {
		return "Décès de la personne"
	}
	return "Mesure de protection"
}

// saisie is the form of an event, as typed.
type saisie struct {
	Motif, Source, Date string
	Certain             bool
}

// premiereDate is the oldest day an event may bear.
const premiereDate = 1900

// parse reads the form: a day of Paris, not to come. Both happen within a day:
// the mandat ends as it begins.
func (s saisie) parse(now time.Time) (e Evenement, err error) {
	f := fault.Fields{}
	if e.Motif = mandat.Motif(s.Motif); e.Motif != mandat.Deces && e.Motif != mandat.Protection {
		f["evenement"] = "Indiquez ce qui est arrivé."
	}
	if e.Source = Source(s.Source); e.Source.Libelle() == "" {
		f["source"] = "Indiquez comment vous le savez."
	}
	day, err := time.ParseInLocation(time.DateOnly, s.Date, mandat.Paris)
	switch {
	case err != nil || day.Year() < premiereDate:
		f["date"] = "Indiquez la date, par exemple 02/03/2026."
	case day.After(now):
		f["date"] = "Cette date n’est pas encore passée."
	}
	if e.Effet = day; !s.Certain {
		f["certain"] = "Cochez cette case : les mandats ne se rouvrent pas."
	}
	if len(f) > 0 {
		return e, fault.Form(f)
	}
	return e, nil
}

// decision is what is answered to an event.
type decision struct {
	statut       Statut
	verification string
	par          ident.AidantID
}

// Why the team makes it everybody's, sets it aside, or why it is taken back.
var (
	verifications = [][2]string{
		{"acte", "J’ai vu l’acte de décès ou le jugement"},
		{"registre", "Je l’ai lu dans un registre officiel"},
		{"representant", "J’ai joint le tuteur, le curateur ou la personne habilitée"},
	}
	ecarts = [][2]string{
		{"non_confirme", "Ce n’est pas confirmé"},
		{"autre_personne", "Il s’agit d’une autre personne"},
	}
	retraits = [][2]string{
		{"erreur", "C’était une erreur"},
		{"levee", "La mesure de protection est levée"},
	}
)

// answers are the buttons of the team.
var answers = map[Statut]string{Etendu: "Étendre à toutes les structures", Ecarte: "Écarter", Annule: "Retirer"}

func worded(list [][2]string, s string) string {
	i := slices.IndexFunc(list, func(x [2]string) bool { return x[0] == s })
	if i < 0 {
		return ""
	}
	return list[i][1]
}

// parseDecision reads the team's answer.
func parseDecision(statut, why string) (decision, error) {
	d := decision{statut: Statut(statut), verification: why}
	switch {
	case d.statut == Etendu && worded(verifications, why) != "", d.statut == Ecarte && worded(ecarts, why) != "", d.statut == Annule && worded(retraits, why) != "":
		return d, nil
	case d.statut == Etendu:
		return d, fault.Form(fault.Fields{string(d.statut): "Dites comment vous l’avez vérifié."})
	case d.statut == Ecarte, d.statut == Annule:
		return d, fault.Form(fault.Fields{string(d.statut): "Dites pourquoi."})
	}
	return d, fault.New(fault.BadRequest, "decision_inconnue")
}
