package simulateur

import (
	_ "embed" // the table of the faults
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/simulateur/registre"
)

// Faute is a fault that tests inject, so that our app's refusals are proved, and
// that a visitor of the demonstration may choose (§21.3). None is ever active by
// default; an active one is named in the
// banner of every page.
type Faute string

// The faults of FC towards its FS. Those on a token touch the ID token; their
// twin on the userinfo JWT is given by SurUserinfo.
const (
	FauteLente       Faute = "reponse_lente"               // /token answers after 7 s (Config.Lenteur)
	FauteErreur500   Faute = "erreur_500"                  // /token answers 500
	FauteTronquee    Faute = "corps_tronque"               // the body of /token stops half-way
	FauteCoupure     Faute = "coupure_reseau"              // /token closes the connection
	FauteCle         Faute = "mauvaise_cle"                // signed by a key that is not in the JWKS, under the right kid
	FauteKid         Faute = "kid_inconnu"                 // kid and key not in the JWKS
	FauteAlg         Faute = "alg_change"                  // HS256 with the client secret
	FauteIss         Faute = "mauvais_iss"                 //
	FauteAud         Faute = "mauvais_aud"                 //
	FauteNonce       Faute = "mauvais_nonce"               //
	FauteAtHash      Faute = "mauvais_at_hash"             //
	FauteExpire      Faute = "jeton_expire"                // exp one hour ago
	FauteSansIat     Faute = "sans_iat"                    //
	FauteSansSub     Faute = "sans_sub"                    //
	FauteSansAcr     Faute = "sans_acr"                    //
	FauteAutreSub    Faute = prefixeUserinfo + "autre_sub" // userinfo speaks of another person
	FauteJSON        Faute = "json_au_lieu_de_jwt"         // userinfo in plain JSON
	FauteSansIss     Faute = "iss_absent"                  // authorization response without iss (RFC 9207)
	FauteAutreIss    Faute = "iss_autre"                   // authorization response with another iss
	FauteState       Faute = "state_altere"                //
	FauteDeconnexion Faute = "deconnexion_sans_retour"
	FauteCodeRejoue  Faute = "code_rejoue" // the code sent was already consumed
)

const prefixeUserinfo = "userinfo_"

// SurUserinfo is the same fault on /userinfo: its answer or its JWT.
func (f Faute) SurUserinfo() Faute { return prefixeUserinfo + f }

//go:embed donnees/fautes.csv
var tableFautes []byte

// fauteDite is a fault as the page of faults says it, in French.
type fauteDite struct {
	Faute
	Groupe, Texte string
}

// fautesDites is the table of the faults, by group, in the order of a sign-in.
var fautesDites = lireFautes()

func lireFautes() (out []fauteDite) {
	for _, l := range registre.LireTable(tableFautes) {
		out = append(out, fauteDite{Faute(l["faute"]), l["groupe"], l["texte"]})
	}
	return out
}

// Fautes lists every fault that Injecter knows.
func Fautes() []Faute {
	var out []Faute
	for _, f := range fautesDites {
		out = append(out, f.Faute)
	}
	return out
}

// Injecter replaces the active faults; without argument, none is active.
func (s *Simulateur) Injecter(fautes ...Faute) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.fautes)
	for _, f := range fautes {
		s.fautes[f] = true
	}
}

func (s *Simulateur) faute(f Faute) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fautes[f]
}

// fautesActives names the active faults for the banner, as the page of faults
// does; one that a test made up shows its own name.
func (s *Simulateur) fautesActives() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var noms []string
	restent := maps.Clone(s.fautes)
	for _, f := range fautesDites {
		if restent[f.Faute] {
			noms = append(noms, strings.ToLower(f.Groupe[:1])+f.Groupe[1:]+" : "+f.Texte)
			delete(restent, f.Faute)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(restent)) {
		noms = append(noms, string(f))
	}
	return strings.Join(noms, " ; ")
}

// pageFautes lets anybody at the demonstration choose what goes wrong, to see
// what our screens answer.
func (s *Simulateur) pageFautes(w http.ResponseWriter, r *http.Request) error {
	if !s.cfg.PageFautes {
		return errInconnue
	}
	var groupes []groupeFautes
	for _, f := range fautesDites {
		if len(groupes) == 0 || groupes[len(groupes)-1].Titre != f.Groupe {
			groupes = append(groupes, groupeFautes{Titre: f.Groupe})
		}
		g := &groupes[len(groupes)-1]
		g.Fautes = append(g.Fautes, fauteChoix{f, s.faute(f.Faute)})
	}
	return s.rendre(w, r, http.StatusOK, pageFautes(s.vue(r, "Choisir des pannes"), groupes))
}

// choisirFautes replaces the active faults by those ticked.
func (s *Simulateur) choisirFautes(w http.ResponseWriter, r *http.Request) error {
	if !s.cfg.PageFautes {
		return errInconnue
	}
	if err := r.ParseForm(); err != nil {
		return refuse("Y000400", "formulaire illisible")
	}
	var choisies []Faute
	if !r.PostForm.Has("aucune") {
		for _, f := range Fautes() { // an unknown one is dropped
			if slices.Contains(r.PostForm["faute"], string(f)) {
				choisies = append(choisies, f)
			}
		}
	}
	s.Injecter(choisies...)
	return suivre(w, cheminFautes)
}

// cheminFautes is the page of the faults, on the host of FranceConnect.
const cheminFautes = "/simulation/fautes"

// fautesReseau plays the faults of transport; true means that the answer is
// already given. sur turns a fault into that of the endpoint.
func (s *Simulateur) fautesReseau(w http.ResponseWriter, r *http.Request, point Faute) bool {
	_ = r.ParseForm() // the body read, a caller that gives up is seen
	if s.faute(point + FauteLente) {
		select {
		case <-time.After(s.cfg.Lenteur):
		case <-r.Context().Done():
		}
	}
	switch {
	case s.faute(point + FauteCoupure):
		panic(http.ErrAbortHandler) // closes the connection without an answer
	case s.faute(point + FauteErreur500):
		s.erreurJSON(w, erreurOP{statut: http.StatusInternalServerError, erreur: "server_error", code: "Y000000"})
		return true
	case s.faute(point + FauteTronquee):
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "400")
		_, _ = w.Write([]byte(`{"access_token":"`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	return false
}

// altere applies the faults of content to the claims about to be signed.
func (s *Simulateur) altere(claims map[string]any, point Faute) {
	poser := func(f Faute, nom string, v any) {
		if s.faute(point + f) {
			claims[nom] = v
		}
	}
	poser(FauteIss, "iss", s.cfg.FC+"/autre")
	poser(FauteAud, "aud", "un-autre-client")
	poser(FauteExpire, "exp", s.cfg.Clock().Add(-time.Hour).Unix())
	poser(FauteNonce, "nonce", alea(32))
	poser(FauteAtHash, "at_hash", "AAAAAAAAAAAAAAAAAAAAAA")
	poser("autre_sub", "sub", alea(32)+"v1")
	for f, nom := range map[Faute]string{FauteSansIat: "iat", FauteSansSub: "sub", FauteSansAcr: "acr"} {
		if s.faute(point + f) {
			delete(claims, nom)
		}
	}
}
