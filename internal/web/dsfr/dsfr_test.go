package dsfr

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"aidantsconnect/internal/fault"
)

// gallery is every component, in the states that change its markup.
func gallery() map[string]templ.Component {
	bad := Champ{Nom: "courriel", Libelle: "Adresse électronique", Aide: "prenom.nom@mairie.fr", Erreur: "Il manque un @.", Valeur: `<"&`, Type: "email", Autocomplete: "email"}
	opts := []Option{{Valeur: "a", Libelle: "Argent", Aide: "impôts"}, {Valeur: "b", Libelle: "Famille"}}
	choice := Choix{Nom: "demarche", Legende: "Démarches", Aide: "une ou plusieurs", Erreur: "Choisissez.", Options: opts, Valeurs: []string{"b"}}
	text := Text("corps & <texte>")
	return map[string]templ.Component{
		"Form":           with(Form(Formulaire{Action: "/x", Caches: []Cache{{"k", "v"}}}), text),
		"RequiredNotice": RequiredNotice(),
		"Input":          Input(bad),
		"Input nu":       Input(Champ{Nom: "nom", Libelle: "Nom", Facultatif: true}),
		"Textarea":       Textarea(bad),
		"OTP":            OTP(Champ{Nom: "otp_token", Erreur: "Ce code a déjà servi."}),
		"Select":         Select(choice),
		"Radios":         Radios(choice), "RichRadios": RichRadios(choice),
		"Checkboxes": Checkboxes(choice), "RichCheckboxes": RichCheckboxes(choice),
		"Checkbox":     Checkbox(Case{Nom: "cgu", Libelle: "J’accepte", Aide: "les lire", Erreur: "Cochez la case."}),
		"SearchBar":    SearchBar(Recherche{Action: "/", Libelle: "Chercher", Aide: "nom", Valeur: `"`}),
		"Button":       Button(Bouton{Libelle: "Envoyer", Nom: "a", Valeur: "1"}),
		"ButtonLink":   ButtonLink(Bouton{Libelle: "Ouvrir", Precision: "la fiche", URL: "/x"}),
		"Link":         Link(Bouton{Libelle: "Ouvrir", URL: "javascript:alert(1)"}),
		"ButtonsGroup": with(ButtonsGroup(), text),
		"Alert":        with(Alert(Alerte{Ton: Alarme, Titre: "Attention", Role: "alert"}), text),
		"Notice":       Notice(Bandeau{Ton: Alarme, Titre: "SIMULATION —", Texte: "fictif"}),
		"Badge":        Badge(Pastille{Libelle: "Actif"}), "Tag": Tag("Argent"),
		"Callout":      with(Callout(Encart{Titre: "À lire"}), text),
		"ErrorSummary": ErrorSummary([]Faute{{ID: "", Texte: "Général"}}),
		"Table": Table(Tableau{
			Legende: "Usagers", Colonnes: []Colonne{{Libelle: "Nom"}, {Libelle: "Fin", Droite: true}, {Libelle: "Actions", Cachee: true}},
			Lignes: []Ligne{{text, text, Join(text, text)}},
		}),
		"Table vide": Table(Tableau{Legende: "Usagers", LegendeCachee: true, Colonnes: []Colonne{{Libelle: "Nom"}}, Vide: "Aucune personne."}),
		"Facts":      Facts([]Fait{{Nom: "Nom", Valeur: "DUBOIS"}, {Nom: "État", Corps: text}}),
		"SkipLinks":  SkipLinks([]Lien{{Libelle: "Contenu", URL: "/"}}),
		"Breadcrumb": Breadcrumb([]Lien{{Libelle: "Accueil", URL: "/"}, {Libelle: "Ici"}}),
		"Tabs":       Tabs("Mandats", []Lien{{Libelle: "En cours", URL: "/a", Actif: true}, {Libelle: "Terminés", URL: "/b"}}),
		"Stepper":    Stepper(Etape{Numero: 1, Total: 3, Titre: "Démarches", Suivante: "Durée"}),
		"Pagination": Pagination(Pages{Precedente: "/a", Suivante: "/b", Resume: "1 à 20"}),
		"Card":       Card(Carte{Titre: "Carte", URL: "/", Texte: "t", Detail: "d"}),
		"Tile":       Tile(Carte{Titre: "Tuile", URL: "/", Texte: "t", Icone: "fr-icon-x"}),
		"Accordion":  with(Accordion("Titre", true), text),
		"Header":     Header(Entete{Service: "Aidants Connect", NonOfficiel: true, Personne: "Thierry GOUDON", Structure: "Mairie", Deconnexion: "/logout-session/", Menu: []Lien{{Libelle: "Accueil", URL: "/", Actif: true}}}),
		"Footer":     Footer(Pied{Service: "Aidants Connect", NonOfficiel: true, Liens: []Lien{{Libelle: "Plan", URL: "/plan"}}, Contact: "a@b.fr"}),
	}
}

func with(c, child templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, child), w)
	})
}

func TestEveryComponentIsAccessible(t *testing.T) {
	for name, c := range gallery() {
		t.Run(name, func(t *testing.T) {
			all := parse(t, c)
			ids := map[string]*html.Node{}
			for _, n := range all {
				if id := attr(n, "id"); id != "" {
					if ids[id] != nil {
						t.Errorf("id %q twice", id)
					}
					ids[id] = n
				}
			}
			for _, n := range all {
				checkReferences(t, n, ids)
				checkNode(t, n, all)
			}
		})
	}
}

// checkReferences: what an element points to is on the page.
func checkReferences(t *testing.T, n *html.Node, ids map[string]*html.Node) {
	for _, key := range []string{"aria-describedby", "aria-labelledby", "for", "popovertarget", "aria-controls"} {
		for _, id := range strings.Fields(attr(n, key)) {
			if target := ids[id]; target == nil {
				t.Errorf("<%s> %s=%q leads nowhere", n.Data, key, id)
			} else if strings.TrimSpace(textOf(target)) == "" && key != "for" {
				t.Errorf("<%s> %s=%q leads to nothing to read", n.Data, key, id)
			}
		}
	}
}

func checkNode(t *testing.T, n *html.Node, all []*html.Node) {
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			t.Errorf("<%s> has %s, which the CSP refuses", n.Data, a.Key)
		}
		if (a.Key == "href" || a.Key == "action") && strings.HasPrefix(a.Val, "javascript:") {
			t.Errorf("<%s> %s=%q", n.Data, a.Key, a.Val)
		}
	}
	switch n.Data {
	case "input", "select", "textarea":
		if attr(n, "type") == "hidden" {
			return
		}
		labelled := slices.ContainsFunc(all, func(l *html.Node) bool {
			return l.Data == "label" && attr(l, "for") == attr(n, "id") && strings.TrimSpace(textOf(l)) != ""
		})
		if !labelled {
			t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
		}
	case "a", "button", "summary", "th", "legend", "caption", "h1", "h2", "h3", "option":
		if strings.TrimSpace(textOf(n)) == "" {
			t.Errorf("<%s> has no name", n.Data)
		}
	case "nav", "section":
		if attr(n, "aria-label") == "" {
			t.Errorf("<%s> has no name among landmarks", n.Data)
		}
	case "table":
		if !slices.ContainsFunc(all, func(c *html.Node) bool { return c.Data == "caption" }) {
			t.Error("the table has no caption")
		}
	case "fieldset":
		if n.FirstChild == nil || n.FirstChild.Data != "legend" {
			t.Error("the fieldset does not begin with its legend")
		}
	}
}

// A field that was refused says so, why, and keeps what was typed.
func TestErrorsAreTiedToTheirField(t *testing.T) {
	for name, control := range map[string]string{
		"Input": "input", "Textarea": "textarea", "OTP": "input", "Select": "select", "Radios": "input", "RichCheckboxes": "input", "Checkbox": "input",
	} {
		all := parse(t, gallery()[name])
		i := slices.IndexFunc(all, func(n *html.Node) bool { return n.Data == control })
		n := all[i]
		described := ""
		for _, id := range strings.Fields(attr(n, "aria-describedby")) {
			for _, m := range all {
				if attr(m, "id") == id {
					described += textOf(m)
				}
			}
		}
		if attr(n, "aria-invalid") != "true" || !strings.Contains(described, "Erreur : ") {
			t.Errorf("%s: invalid %q, described by %q", name, attr(n, "aria-invalid"), described)
		}
		if attr(n, "id") != attr(n, "name") {
			t.Errorf("%s: the first control is %q, so ErrorSummary's link to %q misses it", name, attr(n, "id"), attr(n, "name"))
		}
	}
	all := parse(t, gallery()["Input"])
	for _, n := range all {
		if n.Data == "input" && (attr(n, "value") != `<"&` || !has(n, "required")) {
			t.Errorf("value %q", attr(n, "value"))
		}
	}
}

func TestChosenOptions(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"Valeur":  Radios(Choix{Nom: "d", Legende: "D", Valeur: "b", Options: []Option{{Valeur: "a", Libelle: "A"}, {Valeur: "b", Libelle: "B"}}}),
		"Valeurs": Checkboxes(Choix{Nom: "d", Legende: "D", Valeurs: []string{"b"}, Options: []Option{{Valeur: "a", Libelle: "A"}, {Valeur: "b", Libelle: "B"}}}),
		"Choisi":  Select(Choix{Nom: "d", Legende: "D", Options: []Option{{Valeur: "a", Libelle: "A"}, {Valeur: "b", Libelle: "B", Choisi: true}}}),
	} {
		var chosen []string
		for _, n := range parse(t, c) {
			if has(n, "checked") || has(n, "selected") {
				chosen = append(chosen, attr(n, "value"))
			}
		}
		if !slices.Equal(chosen, []string{"b"}) {
			t.Errorf("%s: chosen %v, want [b]", name, chosen)
		}
	}
}

func TestCurrentPageIsSaid(t *testing.T) {
	for _, name := range []string{"Tabs", "Breadcrumb", "Header"} {
		n := 0
		for _, e := range parse(t, gallery()[name]) {
			if attr(e, "aria-current") == "page" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d current pages, want 1", name, n)
		}
	}
}

// The code typed is a secret: it never comes back in the page.
func TestOTPForgets(t *testing.T) {
	for _, n := range parse(t, OTP(Champ{Nom: "otp_token", Valeur: "123456"})) {
		if n.Data == "input" && (has(n, "value") || attr(n, "autocomplete") != "one-time-code" || attr(n, "inputmode") != "numeric") {
			t.Errorf("input %v", n.Attr)
		}
	}
}

func parse(t *testing.T, c templ.Component) []*html.Node {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	if len(all) < 4 {
		t.Fatalf("nothing drawn: %q", b.String())
	}
	return all
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestFautesFollowThePage(t *testing.T) {
	got := Fautes(fault.Fields{"b": "B", "a": "A", "z": "Z", "vide": ""}, "z", "absent", "b")
	want := []Faute{{"z", "Z"}, {"b", "B"}, {"a", "A"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if Fautes(nil, "a") != nil {
		t.Error("lines without faults")
	}
}

// A list that is not paged says so when it is full, and only then.
func TestFullListSaysSo(t *testing.T) {
	for n, want := range map[int]bool{0: false, 1: false, 2: true, 3: true} {
		table := Tableau{Legende: "Usagers", Colonnes: []Colonne{{Libelle: "Nom"}}, Vide: "Personne.", Borne: 2}
		for range n {
			table.Lignes = append(table.Lignes, Ligne{Text("DUBOIS")})
		}
		if got := strings.Contains(drawn(t, Table(table)), "La liste s’arrête à 2 : il peut y en avoir d’autres."); got != want {
			t.Errorf("%d rows: %v", n, got)
		}
		table.Borne = 0
		if strings.Contains(drawn(t, Table(table)), "s’arrête") {
			t.Errorf("%d rows, without a bound", n)
		}
	}
}

func drawn(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
