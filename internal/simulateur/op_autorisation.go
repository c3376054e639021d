package simulateur

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"aidantsconnect/internal/simulateur/registre"
)

// session is a web session at FC: what the SSO reuses. connexion is never
// altered once stored, only replaced.
type session struct {
	connexion *connexion
	sortie    string // a logout being done
}

// connexion is an identity established at FC.
type connexion struct {
	personne registre.Personne // as the registry knows them
	identite registre.Personne // as the FI gave them
	fi       string            // uid of the FI
	acr      string
	repScope []string // given by our FI; nil from the test FI
	sansSSO  bool
	idToken  string // of our FI, decrypted: the hint of its logout
}

// interaction is one request of a FS being answered.
type interaction struct {
	session, clientID              string
	state, nonce, redirectURI, acr string
	scopes                         []string
	fi, fiState, fiNonce           string // FI chosen, and what was sent to it
	retour                         bool   // the FI sent the person back with an error
	connexion                      *connexion
	sso, finie                     bool
}

// parametresFC are the parameters that FC accepts at /authorize; anything else
// is Y030007, whatever discovery promises (§12, SIM-21).
var parametresFC = []string{"client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "acr_values", "claims", "prompt", "idp_hint", "ui_locales"}

// authorize receives the request of a FS.
func (s *Simulateur) authorize(w http.ResponseWriter, r *http.Request) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse("Y030007", "paramètres illisibles")
	}
	e, err := s.demandeur(q)
	if err != nil {
		return err
	}
	if err := verifierParametres(q); err != nil {
		return err
	}
	if erreur, detail := erreurDemande(q, e); erreur != "" {
		return suivre(w, s.versFS(q.Get("redirect_uri"), q.Get("state"), "error", erreur, "error_description", detail))
	}
	if err := verifierClaims(q.Get("claims")); err != nil {
		return err
	}
	sid := s.sessionDe(r)
	if sid == "" {
		sid = s.sessions.add(session{})
		poserCookie(w, cookieFC, sid)
	}
	i := interaction{
		session: sid, clientID: e.ClientID, scopes: scopesAccordes(q.Get("scope"), e),
		state: q.Get("state"), nonce: q.Get("nonce"), redirectURI: q.Get("redirect_uri"), acr: acrDemande(q.Get("acr_values")),
	}
	return s.ouvrir(w, i, e)
}

// ouvrir starts the interaction: under SSO the previous identity is reused,
// prompt or not, after its verification is replayed (SIM-28).
func (s *Simulateur) ouvrir(w http.ResponseWriter, i interaction, e entite) error {
	sess, _ := s.sessions.get(i.session)
	c := sess.connexion
	if c == nil || c.sansSSO || niveau(c.acr) < niveau(i.acr) || s.exclut(e, c.fi) {
		return suivre(w, s.adresseInteraction(s.interactions.add(i)))
	}
	i.sso = true
	uid := s.interactions.add(i)
	rejouee, err := s.etablir(*c, e)
	if err != nil {
		return dans(uid, err)
	}
	s.interactions.update(uid, func(i *interaction) bool { i.connexion = rejouee; return true })
	return suivre(w, s.adresseInteraction(uid)+"/information")
}

// exclut tells whether the FS excludes this FI (FS-31, SIM-17). Our FI is only
// allowed eidas1.
func (s *Simulateur) exclut(e entite, fi string) bool {
	return fi == s.cfg.ClientFI.UID && (!e.AccepteAidantsConnect || e.AcrDemande != eidas1)
}

// etablir plays what FC does with an identity before it serves it: périmètres,
// registry, blocks (§4, §11).
func (s *Simulateur) etablir(c connexion, e entite) (*connexion, error) {
	if c.fi == s.cfg.ClientFI.UID {
		if err := e.verifieRepScope(c.repScope); err != nil {
			return nil, err
		}
	}
	p, err := s.registre.Chercher(c.identite, s.cfg.Clock())
	if err != nil {
		return nil, refusRegistre(err)
	}
	switch {
	case p.Code == "Y180001":
		return nil, refuse("Y180001", "compte désactivé par la personne")
	case p.Code == "Y100011" && c.fi == s.cfg.ClientFI.UID:
		return nil, refuse("Y100011", "fournisseur d'identité bloqué par la personne")
	}
	c.personne = p
	return &c, nil
}

// demandeur finds the FS; without a known client and an exact redirect_uri, an
// error page and no redirect.
func (s *Simulateur) demandeur(q url.Values) (entite, error) {
	e, ok := s.entite(q.Get("client_id"))
	return e, exiger(
		regle{ok && len(q["client_id"]) == 1, codeMoteur("invalid_client"), "client_id inconnu"},
		regle{len(q["redirect_uri"]) == 1 && slices.Contains(e.RedirectURIs, q.Get("redirect_uri")), codeMoteur("invalid_redirect_uri"), "redirect_uri n'est pas enregistrée à l'identique"},
	)
}

func verifierParametres(q url.Values) error {
	const code = "Y030007"
	for nom, v := range q {
		if !slices.Contains(parametresFC, nom) || len(v) != 1 {
			return refuse(code, "paramètre refusé par FranceConnect, ou répété : %.40s", nom)
		}
	}
	for _, nom := range []string{"response_type", "scope", "state", "nonce", "acr_values"} {
		if q.Get(nom) == "" {
			return refuse(code, "paramètre absent : %s", nom)
		}
	}
	permis := !slices.ContainsFunc(strings.Fields(q.Get("prompt")), func(p string) bool { return p != "login" && p != "consent" })
	return exiger(
		regle{utf8.RuneCountInString(q.Get("nonce")) >= 22, code, "nonce de moins de 22 caractères"},
		regle{permis, code, "prompt refusé : seuls login et consent sont permis"},
	)
}

// scopesConnus are the identity scopes of FC; unknown ones are ignored.
var scopesConnus = append(strings.Fields("profile birth identite_pivot amr"), scopesParDefaut...)

// scopesComposes are the claims that a composed scope stands for.
var scopesComposes = map[string][]string{
	"profile":        {"given_name", "family_name", "birthdate", "gender", "preferred_username"},
	"birth":          {"birthplace", "birthcountry"},
	"identite_pivot": {"given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry"},
}

// erreurDemande gives the error sent back by redirect; the description is ASCII.
func erreurDemande(q url.Values, e entite) (erreur, detail string) {
	if q.Get("response_type") != "code" {
		return "unsupported_response_type", "only code is supported"
	}
	scopes := strings.Fields(q.Get("scope"))
	if !slices.Contains(scopes, "openid") {
		return "invalid_scope", "openid is required"
	}
	for _, sc := range scopes {
		if slices.Contains(scopesConnus, sc) && !accorde(sc, e) {
			return "invalid_scope", "scope not granted: " + sc
		}
	}
	for acr := range strings.FieldsSeq(q.Get("acr_values")) {
		if niveau(acr) > niveau(e.AcrDemande) {
			return "invalid_acr", "acr not granted on this platform"
		}
	}
	if q.Get("idp_hint") != "" { // the allow-list is empty for everybody
		return "invalid_idp_hint", "idp_hint not allowed (Y030032)"
	}
	return "", ""
}

// accorde: a composed scope is granted when all it stands for is.
func accorde(sc string, e entite) bool {
	contenu := scopesComposes[sc]
	manque := slices.ContainsFunc(contenu, func(c string) bool { return !slices.Contains(e.ScopesAccordes, c) })
	return slices.Contains(e.ScopesAccordes, sc) || (len(contenu) > 0 && !manque)
}

func scopesAccordes(demande string, e entite) []string {
	var out []string
	for sc := range strings.FieldsSeq(demande) {
		if slices.Contains(scopesConnus, sc) && accorde(sc, e) && !slices.Contains(out, sc) {
			out = append(out, sc)
		}
	}
	return out
}

// acrDemande reads acr_values: an unknown level counts as eidas1.
func acrDemande(v string) string {
	connus := slices.DeleteFunc(strings.Fields(v), func(acr string) bool { return niveau(acr) < 0 })
	return append(connus, eidas1)[0]
}

// verifierClaims refuses a claims parameter that is not JSON, and amr, for
// which nobody is entitled here.
func verifierClaims(v string) error {
	if v == "" {
		return nil
	}
	var claims map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(v), &claims); err != nil {
		return refuse("Y030028", "claims n'est pas un objet JSON")
	}
	for _, partie := range claims {
		if _, ok := partie["amr"]; ok {
			return refuse("Y100009", "amr demandé sans habilitation")
		}
	}
	return nil
}

// versFS is the authorization response: state and iss are on every one, errors
// included (SIM-22).
func (s *Simulateur) versFS(redirectURI, state string, params ...string) string {
	iss := s.Issuer()
	switch {
	case s.faute(FauteSansIss):
		iss = ""
	case s.faute(FauteAutreIss):
		iss = s.cfg.FC + "/autre"
	}
	if s.faute(FauteState) {
		state = alea(32)
	}
	return ajouter(redirectURI, append(params, "state", state, "iss", iss)...)
}

// sessionDe gives the id of the browser's live session at FC, "" if none.
func (s *Simulateur) sessionDe(r *http.Request) string {
	sid := lireCookie(r, cookieFC)
	if _, ok := s.sessions.get(sid); !ok {
		return ""
	}
	return sid
}

func (s *Simulateur) adresseInteraction(uid string) string {
	return s.Issuer() + "/interaction/" + uid
}

// dans ties a refusal to its interaction, so that its page offers a way back.
func dans(uid string, err error) error {
	if ref, ok := err.(*refus); ok {
		return &refus{Code: ref.Code, Detail: ref.Detail, Interaction: uid}
	}
	return err
}
