package server

import (
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"
)

// Config is the whole configuration. Each field is an environment variable
// (tag "variable") and, unless it is secret, an option of the command line; a
// secret may lie in a file whose path is in VARIABLE_FILE, and is never an
// option, since other users of a machine read each other's command lines. The
// help is what the operator reads, in French: it is the comment of the field.
//
// Nothing that matters to security has a random default (comptes.md 16.1).
type Config struct {
	Origine string `variable:"AC_ORIGINE" group:"Service" placeholder:"URL" help:"Adresse publique du service, sans chemin : https://aidants.exemple.fr. http n'est accepté que pour localhost. La changer rompt les adresses déclarées à FranceConnect."`
	Ecoute  string `variable:"AC_ECOUTE" group:"Service" default:"127.0.0.1:3000" placeholder:"HÔTE:PORT" help:"Adresse où le programme écoute, derrière le serveur frontal qui porte le certificat."`
	Base    string `variable:"AC_BASE" secret:"" group:"Service" default:"sqlite:aidantsconnect.db" help:"Base de données : sqlite:CHEMIN, ou postgres://utilisateur:mot-de-passe@hôte/base."`
	Proxies int    `variable:"AC_PROXIES" group:"Service" default:"0" placeholder:"N" help:"Nombre de serveurs frontaux de confiance : l'adresse du visiteur n'est lue dans X-Forwarded-For que jusque-là. Trop grand, n'importe qui choisit son adresse."`
	Contact string `variable:"AC_CONTACT" group:"Service" placeholder:"COURRIEL" help:"Adresse d'aide, affichée au public et dans les messages."`
	// Controller, DPO: operator settings (L-40), said "non renseigné" when empty.
	Responsable string `variable:"AC_RESPONSABLE" group:"Service" placeholder:"NOM" help:"Responsable du traitement des données, avec son adresse postale."`
	DPO         string `variable:"AC_DPO" name:"dpo" group:"Service" placeholder:"ADRESSE" help:"Comment joindre la personne déléguée à la protection des données."`
	MarqueEtat  bool   `variable:"AC_MARQUE_ETAT" group:"Service" help:"N'affiche plus « site non officiel » : réservé à un service de l'État. Les marques elles-mêmes ne sont pas fournies : voir AC_MARQUES."`
	Marques     string `variable:"AC_MARQUES" group:"Service" placeholder:"DOSSIER" help:"Dossier de vos marques, si vous y avez droit : etat.svg et franceconnect.svg, ou .png, 256 Kio au plus. La première demande AC_MARQUE_ETAT. Refusé avec AC_SIMULATION."`
	Simulation  bool   `variable:"AC_SIMULATION" group:"Service" help:"FranceConnect est une simulation : bandeau sur chaque page, mention dans chaque mandat. Refusé avec un FranceConnect réel."`
	BacASable   string `variable:"AC_BAC_A_SABLE" group:"Service" placeholder:"URL" help:"Adresse du bac à sable : une autre instance, en simulation, où s'entraîner. Vide : les premiers pas n'en parlent pas."`
	Metriques   string `variable:"AC_METRIQUES" group:"Service" placeholder:"HÔTE:PORT" help:"Adresse, jamais publique, où lire les mesures. Vide : aucune."`

	Cles Cles `embed:"" prefix:"cle-"`

	JournalOrigine string `variable:"AC_JOURNAL_ORIGINE" group:"Journal" placeholder:"NOM" help:"Nom du journal dans ses points de contrôle ; par défaut l'hôte de l'adresse publique. Fixé au premier démarrage."`

	JournalTemoins       []string      `variable:"AC_JOURNAL_TEMOINS" group:"Journal" placeholder:"URL CLÉ,…" help:"Témoins qui contresignent notre journal : pour chacun, l'adresse où finit add-checkpoint, une espace, sa clé publique. Le journal publié attend leur contresignature, dix minutes au plus."`
	JournalRythme        time.Duration `variable:"AC_JOURNAL_RYTHME" group:"Journal" default:"0s" placeholder:"DURÉE" help:"Temps entre deux publications du journal, pour ne pas montrer à quel rythme le service travaille ; 0s : à mesure."`
	JournalDestinataires []string      `variable:"AC_JOURNAL_DESTINATAIRES" group:"Journal" placeholder:"COURRIEL,…" help:"Qui reçoit chaque jour le point de contrôle du journal, pour le garder ailleurs."`
	HorodatageURL        string        `variable:"AC_HORODATAGE_URL" group:"Journal" placeholder:"URL" help:"Autorité d'horodatage (RFC 3161) qui certifie chaque jour la date du journal ; vide : aucune."`
	HorodatageAutorite   string        `variable:"AC_HORODATAGE_AUTORITE" group:"Journal" placeholder:"CHEMIN" help:"Fichier des certificats de confiance de cette autorité, en PEM."`
	TemoinNom            string        `variable:"AC_TEMOIN_NOM" group:"Journal" placeholder:"NOM" help:"Nom sous lequel nous contresignons les journaux d'autres exploitants ; par défaut l'hôte de l'adresse publique suivi de /temoin."`
	TemoinJournaux       []string      `variable:"AC_TEMOIN_JOURNAUX" group:"Journal" placeholder:"CLÉ,…" help:"Clés publiques des journaux dont nous sommes témoin. Vide : nous ne sommes le témoin de personne."`

	SceauCertificat string      `variable:"AC_SCEAU_CERTIFICAT" name:"sceau-certificat" group:"Sceau de l'exploitant" placeholder:"CHEMIN" help:"Certificat de l'exploitant, en PEM, suivi de ceux qui mènent à son autorité : il scelle chaque PDF en plus de la clé du service. Vide : la clé du service seule. Ce n'est pas un cachet qualifié."`
	SceauCle        secret.Text `variable:"AC_SCEAU_CLE" name:"sceau-cle" secret:"" group:"Sceau de l'exploitant" help:"Clé privée de ce certificat, en PEM, sans mot de passe ; de préférence par AC_SCEAU_CLE_FILE."`

	Courriel                secret.Text `variable:"AC_COURRIEL" secret:"" group:"Courriels" help:"Où partent les courriels : smtp://utilisateur:mot-de-passe@hôte:587, smtps://…:465, ou dossier:CHEMIN (un fichier .eml par message)."`
	CourrielExpediteur      string      `variable:"AC_COURRIEL_EXPEDITEUR" group:"Courriels" placeholder:"ADRESSE" help:"Expéditeur : Aidants Connect <connexion@exemple.fr>."`
	CourrielSecours         secret.Text `variable:"AC_COURRIEL_SECOURS" secret:"" group:"Courriels" help:"Seconde route, de même forme, pour les domaines qui refusent la première."`
	CourrielDomainesSecours []string    `variable:"AC_COURRIEL_DOMAINES_SECOURS" group:"Courriels" default:"laposte.net" placeholder:"DOMAINE,…" help:"Domaines de destinataires servis par la seconde route."`

	SMS             secret.Text `variable:"AC_SMS" secret:"" group:"SMS" help:"Où partent les SMS : https://… (le prestataire, ou l'adaptateur devant lui), ou dossier:CHEMIN (un fichier .json par message). Vide : aucun SMS, et ce qui en demande un est refusé."`
	SMSAutorisation secret.Text `variable:"AC_SMS_AUTORISATION" name:"sms-autorisation" secret:"" group:"SMS" help:"Valeur entière de l'en-tête Authorization envoyé au prestataire : « Bearer … »."`
	SMSExpediteur   string      `variable:"AC_SMS_EXPEDITEUR" name:"sms-expediteur" group:"SMS" default:"AidantsCo" placeholder:"NOM" help:"Expéditeur affiché par le téléphone, de 3 à 11 lettres ou chiffres."`
	SMSPlafond      int         `variable:"AC_SMS_PLAFOND" name:"sms-plafond" group:"SMS" default:"1000" placeholder:"N" help:"SMS en 24 heures, au plus. Au-delà ils sont refusés ; l'alerte vient à 80 %."`

	SMSRetourSecret  secret.Text `variable:"AC_SMS_RETOUR_SECRET" name:"sms-retour-secret" secret:"" group:"SMS" help:"Secret partagé qui signe ce que le prestataire nous envoie (réponses, remises), 32 caractères au moins. Sans lui ni AC_SMS_RETOUR_RESEAUX, l'accord par SMS n'est pas proposé."`
	SMSRetourReseaux []string    `variable:"AC_SMS_RETOUR_RESEAUX" name:"sms-retour-reseaux" group:"SMS" placeholder:"RÉSEAU,…" help:"Réseaux d'où le prestataire nous appelle : 192.0.2.0/24,2001:db8::/32."`
	SMSMotAccord     string      `variable:"AC_SMS_MOT_ACCORD" name:"sms-mot-accord" group:"SMS" default:"Oui" placeholder:"MOT" help:"Mot qui vaut accord, sans accent ; les majuscules ne comptent pas."`

	FCEmetteur     string        `variable:"AC_FC_EMETTEUR" name:"fc-emetteur" group:"FranceConnect, signature des mandats" placeholder:"URL" help:"Émetteur (issuer) de FranceConnect, tel qu'il se nomme : https://oidc.franceconnect.gouv.fr/api/v2. Une base ne sert qu'avec un émetteur."`
	FCClientID     string        `variable:"AC_FC_CLIENT_ID" name:"fc-client-id" group:"FranceConnect, signature des mandats" placeholder:"ID" help:"Identifiant de client donné par FranceConnect."`
	FCClientSecret secret.Text   `variable:"AC_FC_CLIENT_SECRET" name:"fc-client-secret" secret:"" group:"FranceConnect, signature des mandats" help:"Secret de client donné par FranceConnect, 32 caractères au moins."`
	FCAuth         string        `variable:"AC_FC_AUTHENTIFICATION" name:"fc-authentification" group:"FranceConnect, signature des mandats" default:"client_secret_post" placeholder:"MÉTHODE" help:"Comment le secret est envoyé : client_secret_post, que FranceConnect demande, ou client_secret_basic."`
	FCAlg          string        `variable:"AC_FC_ALG" name:"fc-alg" group:"FranceConnect, signature des mandats" default:"ES256" placeholder:"ES256|RS256" help:"Algorithme de signature déclaré à FranceConnect."`
	FCFIUid        string        `variable:"AC_FC_FI_UID" name:"fc-fi-uid" group:"FranceConnect, signature des mandats" placeholder:"UID" help:"Identifiant de notre propre fournisseur d'identité chez FranceConnect : une identité qui en vient est refusée, car elle tournerait en rond."`
	FCDelai        time.Duration `variable:"AC_FC_DELAI" name:"fc-delai" group:"FranceConnect, signature des mandats" default:"10m" placeholder:"DURÉE" help:"Temps laissé à l'usager chez FranceConnect, de 1m à 30m."`

	Renouvellements int `variable:"AC_RENOUVELLEMENTS" group:"FranceConnect, signature des mandats" default:"2" placeholder:"N" help:"Renouvellements qui peuvent se suivre sans que la personne se reconnecte avec FranceConnect, de 0 à 5. 0 : chaque renouvellement demande une connexion."`

	FIEnregistrements secret.Text   `variable:"AC_FI_ENREGISTREMENTS" name:"fi-enregistrements" secret:"" group:"FranceConnect, usage des mandats" help:"Liste JSON des clients de notre fournisseur d'identité (client_id, client_secrets, redirect_uris…). Vide : aucun mandat ne peut servir."`
	FIAgeOTP          time.Duration `variable:"AC_FI_AGE_OTP" name:"fi-age-otp" group:"FranceConnect, usage des mandats" default:"15m" placeholder:"DURÉE" help:"Âge, au plus, du dernier code de l'aidant quand il utilise un mandat, de 1m à 30m."`

	ProConnectEmetteur string      `variable:"AC_PROCONNECT_EMETTEUR" name:"proconnect-emetteur" group:"ProConnect" placeholder:"URL" help:"Émetteur (issuer) de ProConnect, tel qu'il se nomme : https://auth.agentconnect.gouv.fr/api/v2. Vide : pas de bouton ProConnect."`
	ProConnectClientID string      `variable:"AC_PROCONNECT_CLIENT_ID" name:"proconnect-client-id" group:"ProConnect" placeholder:"ID" help:"Identifiant de client donné par ProConnect."`
	ProConnectSecret   secret.Text `variable:"AC_PROCONNECT_CLIENT_SECRET" name:"proconnect-client-secret" secret:"" group:"ProConnect" help:"Secret de client donné par ProConnect, 32 caractères au moins."`
	ProConnectAlg      string      `variable:"AC_PROCONNECT_ALG" name:"proconnect-alg" group:"ProConnect" default:"ES256" placeholder:"ES256|RS256" help:"Algorithme de signature déclaré à ProConnect."`
	ProConnectUserinfo string      `variable:"AC_PROCONNECT_USERINFO" name:"proconnect-userinfo" group:"ProConnect" default:"json" placeholder:"json|jwt" help:"Forme des données déclarée à ProConnect : json, ou jwt si elles sont signées."`

	Introuvables int           `variable:"AC_INTROUVABLES" group:"Connexion" default:"100" placeholder:"N" help:"Adresses inexistantes qu'un même réseau demande en 15 minutes avant d'attendre (429). 0 : sans limite."`
	Reprise      time.Duration `variable:"AC_REPRISE" group:"Connexion" default:"15m" placeholder:"DURÉE" help:"Inactivité après laquelle un code est redemandé, de 1m à 30m."`
	SessionDuree time.Duration `variable:"AC_SESSION_DUREE" group:"Connexion" default:"24h" placeholder:"DURÉE" help:"Durée d'une session, de 5m à 24h."`
	LienDuree    time.Duration `variable:"AC_LIEN_DUREE" group:"Connexion" default:"5m" placeholder:"DURÉE" help:"Durée du lien de connexion envoyé par courriel, de 1m à 10m."`

	TachesDesactivees []string `variable:"AC_TACHES_DESACTIVEES" group:"Tâches" placeholder:"NOM,…" help:"Tâches que ce nœud ne lance pas."`
}

// Cles are the symmetric keys, one per purpose (M-W46): 32 bytes in base64.
// "aidantsconnect cles generate" prints fresh ones.
type Cles struct {
	Sub         secret.Key `variable:"AC_CLE_SUB" secret:"" group:"Clés" help:"Reconnaît les usagers et calcule leur identifiant (sub), gardé ensuite. La perdre : chaque personne connue devient une inconnue à sa prochaine connexion, sous un autre identifiant."`
	Empreintes  secret.Key `variable:"AC_CLE_EMPREINTES" secret:"" group:"Clés" help:"Empreintes des liens, codes et jetons. La changer annule ceux en cours."`
	Pseudonymes secret.Key `variable:"AC_CLE_PSEUDONYMES" secret:"" group:"Clés" help:"Protège les clés des pseudonymes du journal. La perdre rend le journal illisible aux enquêtes."`
	Champs      secret.Key `variable:"AC_CLE_CHAMPS" secret:"" group:"Clés" help:"Chiffre les champs de la base : facteurs, téléphones, messages, clés de signature. La perdre les perd."`
	Temoins     secret.Key `variable:"AC_CLE_TEMOINS" secret:"" group:"Clés" help:"Chiffre dans le navigateur les demandes de FranceConnect en attente et les recherches. La changer perd celles des dix dernières minutes."`
}

// each lists the keys with their variables, in the order they are printed.
func (c *Cles) each() []namedKey {
	return []namedKey{
		{"AC_CLE_SUB", &c.Sub},
		{"AC_CLE_EMPREINTES", &c.Empreintes},
		{"AC_CLE_PSEUDONYMES", &c.Pseudonymes},
		{"AC_CLE_CHAMPS", &c.Champs},
		{"AC_CLE_TEMOINS", &c.Temoins},
	}
}

type namedKey struct {
	variable string
	key      *secret.Key
}

// NewCles makes fresh keys.
func NewCles() Cles {
	var c Cles
	for _, k := range c.each() {
		*k.key = secret.RandomKey()
	}
	return c
}

// Variables writes the keys as an environment does, one line each: it is the
// only place that shows them.
func (c Cles) Variables() []string {
	var lines []string
	for _, k := range c.each() {
		lines = append(lines, k.variable+"="+k.key.Reveal())
	}
	return lines
}

// OrigineJournal is the name of the journal in its checkpoints.
func (c Config) OrigineJournal() string {
	if c.JournalOrigine != "" {
		return c.JournalOrigine
	}
	u, err := url.Parse(c.Origine)
	if err != nil {
		return ""
	}
	return u.Host
}

// NomTemoin is the name of the key with which we countersign.
func (c Config) NomTemoin() string {
	if c.TemoinNom != "" {
		return c.TemoinNom
	}
	u, err := url.Parse(c.Origine)
	if err != nil {
		return ""
	}
	return u.Host + "/temoin"
}

// Enregistrements reads the clients of our identity provider; none when the
// variable is empty. Check has told their mistakes.
func (c Config) Enregistrements() (oidc.Registrations, error) {
	if c.FIEnregistrements == "" {
		return nil, nil
	}
	rs, faults := oidc.ParseRegistrations([]byte(c.FIEnregistrements.Reveal()))
	if len(faults) > 0 {
		return nil, fmt.Errorf("registrations of the identity provider: %d mistakes", len(faults))
	}
	return rs, nil
}

// LogValue keeps the configuration, which holds passwords, out of the log.
func (Config) LogValue() slog.Value { return slog.StringValue("[configuration]") }
