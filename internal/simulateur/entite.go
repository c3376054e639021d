package simulateur

import (
	"slices"
	"strings"

	"aidantsconnect/internal/demarche"
)

// entite is a FS registered at FranceConnect: our app, or a demo service.
type entite struct {
	ClientFS
	Lettre         string // demo services: "a" … "f"
	RepScope       []string
	RepScopeAbsent bool // registered without the field (REP-10)
	Prive          bool // private service: the person ticks a consent box (SIM-27)
	AcrDemande     string
	But            string // French, on the service's home page
}

const (
	eidas1 = "eidas1"
	eidas2 = "eidas2"
	eidas3 = "eidas3"
)

// niveaux orders the levels; an unknown one is -1.
func niveau(acr string) int { return slices.Index([]string{eidas1, eidas2, eidas3}, acr) }

// scopesService is what the demo services ask for.
const scopesService = "openid given_name family_name birthdate gender birthplace birthcountry email preferred_username"

// entitesService are the demo public services (§21.3).
func (s *Simulateur) entitesService() []entite {
	liste := []entite{
		{Lettre: "a", But: "Service public qui ne déclare aucun périmètre : il accepte tous les mandats."},
		{Lettre: "b", Prive: true, RepScope: repScopes(demarche.Famille, demarche.Travail), But: "Service privé : il demande un consentement, et n'accepte que les mandats Famille ou Travail."},
		{Lettre: "c", RepScope: repScopes(demarche.Argent), But: "Service public qui n'accepte que les mandats Argent."},
		{Lettre: "d", But: "Service public qui exclut Aidants Connect."},
		{Lettre: "e", AcrDemande: eidas2, But: "Service public qui demande un niveau de garantie plus élevé : Aidants Connect y est désactivé."},
		{Lettre: "f", RepScopeAbsent: true, But: "Service public enregistré sans liste de périmètres : la simulation échoue, comme FranceConnect (REP-10)."},
	}
	for i := range liste {
		e := &liste[i]
		base := s.adresseService(e.Lettre)
		e.ClientFS = ClientFS{
			ClientID: "service-de-demonstration-" + e.Lettre, ClientSecret: alea(32), Alg: algES256,
			Nom:          "Service de démonstration " + strings.ToUpper(e.Lettre),
			RedirectURIs: []string{base + "retour"}, PostLogoutRedirectURIs: []string{base + "deconnecte"},
			ScopesAccordes: strings.Fields(scopesService), AccepteAidantsConnect: e.Lettre != "d",
		}
		if e.AcrDemande == "" {
			e.AcrDemande = eidas1
		}
	}
	return liste
}

func repScopes(ds ...demarche.Demarche) []string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = d.RepScope()
	}
	return out
}

// entiteApp is our app, when it is registered.
func (s *Simulateur) entiteApp() []entite {
	if s.cfg.ClientFS.ClientID == "" {
		return nil
	}
	return []entite{{ClientFS: s.cfg.ClientFS, AcrDemande: eidas1}}
}

func (s *Simulateur) adresseService(lettre string) string { return s.cfg.Service + "/" + lettre + "/" }

// Services gives the addresses of the demo services, A to F.
func (s *Simulateur) Services() []string {
	var out []string
	for _, e := range s.entites {
		if e.Lettre != "" {
			out = append(out, s.adresseService(e.Lettre))
		}
	}
	return out
}

func (s *Simulateur) entite(clientID string) (entite, bool) {
	i := slices.IndexFunc(s.entites, func(e entite) bool { return e.ClientID == clientID })
	if clientID == "" || i < 0 {
		return entite{}, false
	}
	return s.entites[i], true
}

func (s *Simulateur) service(lettre string) (entite, bool) {
	i := slices.IndexFunc(s.entites, func(e entite) bool { return e.Lettre == lettre })
	if lettre == "" || i < 0 {
		return entite{}, false
	}
	return s.entites[i], true
}

// verifieRepScope compares what our FI gave with the périmètres of the FS; it
// is replayed under SSO (§4, REP-1 to REP-8, REP-10).
func (e entite) verifieRepScope(donnes []string) error {
	if e.RepScopeAbsent {
		return refuse("Y000000", "service enregistré sans liste de périmètres (REP-10)")
	}
	if len(e.RepScope) == 0 {
		return nil
	}
	for _, v := range donnes {
		if slices.Contains(e.RepScope, v) {
			return nil
		}
	}
	return refuse("Y600020", "rep_scope reçu : %d valeur(s), aucune parmi %s", len(donnes), strings.Join(e.RepScope, ", "))
}

// connusRepScope tells whether every value is of the closed list: an unknown
// one disables the SSO for this connection (FI-33).
func connusRepScope(donnes []string) bool {
	for _, v := range donnes {
		if d, ok := demarche.ParseRepScope(v); !ok || d.RepScope() != v {
			return false
		}
	}
	return true
}
