// Package fournisseur is the OpenID provider that FranceConnect consults (FI):
// an aidant chooses the person and the démarche, and we assert to FranceConnect
// the identity that the mandat carries (franceconnect.md §2–11; mandats.md 10).
//
// In law: a use of a mandat, which must stay within what it lists (Code civil,
// art. 1989) and of which account is rendered (art. 1993). A mandat that has
// ended is refused at once, at each step (art. 2005).
//
// Tables: requete_tenue, dossier_utilisation.
// URLs: /authorize/, /authorize/reprise/, /authorize/retour/, /select_usager/,
// /select_demarche/, /token/, /userinfo/, /logout/, /jwks,
// /.well-known/openid-configuration.
// Journal: use_autorisation, refuse_authorize, refuse_token, refuse_userinfo,
// replay_code, notify_usager.
//
// It does not write the protocol's words (oidc), does not keep the keys (cle),
// does not end a mandat (mandat), and never signs within a transaction.
package fournisseur

import (
	"slices"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/usager"
)

// Statut is the step of a dossier d'utilisation (§10).
type Statut string

// The steps. The last three are final: digests and nonce are erased.
const (
	UsagerChoisi    Statut = "usager_choisi"
	DemarcheChoisie Statut = "demarche_choisie"
	CodeEchange     Statut = "code_echange"
	Servi           Statut = "servi"
	Clos            Statut = "clos"
	Expire          Statut = "expire"
	Refuse          Statut = "refuse"
)

// Motif is why a use did not go on; "" when nothing is against it.
type Motif string

// The reasons. They are journaled as they are.
const (
	SansMotif            Motif = ""
	AutorisationTerminee Motif = "autorisation_terminee"
	AccordManquant       Motif = "accord_manquant"
	HorsPerimetre        Motif = "hors_perimetre"
	OrganisationInactive Motif = "organisation_inactive"
	AidantInactif        Motif = "aidant_inactif"
	AidantNonMembre      Motif = "aidant_non_membre"
	AidantNonHabilite    Motif = "aidant_non_habilite"
	IdentiteIncomplete   Motif = "identite_incomplete"
	SansCourriel         Motif = "sans_courriel"
	HorsDemande          Motif = "hors_demande"
	NonPropose           Motif = "non_propose"
	AutrePersonne        Motif = "autre_personne"
	CodeRejoue           Motif = "code_rejoue"
	Abandon              Motif = "abandon"
	Delai                Motif = "delai"
)

var motifs = map[Motif]string{
	AutorisationTerminee: "le mandat ou cette démarche du mandat n'est plus en cours",
	AccordManquant:       "la preuve de l'accord de la personne manque : joignez la copie signée du mandat depuis sa fiche",
	HorsPerimetre:        "votre structure ne peut plus faire cette démarche",
	OrganisationInactive: "votre structure n'est plus active",
	AidantInactif:        "votre compte n'est plus actif",
	AidantNonMembre:      "vous n'êtes plus membre de la structure qui tient le mandat",
	AidantNonHabilite:    "votre compte ne permet plus d'utiliser des mandats",
	IdentiteIncomplete:   "l'identité portée par le mandat est incomplète pour FranceConnect",
	SansCourriel:         "aucune adresse électronique n'est connue pour cette personne",
	HorsDemande:          "le service n'accepte pas de mandat pour cette démarche",
	NonPropose:           "ce choix n'était pas proposé",
	AutrePersonne:        "une autre personne a été choisie entre-temps",
	CodeRejoue:           "le même code a été présenté deux fois ; par sécurité, l'accès a été retiré",
	Delai:                "FranceConnect n'a pas terminé la connexion dans le temps prévu",
}

// Texte says the reason in French, after « La dernière connexion n'a pas
// abouti : ».
func (m Motif) Texte() string { return motifs[m] }

// Issue is how a use ended, for the figures of the operator.
type Issue string

// The outcomes.
const (
	IssueServie       Issue = "servie"        // the identity was delivered
	IssueRendue       Issue = "rendue"        // the aidant went back to FranceConnect
	IssueRefuseePage  Issue = "refusee_page"  // stopped on our pages
	IssueRefuseeCode  Issue = "refusee_code"  // at /token
	IssueRefuseeJeton Issue = "refusee_jeton" // at /userinfo
)

// Issues lists the outcomes.
func Issues() []Issue {
	return []Issue{IssueServie, IssueRendue, IssueRefuseePage, IssueRefuseeCode, IssueRefuseeJeton}
}

// Durees are the delays of §10. Zero values are the defaults.
type Durees struct {
	Demande   time.Duration // from the request to the choice of the démarche: 10 min
	AgeOTP    time.Duration // oldest second factor under prompt=login: 15 min, at most 30 (FI-20)
	Code      time.Duration // life of a code: 60 s
	Jeton     time.Duration // life of an access token: 60 s
	Connexion time.Duration // FranceConnect's own session, after which a use is closed: 30 min
}

// WithDefaults fills what is missing and bounds what is too long.
func (d Durees) WithDefaults() Durees {
	bound := func(v, most time.Duration) time.Duration {
		if v <= 0 {
			return most
		}
		return min(v, most)
	}
	if d.AgeOTP <= 0 {
		d.AgeOTP = 15 * time.Minute
	}
	return Durees{
		Demande: bound(d.Demande, 10*time.Minute), AgeOTP: min(d.AgeOTP, 30*time.Minute),
		Code: bound(d.Code, time.Minute), Jeton: bound(d.Jeton, time.Minute), Connexion: bound(d.Connexion, 30*time.Minute),
	}
}

// OTPRecent tells whether the second factor is young enough for this request
// (FI-07, FI-08, FI-20). The age is measured when the request arrived, so that
// the answer does not change while the aidant chooses; a factor given since
// then is always young enough, whatever max_age.
func (d Durees) OTPRecent(r oidc.AuthRequest, arrived, otp time.Time) bool {
	if !otp.Before(arrived) {
		return true
	}
	age := arrived.Sub(otp)
	if r.PromptLogin && age >= d.AgeOTP {
		return false
	}
	return r.MaxAge == nil || age <= time.Duration(*r.MaxAge)*time.Second
}

// Droits is what the database says, now, of one autorisation and of who wants
// to use it: the matter of the re-checks of §10.
type Droits struct {
	Autorisation ident.AutorisationID
	Mandat       ident.MandatID
	Organisation ident.OrganisationID
	Usager       ident.UsagerID
	Demarche     demarche.Demarche

	Vivante         bool // not ended, mandat not expired
	Accordee        bool // the person agreed, with proof: the mandat is usable
	Permise         bool // within the périmètre of the structure, today
	StructureActive bool
	CompteActif     bool
	Habilite        bool
	Membre          bool

	Identite  oidc.Identity // snapshot of the mandat (FI-56), with the sub
	Contact   string        // e-mail that this structure holds for the person
	Structure string        // name of the structure
}

// WithEmail completes the identity (FI-55): the snapshot's e-mail, else the
// contact of this structure, else the mailbox owned by the service, if any.
func (d Droits) WithEmail(service string) Droits {
	for _, e := range []string{d.Contact, service} {
		if d.Identite.Email == "" {
			d.Identite.Email = e
		}
	}
	return d
}

// Refus applies the re-checks of §10, the same at the choice, at /token and at
// /userinfo (M-W15). The order puts first what the aidant can understand best.
func (d Droits) Refus(demande oidc.RepScope) Motif {
	switch {
	case !d.CompteActif:
		return AidantInactif
	case !d.StructureActive:
		return OrganisationInactive
	case !d.Membre:
		return AidantNonMembre
	case !d.Habilite:
		return AidantNonHabilite
	case !d.Vivante:
		return AutorisationTerminee
	case !d.Accordee:
		return AccordManquant
	case !d.Permise:
		return HorsPerimetre
	case len(demande.Filter([]demarche.Demarche{d.Demarche})) == 0:
		return HorsDemande
	}
	switch manque := oidc.CheckIdentity(d.Identite); {
	case len(manque) == 0:
		return SansMotif
	case slices.Equal(manque, []oidc.Champ{oidc.ChampCourriel}) && d.Identite.Email == "":
		return SansCourriel
	}
	return IdentiteIncomplete
}

// Offre is what the démarche page may propose for one person: what every check
// allows, and what is set aside with its reason.
type Offre struct {
	Choix    []Droits // in display order
	Ecartees []Ecartee
}

// Ecartee is a live démarche that cannot be used now.
type Ecartee struct {
	Demarche demarche.Demarche
	Motif    Motif
	Manque   []oidc.Champ // of the identity, when that is the reason
}

// MakeOffre sorts the live autorisations of a person: live ∩ périmètre ∩
// requested, each with a complete identity (FI-23, FI-57).
func MakeOffre(ds []Droits, demande oidc.RepScope) Offre {
	var o Offre
	for _, k := range demarche.Keys() {
		for _, d := range ds {
			if d.Demarche != k {
				continue
			}
			m := d.Refus(demande)
			if m == SansMotif {
				o.Choix = append(o.Choix, d)
				continue
			}
			e := Ecartee{Demarche: k, Motif: m}
			if m == IdentiteIncomplete {
				e.Manque = oidc.CheckIdentity(d.Identite)
			}
			o.Ecartees = append(o.Ecartees, e)
		}
	}
	return o
}

// Find gives the choice for a démarche; ok is false when it is not offered.
func (o Offre) Find(k demarche.Demarche) (Droits, bool) {
	for _, d := range o.Choix {
		if d.Demarche == k {
			return d, true
		}
	}
	return Droits{}, false
}

// Refus is the one reason to give when nothing is offered: an identity that a
// new mandat would mend says more than a démarche that the service refuses.
func (o Offre) Refus() (Motif, []oidc.Champ) {
	for _, e := range o.Ecartees {
		if e.Motif == IdentiteIncomplete || e.Motif == SansCourriel || e.Motif == AccordManquant {
			return e.Motif, e.Manque
		}
	}
	for _, e := range o.Ecartees {
		if e.Motif != HorsDemande && e.Motif != HorsPerimetre {
			return e.Motif, nil
		}
	}
	return HorsDemande, nil
}

// Echec is a use that did not go on, for the home page.
type Echec struct {
	Motif Motif
	Date  time.Time
}

// Connexion is a use that may still be open at FranceConnect (FI-84).
type Connexion struct {
	Usager   ident.UsagerID
	Nom      string // « GALANTIER Bastien Loïc »
	Demarche demarche.Demarche
	Depuis   time.Time
	Jusque   time.Time // FranceConnect's own session ends then, unless it is used
}

// Rappel says what to do about a use that may still be open, and what nobody
// would see otherwise (FI-84, FI-85): for half an hour FranceConnect gives the
// same identity to any public service opened in this browser, without a call
// to us.
const Rappel = "Quand vous avez fini, déconnectez-vous du service public ouvert : cela ferme aussi FranceConnect. " +
	"Sinon, pendant une demi-heure, un autre service ouvert dans ce navigateur le serait encore à son nom, et nous ne le verrions pas."

// Attente is a request of FranceConnect that waits for the aidant's choice.
type Attente struct {
	URL       string    // of the choice, which also offers to go back
	Jusque    time.Time // it is lost then
	Demarches []demarche.Demarche
}

// Mandant is a person whom the structure may act for, on the page of choice.
type Mandant struct {
	Usager    ident.UsagerID
	Identite  usager.Identite     // as in the mandat that lasts longest
	Demarches []demarche.Demarche // live, in display order
}

// civil gives the identity of a mandat in the words of its pages.
func civil(i oidc.Identity) usager.Identite {
	return usager.Identite{
		GivenName: i.GivenName, FamilyName: i.FamilyName, PreferredUsername: i.PreferredUsername, Gender: i.Gender,
		Birthdate: i.Birthdate, Birthplace: i.Birthplace, Birthcountry: i.Birthcountry, Email: i.Email,
	}
}

// amr tells how the aidant proved who they are, in the words of RFC 8176: a
// link received by e-mail and a one-time code, or a key that resists phishing.
// It is optional: what has no truthful word there is left out.
func amr(moyen string) []string {
	switch moyen {
	case "code", "secours":
		return []string{"mail", "otp", "mfa"}
	case "cle":
		return []string{"pop", "mfa"}
	}
	return nil
}
