package web

import (
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/web/dsfr"
)

// Page is what Layout needs besides the page's own content.
type Page struct {
	Site  Site
	Titre string       // « Titre – Aidants Connect » in the browser's tab; not the h1
	Actor *actor.Actor // who is signed in; nil for nobody
	Fil   []Lien       // breadcrumb, the page itself last
	Actif string       // entry of the menu: NavAccueil…

	EnErreur       bool     // a form is shown again: the browser's tab says so first
	SansNavigation bool     // no menu: sign-in, choice of the usager for FranceConnect
	FranceConnect  bool     // its mark is shown, if the operator has it (FI-25)
	Large          bool     // the content makes its own containers
	Etroit         bool     // two thirds of the width: forms, texts
	Modules        []string // ES modules of the page: "recherche.js"
}

// Entries of the menu.
const (
	NavAccueil  = "accueil"
	NavCreation = "creation"
	NavUsagers  = "usagers"
	NavReferent = "referent"

	NavAidants   = "referent_aidants"
	NavReferents = "referent_referents"
	NavStructure = "referent_structure"
	NavGestion   = "gestion"

	NavGestionComptes  = "gestion_comptes"
	NavGestionDemandes = "gestion_demandes"
	NavGestionMessages = "gestion_messages"

	NavReferentJournal = "referent_journal"
	NavGestionJournal  = "gestion_journal"
)

func (p Page) nom() string {
	if p.Site.Nom == "" {
		return "Aidants Connect"
	}
	return p.Site.Nom
}

func (p Page) titre() string {
	t := p.Titre + " – " + p.nom()
	if p.EnErreur {
		return "Erreur : " + t
	}
	return t
}

func (p Page) entete() dsfr.Entete {
	e := dsfr.Entete{
		Service: p.nom(), Icone: Asset(icon), NonOfficiel: !p.Site.MarqueEtat, Accueil: "/",
		Devise: "Aider en ligne, avec un mandat, en toute sécurité",
		Marque: p.Site.Marques.URL(MarqueEtat),
	}
	if p.FranceConnect {
		e.Partenaire, e.PartenaireNom = p.Site.Marques.URL(MarqueFranceConnect), "FranceConnect"
	}
	if p.Actor == nil {
		if !p.SansNavigation {
			e.Acces = []Lien{{Libelle: "Se connecter", URL: CheminConnexion}}
		}
		return e
	}
	e.Accueil = "/espace-aidant/"
	e.Personne, e.Structure, e.Deconnexion = p.Actor.NomComplet(), p.Actor.OrganisationNom, CheminDeconnexion
	if p.SansNavigation {
		return e
	}
	e.Compte = CheminProfil
	if p.Actor.PlusieursStructures {
		e.Structures = CheminOrganisations
	}
	e.Menu = p.menu()
	return e
}

// menu offers only what the actor can open. In the espace référent it is that
// space's own, with the way back to the other.
func (p Page) menu() []Lien {
	if strings.HasPrefix(p.Actif, NavReferent) && p.Actor.Referent {
		return p.menuReferent()
	}
	if strings.HasPrefix(p.Actif, NavGestion) && p.inGestion() {
		return p.menuGestion()
	}
	m := []Lien{{Libelle: "Accueil", URL: "/espace-aidant/", Actif: p.Actif == NavAccueil}}
	if p.Actor.IsAidant() {
		m = append(m,
			Lien{Libelle: "Créer un mandat", URL: "/espace-aidant/creation_mandat/", Actif: p.Actif == NavCreation},
			Lien{Libelle: "Mes mandats", URL: "/espace-aidant/usagers/", Actif: p.Actif == NavUsagers})
	}
	if p.Actor.Referent && p.Actor.OrganisationActive {
		m = append(m, Lien{Libelle: "Espace référent", URL: "/espace-referent/", Actif: p.Actif == NavReferent})
	}
	if p.inGestion() {
		m = append(m, Lien{Libelle: "Gestion", URL: "/gestion/", Actif: p.Actif == NavGestion})
	}
	return m
}

// inGestion tells whether the back-office opens to the actor.
func (p Page) inGestion() bool { return p.Actor.CleForte && p.Actor.Equipe() }

func (p Page) menuGestion() []Lien {
	return []Lien{
		{Libelle: "À traiter", URL: "/gestion/", Actif: p.Actif == NavGestion},
		{Libelle: "Demandes", URL: "/gestion/demandes/", Actif: p.Actif == NavGestionDemandes},
		{Libelle: "Comptes", URL: "/gestion/comptes/", Actif: p.Actif == NavGestionComptes},
		{Libelle: "Messages", URL: "/gestion/messages/", Actif: p.Actif == NavGestionMessages},
		{Libelle: "Journal", URL: "/gestion/journal/", Actif: p.Actif == NavGestionJournal},
		{Libelle: "Espace aidant", URL: "/espace-aidant/"},
	}
}

func (p Page) menuReferent() []Lien {
	m := []Lien{
		{Libelle: "Tableau de bord", URL: "/espace-referent/", Actif: p.Actif == NavReferent},
		{Libelle: "Aidants", URL: "/espace-referent/aidants/", Actif: p.Actif == NavAidants},
		{Libelle: "Référents", URL: "/espace-referent/referents/", Actif: p.Actif == NavReferents},
		{Libelle: "Structure", URL: "/espace-referent/organisation/", Actif: p.Actif == NavStructure},
		{Libelle: "Journal", URL: "/espace-referent/journal/", Actif: p.Actif == NavReferentJournal},
	}
	if p.Actor.IsAidant() {
		m = append(m, Lien{Libelle: "Espace aidant", URL: "/espace-aidant/"})
	}
	return m
}

func (p Page) evitement() []Lien {
	return []Lien{{Libelle: "Contenu", URL: "#contenu"}, {Libelle: "Pied de page", URL: "#pied"}}
}

func (p Page) pied() dsfr.Pied {
	return dsfr.Pied{
		Service: p.nom(), NonOfficiel: !p.Site.MarqueEtat, Contact: p.Site.Contact,
		Texte: "Un aidant professionnel fait une démarche en ligne à la place d’une personne, avec son mandat.",
		Liens: []Lien{
			{Libelle: "Accessibilité : non conforme", URL: "/accessibilite/"},
			{Libelle: "Mentions légales", URL: "/mentions-legales/"},
			{Libelle: "Données personnelles", URL: "/politique_confidentialite/"},
			{Libelle: "Conditions d’utilisation", URL: "/cgu/"},
			{Libelle: "Journal public", URL: "/journal/"},
			{Libelle: "Plan du site", URL: "/plan-du-site/"},
		},
	}
}
