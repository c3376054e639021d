package franceconnect

import (
	"slices"
	"strings"
	"unicode"
)

// Cote says where the cause of a code lies, so that the help page can say who
// can do something about it.
type Cote string

// The sides of §16.2.
const (
	CoteFranceConnect Cote = "franceconnect"
	CoteNous          Cote = "aidantsconnect"
	CoteIdentite      Cote = "identite"
	CoteInscription   Cote = "inscription" // our registration at FranceConnect
	CoteService       Cote = "service"     // the public service
	CoteMandat        Cote = "mandat"      // the démarche chosen
	CotePersonne      Cote = "personne"    // the usager's own choice
	CoteNavigation    Cote = "navigation"  // old tab, back button, page left open
)

var cotes = map[Cote]string{
	CoteFranceConnect: "FranceConnect",
	CoteNous:          "Aidants Connect",
	CoteIdentite:      "L'identité portée par le mandat",
	CoteInscription:   "L'inscription d'Aidants Connect auprès de FranceConnect",
	CoteService:       "Le service public",
	CoteMandat:        "Le choix de la démarche",
	CotePersonne:      "Un choix de la personne accompagnée",
	CoteNavigation:    "La navigation (ancien onglet, retour en arrière, page restée ouverte)",
}

// Libelle is the side in words.
func (c Cote) Libelle() string { return cotes[c] }

// acteurs says who can do something, and whether waiting is the only way.
var acteurs = map[Cote]string{
	CoteFranceConnect: "FranceConnect seul. Ni vous ni la personne n'y pouvez rien : il faut attendre.",
	CoteNous:          "Vous, en recommençant une fois. Si le code revient, notre support.",
	CoteIdentite:      "La personne et vous, ensemble.",
	CoteInscription:   "Notre support. Ni vous ni la personne n'y pouvez rien.",
	CoteService:       "Le service public que vous vouliez ouvrir.",
	CoteMandat:        "Vous, avec la personne.",
	CotePersonne:      "La personne, elle seule.",
	CoteNavigation:    "Vous, tout de suite.",
}

// QuiAgit says who can do something about a code of this side, in French.
func (c Cote) QuiAgit() string { return acteurs[c] }

// Support tells whether the people who run the service should hear of it.
func (c Cote) Support() bool { return c == CoteNous || c == CoteInscription }

// Cotes gives the sides, what the aidant can do alone first.
func Cotes() []Cote {
	return []Cote{CoteNavigation, CoteIdentite, CoteMandat, CotePersonne, CoteService, CoteFranceConnect, CoteNous, CoteInscription}
}

// CodeFC explains one code, or one family of codes, that FranceConnect shows on
// its own pages (§16.2).
type CodeFC struct {
	Motif string // "Y010008"; an x stands for any digit, or letter from A to F
	Sens  string // what it means, in French
	Cote  Cote
	Avis  string // what to do, in French; "" when there is nothing to do
}

// The advice shared by several codes.
const (
	avisEtatCivil   = "L'état civil porté par le mandat ne correspond pas au registre national. Vérifiez-le avec la personne (service-public.fr), puis signez un nouveau mandat avec FranceConnect."
	avisRegistre    = "Le registre d'état civil ne répond pas. Réessayez plus tard."
	avisDesactive   = "Aidants Connect est momentanément désactivé dans FranceConnect."
	avisFermer      = "Fermez le navigateur et recommencez."
	avisNavigateur  = "Fermez complètement le navigateur, puis recommencez depuis le service public."
	avisServiceSans = "Ce service public n'accepte pas Aidants Connect."
	avisMandat      = "La connexion n'a pas abouti. Vérifiez dans votre espace que le mandat est toujours en cours, puis recommencez."
	avisSupport     = "Prévenez le support."
	avisSupportFS   = "Prévenez le support du service que vous vouliez ouvrir."
	avisAttente     = "La page est restée ouverte trop longtemps. Recommencez depuis le service."
	avisNiveau      = "Ce service demande un niveau de sécurité qu'Aidants Connect ne fournit pas."
	avisOnglets     = "Fermez les onglets FranceConnect et recommencez."
)

var codes = []CodeFC{
	{"Y000000", "Panne inconnue.", CoteFranceConnect, "Réessayez plus tard."},
	{"Y000400", "Demande mal formée, souvent à la déconnexion.", CoteNous, avisFermer},
	{"Y010004", "Le registre d'état civil trouve une personne proche, mais pas identique.", CoteIdentite, avisEtatCivil},
	{"Y010006", "Le registre d'état civil trouve plusieurs personnes.", CoteIdentite, avisEtatCivil},
	{"Y010007", "Le registre d'état civil ne trouve la personne qu'avec son nom d'usage.", CoteIdentite, "Le nom de naissance est attendu, pas le nom d'usage."},
	{"Y010008", "Le registre d'état civil ne trouve personne.", CoteIdentite, avisEtatCivil},
	{"Y010009", "Le registre d'état civil est en panne.", CoteFranceConnect, avisRegistre},
	{"Y010011", "Le registre d'état civil ne répond pas à temps.", CoteFranceConnect, avisRegistre},
	{"Y010012", "Le registre d'état civil ne répond pas à temps.", CoteFranceConnect, avisRegistre},
	{"Y010013", "La réponse du registre d'état civil est illisible.", CoteFranceConnect, avisRegistre},
	{"Y010015", "Le registre d'état civil indique que la personne est décédée.", CoteIdentite, "Cette identité ne permet plus la connexion. Contactez le support."},
	{"Y020017", "Aidants Connect est désactivé chez FranceConnect.", CoteInscription, avisDesactive},
	{"Y020019", "Aidants Connect est inconnu de FranceConnect.", CoteInscription, avisDesactive},
	{"Y020021", "Le retour vers FranceConnect ne porte pas le repère de la connexion.", CoteNavigation, avisNavigateur},
	{"Y020022", "Le retour vers FranceConnect porte le repère d'une autre connexion.", CoteNavigation, avisNavigateur},
	{"Y020023", "Le service public refuse Aidants Connect.", CoteService, avisServiceSans},
	{"Y020024", "La liste des moyens de connexion du service public est illisible.", CoteService, avisServiceSans},
	{"Y020025", "Le retour vers FranceConnect ne porte pas de code.", CoteNavigation, avisNavigateur},
	{"Y020026", "Aidants Connect a refusé l'échange du code, ou a répondu trop tard.", CoteNous, avisMandat},
	{"Y020027", "Aidants Connect a refusé de donner l'identité, ou a répondu trop tard.", CoteNous, avisMandat},
	{"Y020028", "L'adresse de déconnexion d'Aidants Connect est inutilisable.", CoteInscription, "Fermez le navigateur pour terminer la connexion."},
	{"Y020029", "L'identité donnée par Aidants Connect est sans identifiant.", CoteNous, avisMandat},
	{"Y020030", "Une donnée de la réponse d'Aidants Connect n'a pas la bonne forme.", CoteNous, avisSupport},
	{"Y030007", "Le service demande quelque chose que FranceConnect refuse.", CoteService, avisSupportFS},
	{"Y030025", "La connexion en cours chez FranceConnect est perdue.", CoteNavigation, avisAttente},
	{"Y030028", "La liste de données demandée par le service est illisible.", CoteService, avisSupportFS},
	{"Y030030", "La personne est revenue au service sans se connecter.", CotePersonne, ""},
	{"Y030032", "Le service désigne un moyen de connexion qui lui est refusé.", CoteService, avisSupportFS},
	{"Y04xxxxxx", "Le moteur de connexion de FranceConnect refuse la demande du service.", CoteService, avisSupportFS},
	{"Y100001", "Le niveau de sécurité fourni est trop bas.", CoteInscription, avisNiveau},
	{"Y100002", "Le niveau de sécurité demandé n'existe pas chez FranceConnect.", CoteInscription, avisNiveau},
	{"Y100009", "Le service demande une donnée à laquelle il n'a pas droit.", CoteService, avisSupportFS},
	{"Y100011", "La personne a bloqué Aidants Connect chez FranceConnect.", CotePersonne, "La personne a bloqué ce mode de connexion dans son tableau de bord FranceConnect. Elle seule peut le débloquer (autoriser les futurs fournisseurs d'identité)."},
	{"Y100018", "Le niveau de sécurité demandé n'est pas permis.", CoteInscription, avisNiveau},
	{"Y100019", "FranceConnect a perdu sa session au moment de la déconnexion.", CoteNous, avisFermer},
	{"Y180001", "La personne a désactivé FranceConnect.", CotePersonne, "La personne a désactivé FranceConnect. Elle seule peut demander sa réactivation."},
	{"Y1900xx", "La session de FranceConnect est perdue.", CoteNavigation, avisAttente},
	{"Y420001", "Retour en arrière ou page rechargée pendant la connexion.", CoteNavigation, avisOnglets},
	{"Y420002", "Retour en arrière ou page rechargée pendant la connexion.", CoteNavigation, avisOnglets},
	{"Y470001", "Le formulaire de FranceConnect a expiré.", CoteNavigation, avisOnglets},
	{"Y470002", "Le formulaire de FranceConnect a expiré.", CoteNavigation, avisOnglets},
	{"Y470003", "Le formulaire de FranceConnect a expiré.", CoteNavigation, avisOnglets},
	{"Y470004", "Le formulaire de FranceConnect a expiré.", CoteNavigation, avisOnglets},
	{"Y600006", "L'identité donnée par Aidants Connect n'est pas complète ou pas valable.", CoteNous, "L'identité portée par le mandat est incomplète (adresse e-mail, lieu de naissance…). Complétez-la ou signez un nouveau mandat."},
	{"Y600007", "Le recueil du consentement est mal réglé pour ce service public.", CoteService, "Prévenez le service public."},
	{"Y600020", "Aucune démarche commune entre le mandat et ce service.", CoteMandat, "Le mandat choisi ne couvre pas les démarches de ce service. Recommencez avec une autre démarche, ou signez un nouveau mandat."},
}

// CodesFranceConnect gives the whole table, sorted by code. The slice is the
// caller's.
func CodesFranceConnect() []CodeFC { return slices.Clone(codes) }

// NormalizeCode reads a code as a person copies it from a screen or hears it:
// case, spaces, hyphens and dots do not matter, O is a zero, the Y may be
// missing.
func NormalizeCode(saisie string) string {
	code := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), strings.ContainsRune(".-–—_,:;«»\"'()", r):
			return -1
		case r == 'O':
			return '0'
		}
		return r
	}, strings.ToUpper(saisie))
	if len(code) == 6 && strings.Trim(code, "0123456789") == "" {
		return "Y" + code
	}
	return code
}

// Exemple is a code of the family, that LookupCode finds.
func (c CodeFC) Exemple() string { return strings.ReplaceAll(c.Motif, "x", "0") }

// LookupCode finds the explanation of a code, read by NormalizeCode. false when
// the code is not known.
func LookupCode(saisie string) (CodeFC, bool) {
	if len(saisie) > 64 {
		return CodeFC{}, false
	}
	code := NormalizeCode(saisie)
	for _, c := range codes {
		if c.matches(code) {
			return c, true
		}
	}
	return CodeFC{}, false
}

func (c CodeFC) matches(code string) bool {
	if len(code) != len(c.Motif) {
		return false
	}
	for i := range len(code) {
		switch m := c.Motif[i]; {
		case m == 'x':
			if !strings.ContainsRune("0123456789ABCDEF", rune(code[i])) {
				return false
			}
		case m != code[i]:
			return false
		}
	}
	return true
}
