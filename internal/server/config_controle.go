package server

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/transparence"
)

// ConfigError lists what is wrong with a configuration, in French, one mistake
// a line, without any value that could be secret.
type ConfigError struct{ Fautes []string }

// Error implements error; the mistakes themselves are for the operator's eyes.
func (e *ConfigError) Error() string {
	return "configuration refused:\n" + strings.Join(e.Fautes, "\n")
}

// Check adds the rules to the mistakes of the reading. The error, when there
// is one, is a *ConfigError that holds them all.
func (l *Lecture) Check(c *Config) error {
	found := c.mistakes()
	for _, f := range found {
		variable, _, _ := strings.Cut(f, " ")
		// A value that could not be read was already told; it is not missing too.
		if !slices.ContainsFunc(l.fautes, func(g string) bool { return mentions(g, variable) }) {
			l.fautes = append(l.fautes, f)
		}
	}
	if len(l.fautes) == 0 {
		return nil
	}
	slices.Sort(l.fautes)
	return &ConfigError{l.fautes}
}

func mentions(fault, variable string) bool {
	first, _, _ := strings.Cut(fault, " ")
	return first == variable || first == variable+"_FILE"
}

// CheckOnly keeps to some variables, for the commands that need no other: a
// database is migrated before FranceConnect has given its identifiers.
func (l *Lecture) CheckOnly(c *Config, variables ...string) error {
	_ = l.Check(c)
	l.fautes = slices.DeleteFunc(l.fautes, func(f string) bool {
		return !slices.ContainsFunc(variables, func(v string) bool { return mentions(f, v) })
	})
	if len(l.fautes) == 0 {
		return nil
	}
	return &ConfigError{l.fautes}
}

// Check tells every mistake of a configuration that the program made itself.
func (c Config) Check() error { return (&Lecture{}).Check(&c) }

// mistakes applies every rule. Each begins with its variable.
func (c *Config) mistakes() []string {
	m := &mistakes{}
	m.checkService(c)
	m.checkKeys(c)
	m.checkMail(c)
	m.checkSMS(c)
	m.checkFranceConnect(c)
	m.checkProConnect(c)
	m.checkRegistrations(c)
	m.checkDurations(c)
	if c.Renouvellements < 0 || c.Renouvellements > renouvellement.Plafond {
		m.add("AC_RENOUVELLEMENTS", "un nombre de 0 à %d est attendu", renouvellement.Plafond)
	}
	m.checkSimulation(c)
	m.checkJournal(c)
	m.checkSceau(c)
	return *m
}

type mistakes []string

func (m *mistakes) add(variable, format string, args ...any) {
	*m = append(*m, variable+" : "+fmt.Sprintf(format, args...))
}

func (m *mistakes) checkService(c *Config) {
	switch u, err := url.Parse(c.Origine); {
	case c.Origine == "":
		m.add("AC_ORIGINE", "absente : c'est l'adresse publique du service")
	case err != nil || u.Host == "" || c.Origine != u.Scheme+"://"+u.Host || c.Origine != strings.ToLower(c.Origine):
		m.add("AC_ORIGINE", "il faut un protocole et un hôte seuls, en minuscules, sans barre finale : https://aidants.exemple.fr")
	case !secure(u):
		m.add("AC_ORIGINE", "https est obligatoire, sauf pour localhost")
	}
	if !isAddress(c.Ecoute) {
		m.add("AC_ECOUTE", "il faut hôte:port")
	}
	if c.Metriques != "" && !isAddress(c.Metriques) {
		m.add("AC_METRIQUES", "il faut hôte:port")
	}
	if c.Metriques != "" && c.Metriques == c.Ecoute {
		m.add("AC_METRIQUES", "les mesures ne se lisent pas à l'adresse du service")
	}
	if u, err := url.Parse(c.BacASable); c.BacASable != "" && (err != nil || u.Host == "" || !secure(u)) {
		m.add("AC_BAC_A_SABLE", "il faut une adresse https")
	}
	path, isFile := strings.CutPrefix(c.Base, "sqlite:")
	if _, err := url.Parse(c.Base); !(isFile && path != "") && (err != nil || !strings.HasPrefix(c.Base, "postgres://")) {
		m.add("AC_BASE", "il faut sqlite:CHEMIN ou postgres://…")
	}
	if c.Proxies < 0 || c.Proxies > 10 {
		m.add("AC_PROXIES", "il faut un nombre de 0 à 10")
	}
	if c.Contact != "" {
		if a, err := mail.ParseAddress(c.Contact); err != nil || a.Address != c.Contact {
			m.add("AC_CONTACT", "il faut une adresse électronique seule")
		}
	}
}

// checkJournal: C2SP names keys without blank nor plus sign.
func (m *mistakes) checkJournal(c *Config) {
	unfit := func(r rune) bool { return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.ContainsFunc(c.JournalOrigine, unfit) {
		m.add("AC_JOURNAL_ORIGINE", "ni espace ni signe plus")
	}
	if strings.ContainsFunc(c.TemoinNom, unfit) {
		m.add("AC_TEMOIN_NOM", "ni espace ni signe plus")
	}
	for _, s := range c.JournalTemoins {
		if _, err := transparence.NewTemoin(s, nil); err != nil {
			m.add("AC_JOURNAL_TEMOINS", "il faut, pour chaque témoin, une adresse https, une espace et sa clé publique (nom+empreinte+clé)")
		}
	}
	if c.JournalRythme < 0 || c.JournalRythme > 24*time.Hour {
		m.add("AC_JOURNAL_RYTHME", "une durée de 0s à 24h")
	}
	for _, s := range c.JournalDestinataires {
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			m.add("AC_JOURNAL_DESTINATAIRES", "il faut des adresses électroniques seules")
		}
	}
	m.checkHorodatage(c)
	if _, err := transparence.Verifiers(c.TemoinJournaux); err != nil {
		m.add("AC_TEMOIN_JOURNAUX", "il faut des clés publiques de journaux (nom+empreinte+clé), celles de l'adresse /journal/cles")
	}
}

// checkHorodatage: plain http is accepted, because what comes back is signed and
// what is sent is a digest; a date that nothing could verify is not.
func (m *mistakes) checkHorodatage(c *Config) {
	const together = ", qui va avec elle, est absente : il faut l'adresse de l'autorité et ses certificats de confiance"
	u, err := url.Parse(c.HorodatageURL)
	wrong := c.HorodatageURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http")
	if wrong {
		m.add("AC_HORODATAGE_URL", "il faut une adresse http ou https")
	} else if c.HorodatageURL != "" && c.HorodatageAutorite == "" {
		m.add("AC_HORODATAGE_URL", "AC_HORODATAGE_AUTORITE"+together)
	}
	if c.HorodatageAutorite == "" {
		return
	}
	if _, err := readRacines(c.HorodatageAutorite); err != nil {
		m.add("AC_HORODATAGE_AUTORITE", "il faut un fichier lisible de certificats en PEM")
	} else if c.HorodatageURL == "" {
		m.add("AC_HORODATAGE_AUTORITE", "AC_HORODATAGE_URL"+together)
	}
}

// checkKeys: absent keys stop the start, and one key serves one purpose (M-W46).
func (m *mistakes) checkKeys(c *Config) {
	seen := map[string]string{}
	for _, k := range c.Cles.each() {
		if k.key.IsZero() {
			m.add(k.variable, "clé absente (aidantsconnect cles generate en prépare)")
			continue
		}
		value := k.key.Reveal()
		if other := seen[value]; other != "" {
			m.add(k.variable, "même clé que %s : il en faut une par usage", other)
		}
		seen[value] = k.variable
	}
}

func (m *mistakes) checkMail(c *Config) {
	if c.Courriel == "" {
		m.add("AC_COURRIEL", "absent : où partent les courriels (smtp://… ou dossier:CHEMIN) ?")
	} else if _, err := outbox.NewExpediteur(c.Courriel.Reveal()); err != nil {
		m.add("AC_COURRIEL", "il faut smtp://utilisateur:mot-de-passe@hôte:port, smtps://… ou dossier:CHEMIN")
	}
	if _, err := outbox.NewExpediteur(c.CourrielSecours.Reveal()); c.CourrielSecours != "" && err != nil {
		m.add("AC_COURRIEL_SECOURS", "il faut smtp://utilisateur:mot-de-passe@hôte:port, smtps://… ou dossier:CHEMIN")
	}
	if c.CourrielExpediteur == "" {
		m.add("AC_COURRIEL_EXPEDITEUR", "absent : Aidants Connect <connexion@exemple.fr>, par exemple")
	} else if _, err := mail.ParseAddress(c.CourrielExpediteur); err != nil {
		m.add("AC_COURRIEL_EXPEDITEUR", "adresse illisible")
	}
	for _, d := range c.CourrielDomainesSecours {
		if d == "" || d != strings.ToLower(d) || strings.ContainsAny(d, "@/ ") {
			m.add("AC_COURRIEL_DOMAINES_SECOURS", "« %s » n'est pas un nom de domaine en minuscules", d)
		}
	}
}

func (m *mistakes) checkFranceConnect(c *Config) {
	switch u, err := url.Parse(c.FCEmetteur); {
	case c.FCEmetteur == "":
		m.add("AC_FC_EMETTEUR", "absent : c'est l'adresse par laquelle FranceConnect se nomme")
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(c.FCEmetteur, "/"):
		m.add("AC_FC_EMETTEUR", "adresse inutilisable : ni barre finale, ni paramètre")
	case !secure(u):
		m.add("AC_FC_EMETTEUR", "https est obligatoire, sauf pour localhost")
	}
	if c.FCClientID == "" {
		m.add("AC_FC_CLIENT_ID", "absent")
	}
	if n := len(c.FCClientSecret.Reveal()); n == 0 {
		m.add("AC_FC_CLIENT_SECRET", "absent")
	} else if n < 32 {
		m.add("AC_FC_CLIENT_SECRET", "trop court : 32 caractères au moins")
	}
	if c.FCAuth != franceconnect.AuthPost && c.FCAuth != franceconnect.AuthBasic {
		m.add("AC_FC_AUTHENTIFICATION", "client_secret_post ou client_secret_basic")
	}
	if c.FCAlg != oidc.ES256 && c.FCAlg != oidc.RS256 {
		m.add("AC_FC_ALG", "ES256 ou RS256")
	}
}

// checkProConnect: all of it, or nothing.
func (m *mistakes) checkProConnect(c *Config) {
	if c.ProConnectAlg != oidc.ES256 && c.ProConnectAlg != oidc.RS256 {
		m.add("AC_PROCONNECT_ALG", "ES256 ou RS256")
	}
	if c.ProConnectUserinfo != "json" && c.ProConnectUserinfo != "jwt" {
		m.add("AC_PROCONNECT_USERINFO", "json ou jwt")
	}
	if c.ProConnectEmetteur == "" {
		if c.ProConnectClientID != "" || c.ProConnectSecret != "" {
			m.add("AC_PROCONNECT_EMETTEUR", "absent, alors que le client est donné")
		}
		return
	}
	u, err := url.Parse(c.ProConnectEmetteur)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.HasSuffix(c.ProConnectEmetteur, "/"):
		m.add("AC_PROCONNECT_EMETTEUR", "adresse inutilisable : ni barre finale, ni paramètre")
	case !secure(u):
		m.add("AC_PROCONNECT_EMETTEUR", "https est obligatoire, sauf pour localhost")
	case c.ProConnectEmetteur == c.FCEmetteur:
		m.add("AC_PROCONNECT_EMETTEUR", "c'est celui de FranceConnect")
	case c.Simulation && !local(u.Hostname()):
		m.add("AC_PROCONNECT_EMETTEUR", "un ProConnect réel n'entre pas dans une simulation")
	case !c.Simulation && local(u.Hostname()):
		m.add("AC_PROCONNECT_EMETTEUR", "un ProConnect simulé demande AC_SIMULATION")
	}
	if c.ProConnectClientID == "" {
		m.add("AC_PROCONNECT_CLIENT_ID", "absent")
	}
	if len(c.ProConnectSecret.Reveal()) < 32 {
		m.add("AC_PROCONNECT_CLIENT_SECRET", "absent ou trop court : 32 caractères au moins")
	}
}

func (m *mistakes) checkRegistrations(c *Config) {
	if c.FIEnregistrements == "" {
		return
	}
	_, faults := oidc.ParseRegistrations([]byte(c.FIEnregistrements.Reveal()))
	for _, f := range faults {
		m.add("AC_FI_ENREGISTREMENTS", "%s", f)
	}
}

func (m *mistakes) checkDurations(c *Config) {
	if c.Introuvables < 0 || c.Introuvables > 100_000 {
		m.add("AC_INTROUVABLES", "de 0 à 100000")
	}
	for _, d := range []struct {
		variable           string
		value, least, most time.Duration
		bounds             string
	}{
		{"AC_FC_DELAI", c.FCDelai, time.Minute, 30 * time.Minute, "de 1m à 30m"},
		{"AC_FI_AGE_OTP", c.FIAgeOTP, time.Minute, 30 * time.Minute, "de 1m à 30m"},
		{"AC_REPRISE", c.Reprise, time.Minute, 30 * time.Minute, "de 1m à 30m"},
		{"AC_SESSION_DUREE", c.SessionDuree, 5 * time.Minute, 24 * time.Hour, "de 5m à 24h"},
		{"AC_LIEN_DUREE", c.LienDuree, time.Minute, 10 * time.Minute, "de 1m à 10m"},
	} {
		if d.value < d.least || d.value > d.most {
			m.add(d.variable, "%s", d.bounds)
		}
	}
}

// checkSimulation: what a simulation makes must never be taken for the real
// thing, nor the reverse (SIM-01, SIM-04).
func (m *mistakes) checkSimulation(c *Config) {
	if !c.Simulation {
		// FranceConnect runs on nobody's machine: what does is a stand-in (SIM-03).
		if u, err := url.Parse(c.FCEmetteur); err == nil && local(u.Hostname()) {
			m.add("AC_SIMULATION", "obligatoire avec un FranceConnect de cette machine (AC_FC_EMETTEUR)")
		}
		return
	}
	if u, err := url.Parse(c.FCEmetteur); err == nil && production(u.Hostname()) {
		m.add("AC_SIMULATION", "refusée avec le FranceConnect réel (AC_FC_EMETTEUR)")
	}
	rs, _ := oidc.ParseRegistrations([]byte(c.FIEnregistrements.Reveal()))
	addresses := rs.Origins()
	for _, r := range rs {
		addresses = append(addresses, r.JWKSURI)
	}
	for _, o := range addresses {
		if u, err := url.Parse(o); err == nil && production(u.Hostname()) {
			m.add("AC_SIMULATION", "refusée avec le FranceConnect réel (AC_FI_ENREGISTREMENTS)")
		}
	}
	if c.MarqueEtat {
		m.add("AC_MARQUE_ETAT", "une simulation ne porte pas les marques de l'État")
	}
	if c.Marques != "" {
		m.add("AC_MARQUES", "une simulation ne porte ni les marques de l'État, ni celle de FranceConnect")
	}
}

// production tells whether a host is one of FranceConnect's.
func production(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return slices.ContainsFunc([]string{"gouv.fr", "dev-franceconnect.fr"}, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// secure accepts https, and http on this machine only (RFC 6761 §6.3).
func secure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && local(u.Hostname())
}

// local tells whether a host is this machine.
func local(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

// isAddress tells whether s is host:port; the host may be empty.
func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}
