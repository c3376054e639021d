package server_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"

	"github.com/google/go-cmp/cmp"
)

var updatePages = flag.Bool("update", false, "write docs/acces.md")

const pageAcces = "../../docs/acces.md"

// etrangers are the places of an address that stand for something of one
// structure or one person: a stranger is answered 404, as for nothing at all.
var etrangers = []string{"mandat", "usager", "autorisation", "piece", "aidant", "facteur", "demande", "coreferent", "session", "appareil", "defi", "ligne"}

// TestAcces asks every route as every kind of visitor, with the ids of one
// structure (A-W70). What is answered is the rule of comptes 1.2, and is what
// docs/acces.md says: make generate writes it. On one database: no query decides
// who enters, and TestRoutesTakeGarbage asks every route of the other.
func TestAcces(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	m.Altere = true // visitors are installed by SQL
	r := nouvelleRonde(t, m)
	vs := r.installe()
	r.existe(vs)
	hugo := maps.Clone(r.ids) // a référent acts on a colleague, the others on what is theirs
	hugo["facteur"] = r.facteur(r.compte("hugo"))
	var rows []ligneAcces
	garde := gardeVue{}
	for i, route := range m.Server.Mux.Routes() {
		if strings.HasSuffix(route.Pattern, " "+web.CheminDeconnexion) {
			continue // ends the session, whoever asks
		}
		r.objets(vs)
		ids := r.ids
		switch {
		case route.Espace == web.Referent:
			ids = hugo
		case strings.Contains(route.Pattern, "{genre}/{demande}"):
			ids = maps.Clone(r.ids)
			ids["genre"], ids["demande"] = "coreferent", r.ids["coreferent"] // elsewhere it is a kind of message
		}
		row := ligneAcces{route: route}
		for j, v := range vs {
			w := r.visite(v, route, ids, fmt.Sprintf("10.%d.%d.%d:1", j, i/250, i%250))
			row.reponses = append(row.reponses, reponse(w))
			r.juge(v, route, w)
			garde.voit(route, w)
			if v.structure == "ailleurs" && names(route) && !(v.invite && strings.Contains(route.Pattern, "{demande}")) {
				r.ignore(v, route, ids, w)
			}
		}
		rows = append(rows, row)
	}
	r.atteints(rows)
	garde.juge(t)
	got := page(rows, vs)
	if *updatePages {
		ok(t, os.WriteFile(pageAcces, []byte(got), 0o644))
	}
	want, err := os.ReadFile(pageAcces)
	ok(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/acces.md is not what the walk found; make generate writes it, and it is to be read (-page +walk):\n%s", diff)
	}
}

// existe gives what the addresses name: things of the structure "ici", and
// lines of the back-office.
func (r *ronde) existe(vs []*visiteur) {
	r.t.Helper()
	for _, name := range []string{"demande", "coreferent", "session", "appareil"} {
		r.ids[name] = ident.New[ident.OperationID]().String()
	}
	var nadia *visiteur
	for _, v := range vs {
		if v.proprietaire {
			nadia = v
		}
	}
	r.rouvre(nadia)
	req := post("/espace-aidant/facteurs/cle/", nil)
	req.Header.Set("Cookie", "__Host-ac_session="+nadia.jeton.Reveal())
	w := r.demander("nadia", req)
	_, r.ids["defi"], _ = strings.Cut(strings.TrimSuffix(w.Header().Get("Location"), "/"), "/cle/")
	ctx := r.t.Context()
	_, err := r.Server.Journal.Sequence(ctx)
	ok(r.t, err)
	var ligne, message ident.OperationID
	ok(r.t, r.Server.DB.View(ctx, func(tx *db.Tx) error {
		return firstError(
			tx.QueryRow(ctx, `SELECT id FROM journal_ligne WHERE organisation_id = $1 AND action = 'create_attestation'`, r.orgs["ici"]).Scan(&ligne),
			tx.QueryRow(ctx, `SELECT id FROM message ORDER BY id LIMIT 1`).Scan(&message),
		)
	}))
	r.ids["ligne"], r.ids["message"] = ligne.String(), message.String()
}

// visite sends the request of a route as a visitor.
func (r *ronde) visite(v *visiteur, route web.Route, ids map[string]string, from string) *httptest.ResponseRecorder {
	r.t.Helper()
	r.rouvre(v)
	method, path := r.chemin(route, ids)
	req := request(method, path)
	req.RemoteAddr = from // nobody meets the limits of another
	who := v.titre
	req.Header.Set("Cookie", "__Host-ac_session="+v.jeton.Reveal()) // known to no session when nobody is signed in
	if v.structure == "ici" {
		who = "nadia" // may read what the walk looks for
	}
	return r.demander(who, req)
}

// reponse is a cell of the page.
func reponse(w *httptest.ResponseRecorder) string {
	to := w.Header().Get("Location")
	switch {
	case strings.HasPrefix(to, web.CheminConnexion):
		return "connexion"
	case strings.HasPrefix(to, web.CheminReprise), strings.Contains(w.Body.String(), `action="`+web.CheminReprise+`"`):
		return "code"
	case strings.HasPrefix(to, web.CheminCGU):
		return "textes"
	}
	return fmt.Sprint(w.Code)
}

// juge compares an answer with comptes 1.2, whatever the page says.
func (r *ronde) juge(v *visiteur, route web.Route, w *httptest.ResponseRecorder) {
	r.t.Helper()
	got, want := reponse(w), attendu(v, route)
	if want == "public" {
		if got == "403" || got == "code" || got == "textes" {
			r.t.Errorf("%s, public, by %s: %s", route.Pattern, v.titre, got)
		}
		return
	}
	open := got != "connexion" && got != "403" && got != "textes" && (got != "code" || strings.Contains(route.Pattern, " "+web.CheminReprise))
	if want == "" && !open || want != "" && got != want {
		r.t.Errorf("%s by %s: %s, want %q", route.Pattern, v.titre, got, want)
	}
}

// ignore checks that what belongs to others is for a stranger as if it did not
// exist: the answer is that of ids made up.
func (r *ronde) ignore(v *visiteur, route web.Route, ids map[string]string, w *httptest.ResponseRecorder) {
	r.t.Helper()
	if route.Espace == web.Gestion && attenduGestion(v) == "" {
		return // the team sees every structure
	}
	made := maps.Clone(ids)
	for _, place := range etrangers {
		made[place] = ident.New[ident.OperationID]().String()
	}
	unknown := r.visite(v, route, made, "192.0.2.1:1")
	if w.Code != unknown.Code || w.Header().Get("Location") == "" && contenu(w, ids) != contenu(unknown, made) {
		r.t.Errorf("%s by %s: %d for what belongs to others, %d for an id made up", route.Pattern, v.titre, w.Code, unknown.Code)
	}
	if _, soft := recommence[route.Pattern]; !soft && w.Code != http.StatusNotFound && attendu(v, route) == "" {
		r.t.Errorf("%s by %s: %d for what belongs to others", route.Pattern, v.titre, w.Code)
	}
}

// recommence are the routes that answer otherwise than by 404 to an id of
// nothing, and how.
var recommence = map[string]string{
	"GET /espace-aidant/facteurs/cle/{defi}/":  "a challenge that is over leads to a new one",
	"POST /espace-aidant/facteurs/cle/{defi}/": "the same",
}

// contenu is the page without what changes from one to the next.
func contenu(w *httptest.ResponseRecorder, ids map[string]string) string {
	_, main, _ := strings.Cut(w.Body.String(), "<main")
	for _, place := range etrangers {
		main = strings.ReplaceAll(main, ids[place], "{"+place+"}")
	}
	return numeroIncident.ReplaceAllString(main, "")
}

// numeroIncident is the request number that error pages show.
var numeroIncident = regexp.MustCompile(`[0-9a-f]{16,}|[0-9A-Z]{10,}`)

// names tells whether the address names something of a structure.
func names(route web.Route) bool {
	return slices.ContainsFunc(etrangers, func(place string) bool { return strings.Contains(route.Pattern, "{"+place+"}") })
}

// attendu is the table of comptes 1.2: what the space answers, "" when it lets in.
func attendu(v *visiteur, route web.Route) string {
	switch route.Espace {
	case web.Public, web.PublicOpenID, web.Machine:
		return "public"
	case web.Compte:
		return attenduCompte(v, route)
	case web.Gestion:
		return attenduGestion(v)
	case web.Aidant:
		return attenduEspace(v, route, v.habilite)
	case web.Referent:
		return attenduEspace(v, route, v.referent)
	}
	return "a space that the walk does not know: " + string(route.Espace)
}

// ferme is what nobody who is not signed in, or no longer, goes past.
func ferme(v *visiteur) bool { return v.personne || v.inactif }

func attenduCompte(v *visiteur, route web.Route) string {
	switch {
	case ferme(v):
		return "connexion"
	case route.CodeFrais && v.code > 0:
		return "code"
	}
	return ""
}

func attenduGestion(v *visiteur) string {
	switch {
	case ferme(v):
		return "connexion"
	case v.role == "" || !v.cle || strings.HasSuffix(string(v.role), "_of"):
		return "404"
	}
	return ""
}

func attenduEspace(v *visiteur, route web.Route, member bool) string {
	switch {
	case ferme(v):
		return "connexion"
	case !member || v.structure == "close":
		return "403"
	case v.sansTextes:
		return "textes"
	case v.pause > 0 || route.CodeFrais && v.code > 0:
		return "code"
	}
	return ""
}

// atteints: a 404 for a stranger proves something only when somebody else is
// answered.
func (r *ronde) atteints(rows []ligneAcces) {
	r.t.Helper()
	for _, row := range rows {
		if !names(row.route) {
			continue
		}
		seen := slices.ContainsFunc(row.reponses, func(s string) bool { return s == "200" || s == "303" || s == "400" || s == "409" || s == "422" })
		if !seen {
			r.t.Errorf("%s: none of the visitors reaches it: the 404 of the others proves nothing", row.route.Pattern)
		}
	}
	if r.lus < 20 || r.pages < 1000 {
		r.t.Errorf("only %d answers showed the person to who may see her, %d pages were read", r.lus, r.pages)
	}
}

// ligneAcces is a row of the page.
type ligneAcces struct {
	route    web.Route
	reponses []string
}

var titresEspaces = []struct {
	espace web.Espace
	titre  string
}{
	{web.Public, "Public : ouvert à chacun"},
	{web.PublicOpenID, "Public, aussi depuis un autre site (OpenID Connect)"},
	{web.Machine, "Pour les programmes, qui prouvent eux-mêmes qui ils sont"},
	{web.Compte, "Compte : être connecté"},
	{web.Aidant, "Aidant : être habilité et membre de la structure"},
	{web.Referent, "Référent : l'être de la structure courante"},
	{web.Gestion, "Gestion : l'équipe du service, avec une clé"},
}

func page(rows []ligneAcces, vs []*visiteur) string {
	var b strings.Builder
	b.WriteString(enteteAcces)
	for i, v := range vs {
		fmt.Fprintf(&b, "- **%c** : %s\n", 'A'+i, v.titre)
	}
	for _, e := range titresEspaces {
		fmt.Fprintf(&b, "\n## %s\n", e.titre)
		var same, differ strings.Builder
		for _, row := range rows {
			if row.route.Espace != e.espace {
				continue
			}
			mark := ""
			if row.route.CodeFrais {
				mark = " ◆"
			}
			if one := slices.Compact(slices.Clone(row.reponses)); len(one) == 1 {
				fmt.Fprintf(&same, "| `%s`%s | %s |\n", row.route.Pattern, mark, one[0])
			} else {
				fmt.Fprintf(&differ, "| `%s`%s | %s |\n", row.route.Pattern, mark, strings.Join(row.reponses, " | "))
			}
		}
		if same.Len() > 0 {
			b.WriteString("\n| adresse | chacun |\n|---|:-:|\n" + same.String())
		}
		if differ.Len() > 0 {
			b.WriteString("\n| adresse |")
			for i := range vs {
				fmt.Fprintf(&b, " %c |", 'A'+i)
			}
			b.WriteString("\n|---" + strings.Repeat("|:-:", len(vs)) + "|\n" + differ.String())
		}
	}
	return b.String()
}

const enteteAcces = `# Qui atteint quoi

Cette page est écrite par ` + "`server.TestAcces`" + ` (` + "`make generate`" + `), qui demande chaque adresse du programme comme chaque sorte de
visiteur et échoue quand la page n'est plus ce qu'il trouve. Le même essai compare chaque réponse à la règle de
l'espace, écrite à part : une adresse sans espace, ou qui répond autre chose que son espace, fait échouer l'essai.

Les objets des adresses (` + "`{mandat}`, `{aidant}`, `{demande}`" + `…) existent et sont ceux d'une seule structure, « ici ». Pour qui est d'une autre
structure, ils n'existent pas : 404, comme pour un identifiant inventé. Les formulaires sont envoyés vides.

- un nombre : le statut de la réponse (303 : une suite de la page ; 422 : le formulaire vide est refusé) ;
- **connexion** : renvoi vers la page de connexion ;
- **textes** : renvoi vers les conditions d'utilisation et les chartes ;
- **code** : un code est demandé d'abord, et le formulaire est gardé ;
- **◆** : un code de moins de cinq minutes est exigé.

## Les visiteurs

`
