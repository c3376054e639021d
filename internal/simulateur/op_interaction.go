package simulateur

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// uidFIDemo is the test FI's.
const uidFIDemo = "fi-demo"

// routesFC is the URL table of the simulated FranceConnect.
func (s *Simulateur) routesFC() *http.ServeMux {
	mux := http.NewServeMux()
	get := func(p string, h func(http.ResponseWriter, *http.Request) error) { mux.Handle("GET "+p, s.page(h)) }
	post := func(p string, h func(http.ResponseWriter, *http.Request) error) {
		mux.Handle("POST "+p, s.formulaire(h))
	}
	get("/{$}", s.accueilFC)
	get("/simulation", s.pageLimites)
	get(cheminFautes, s.pageFautes)
	post(cheminFautes, s.choisirFautes)
	get("/fs/fs-technique/fs-technique-erreurs/{$}", s.pageCodes)
	// As OP of the FS (21.2).
	mux.HandleFunc("GET /api/v2/.well-known/openid-configuration", s.serveDecouverte)
	mux.HandleFunc("GET /api/v2/jwks", s.serveJWKS)
	get("/api/v2/authorize", s.authorize)
	mux.Handle("POST /api/v2/authorize", s.page(enGet))
	get("/api/v2/interaction/{uid}", s.enCours(s.choix))
	post("/api/v2/interaction/{uid}/fi", s.enCours(s.choisirFI))
	get("/api/v2/interaction/{uid}/information", s.enCours(s.information))
	post("/api/v2/interaction/{uid}/confirmation", s.enCours(s.confirmer))
	post("/api/v2/interaction/{uid}/abandon", s.enCours(s.abandonner))
	mux.HandleFunc("/api/v2/token", s.serveToken)
	mux.HandleFunc("/api/v2/token/revocation", s.serveRevocation)
	mux.HandleFunc("/api/v2/userinfo", s.serveUserinfo)
	get("/api/v2/session/end", s.finSession)
	mux.Handle("POST /api/v2/session/end", s.page(enGet))
	post("/api/v2/session/end/{sortie}", s.quitterFI)
	post("/api/v2/session/end/{sortie}/retour", s.retourFS)
	// As client of our FI (21.1).
	get("/api/v2/oidc-callback", s.retourFI)
	get("/api/v2/client/logout-callback", s.retourDeconnexionFI)
	mux.HandleFunc("GET /api/v2/client/.well-known/keys", s.serveClesChiffrement)
	return mux
}

// etape is an interaction and the service it is for.
type etape struct {
	uid string
	interaction
	entite
}

// enCours reads the interaction of the address, in the browser that opened it.
func (s *Simulateur) enCours(h func(http.ResponseWriter, *http.Request, etape) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		uid, sid := r.PathValue("uid"), s.sessionDe(r)
		i, ok := s.interactions.get(uid)
		e, _ := s.entite(i.clientID)
		if err := exiger(
			regle{sid != "", "Y190001", "aucune session dans ce navigateur"},
			regle{ok && i.session == sid, "Y030025", "interaction inconnue ou expirée"},
			regle{!i.finie, "Y420001", "interaction déjà terminée"},
		); err != nil {
			return err
		}
		return h(w, r, etape{uid, i, e})
	}
}

// choix is the choice page: the test FI, and Aidants Connect under it (SIM-17).
func (s *Simulateur) choix(w http.ResponseWriter, r *http.Request, e etape) error {
	v := vueChoix{Uid: e.uid, Service: e.Nom, AC: s.cfg.ClientFI.UID, Retour: e.retour}
	switch {
	case s.cfg.ClientFI.Issuer == "":
		v.ACRefus = "Aidants Connect n'est pas relié à cette simulation."
	case niveau(e.acr) > niveau(eidas1) || e.AcrDemande != eidas1:
		v.ACRefus = "Ce service demande un niveau de garantie qu'Aidants Connect ne donne pas."
	case s.exclut(e.entite, s.cfg.ClientFI.UID):
		v.ACRefus = "Ce service n'accepte pas Aidants Connect."
	}
	return s.rendre(w, r, http.StatusOK, pageChoix(s.vue(r, "Choisir un compte"), v))
}

// choisirFI sends the browser to the FI chosen.
func (s *Simulateur) choisirFI(w http.ResponseWriter, r *http.Request, e etape) error {
	fi := r.PostFormValue("fi")
	if fi != uidFIDemo && (fi != s.cfg.ClientFI.UID || s.cfg.ClientFI.Issuer == "" || s.exclut(e.entite, fi) || e.acr != eidas1) {
		return dans(e.uid, refuse("Y020023", "fournisseur d'identité inconnu ou exclu par le service"))
	}
	// SIM-10: 32 random bytes each, in hexadecimal.
	state, nonce := alea(32), alea(32)
	s.interactions.update(e.uid, func(i *interaction) bool {
		i.fi, i.fiState, i.fiNonce, i.retour = fi, state, nonce, false
		return true
	})
	if fi == uidFIDemo {
		return suivre(w, ajouter(s.cfg.FI+"/connexion", "state", state))
	}
	adresse, err := s.demandeAC(r.Context(), e.entite, state, nonce)
	if err != nil {
		return dans(e.uid, err)
	}
	return suivre(w, adresse)
}

// reconnue ends the FI's part: the identity becomes that of the session (SSO)
// and of the interaction.
func (s *Simulateur) reconnue(w http.ResponseWriter, uid string, i interaction, c connexion) error {
	e, _ := s.entite(i.clientID)
	etablie, err := s.etablir(c, e)
	if err != nil {
		return dans(uid, err)
	}
	s.sessions.put(i.session, session{connexion: etablie})
	s.interactions.update(uid, func(i *interaction) bool { i.connexion, i.sso = etablie, false; return true })
	s.avertir(etablie, e)
	return suivre(w, s.adresseInteraction(uid)+"/information")
}

// avertir writes the notice of connection that FC would send by e-mail, to the
// address the FI gave (SIM-06).
func (s *Simulateur) avertir(c *connexion, e entite) {
	if s.cfg.Avis == nil || c.identite.Email == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := fmt.Fprintf(s.cfg.Avis, "%s SIMULATION — avis de connexion à %s : %s vient d'être ouvert au nom de %s.\n",
		s.cfg.Clock().UTC().Format(time.RFC3339), c.identite.Email, e.Nom, c.personne.NomComplet())
	if err != nil {
		s.cfg.Log.Warn("simulation: write notice", "err", err)
	}
}

// information shows what the service will receive before the return (SIM-27),
// also under SSO.
func (s *Simulateur) information(w http.ResponseWriter, r *http.Request, e etape) error {
	if e.connexion == nil {
		return suivre(w, s.adresseInteraction(e.uid))
	}
	v := vueInformation{Uid: e.uid, Service: e.Nom, Prive: e.Prive, ParAC: e.connexion.fi == s.cfg.ClientFI.UID, Manque: r.Method == http.MethodPost, Donnees: donneesTransmises(e.interaction)}
	page, statut := s.vue(r, "Vos données transmises"), http.StatusOK
	if e.sso {
		page.SSO = "Simulation : la connexion de " + e.connexion.personne.NomComplet() + " est réutilisée"
	}
	if v.Manque {
		page.Titre, statut = "Erreur : consentement manquant", http.StatusBadRequest
	}
	return s.rendre(w, r, statut, pageInformation(page, v))
}

// confirmer issues the code and returns to the FS. An interaction ends once.
func (s *Simulateur) confirmer(w http.ResponseWriter, r *http.Request, e etape) error {
	if e.connexion == nil || (e.Prive && r.PostFormValue("consentement") != "oui") {
		return s.information(w, r, e)
	}
	now := s.cfg.Clock()
	// FS-14: auth_time is the end of the interaction, also under SSO.
	c := code{interaction: e.interaction, authTime: now, fin: now.Add(dureeCode), utilise: s.faute(FauteCodeRejoue)}
	return s.finir(w, e, "code", s.codes.add(c))
}

// abandonner goes back to the FS without an identity (Y030030), or with the
// error of the refusal that was shown.
func (s *Simulateur) abandonner(w http.ResponseWriter, r *http.Request, e etape) error {
	erreur, detail := refusAcces, "user went back to the service (Y030030)"
	if y, known := codesY[r.PostFormValue("code")]; known {
		erreur, detail = y.erreur, "refused by FranceConnect ("+r.PostFormValue("code")+")"
	}
	return s.finir(w, e, "error", erreur, "error_description", detail)
}

// finir ends the interaction, once, and returns to the FS.
func (s *Simulateur) finir(w http.ResponseWriter, e etape, params ...string) error {
	if !s.interactions.update(e.uid, func(i *interaction) bool {
		libre := !i.finie
		i.finie = true
		return libre
	}) {
		return refuse("Y420001", "interaction déjà terminée")
	}
	return suivre(w, s.versFS(e.redirectURI, e.state, params...))
}

// donneesTransmises lists, in a fixed order, what the scopes let through.
func donneesTransmises(i interaction) []donnee {
	claims := claimsPour(i.scopes, i.connexion)
	var out []donnee
	for _, l := range libelles {
		if v, ok := claims[l.claim]; ok && v != nil && v != "" {
			out = append(out, donnee{l.nom, lisible(l.claim, fmt.Sprint(v))})
		}
	}
	return out
}

// claimsPour gives the identity claims that the scopes open (§14): the
// registry's identity, and the FI's e-mail, nom d'usage and birth date.
func claimsPour(scopes []string, c *connexion) map[string]any {
	g := c.personne.Registre()
	tous := map[string]any{
		"family_name": g.FamilyName, "given_name": g.GivenName, "birthdate": g.Birthdate, "gender": g.Gender, "birthcountry": g.Birthcountry,
		"idp_birthdate": c.identite.Birthdate, "idp_id": c.fi,
	}
	if c.identite.Email != "" {
		tous["email"] = c.identite.Email
	}
	g.Birthplace.Poser(tous, "birthplace")
	c.identite.PreferredUsername.Poser(tous, "preferred_username")
	out := map[string]any{}
	for _, sc := range scopes {
		for _, claim := range append(slices.Clone(scopesComposes[sc]), sc) {
			if v, ok := tous[claim]; ok {
				out[claim] = v
			}
		}
	}
	if out["given_name"] != nil {
		out["given_name_array"] = g.GivenNameArray
	}
	return out
}

func (s *Simulateur) accueilFC(w http.ResponseWriter, r *http.Request) error {
	return s.rendre(w, r, http.StatusOK, pageAccueilFC(s.vue(r, "Simulation de FranceConnect"), s.cfg.Service, s.cfg.PageFautes))
}

// pageLimites says what the simulation does not do (SIM-06).
func (s *Simulateur) pageLimites(w http.ResponseWriter, r *http.Request) error {
	return s.rendre(w, r, http.StatusOK, pageLimites(s.vue(r, "Ce que la simulation ne fait pas"), s.cfg.Avis != nil))
}

// pageCodes explains the codes; error_uri leads here.
func (s *Simulateur) pageCodes(w http.ResponseWriter, r *http.Request) error {
	var liste []donnee
	for _, c := range slices.Sorted(maps.Keys(codesY)) {
		liste = append(liste, donnee{c, codesY[c].message})
	}
	vu := r.URL.Query().Get("code")
	if _, known := codesY[vu]; !known {
		vu = ""
	}
	return s.rendre(w, r, http.StatusOK, pageListeCodes(s.vue(r, "Codes d'erreur"), vu, liste))
}
