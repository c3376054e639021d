// Package dsfr draws the components of the Système de design de l'État that
// the pages use: one typed templ function each, so that labels, hints, errors
// and landmarks are tied together right once, for everybody (RGAA 4.1).
//
// Conventions. Names of components are English, names of their fields French.
// A field is required unless Facultatif is set, and its label then says
// « (facultatif) ». An empty ID is the field's Nom; the first control of a
// group carries that identifier, so that ErrorSummary's links reach it. Every
// component works without JavaScript and carries no inline style (CSP).
// The design system is @gouvfr/dsfr 1.14.4; what it does only with its script
// (menu, tabs, accordion, modal) is drawn with links, details and popover, in
// the classes ac-… of our theme.
//
// It owns no table, serves no URL, knows no slice and no session.
package dsfr

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Lien is a place to go, in a menu, a breadcrumb or a list of actions.
type Lien struct {
	Libelle string
	URL     string
	Actif   bool // the page shown: aria-current
}

// Champ is one field of a form: Input, Textarea, OTP, Date.
type Champ struct {
	Nom        string // name attribute, same word as the column (house 6.2)
	ID         string // Nom when empty
	Libelle    string
	Aide       string // what to type, with an example
	Erreur     string // fault.Fields[Nom]
	Valeur     string // what was typed, shown again
	Facultatif bool

	Type         string // text when empty: email, tel, date, search…
	Autocomplete string // WCAG 1.3.5: email, one-time-code, tel, given-name, off…
	Inputmode    string // numeric, tel, email…
	Longueur     int    // maxlength, 0 = none
	Lignes       int    // Textarea: rows, 4 when 0
	LectureSeule bool
	Autofocus    bool // only where the field is all the page is for
	Court        bool // as wide as a code or a date, not as the column
}

// Option is one choice of a list.
type Option struct {
	Valeur    string
	Libelle   string
	Aide      string
	Choisi    bool
	Desactive bool
}

// Choix is a closed list: Select, Radios, Checkboxes, RichRadios, RichCheckboxes.
type Choix struct {
	Nom        string
	ID         string
	Legende    string
	Aide       string
	Erreur     string
	Options    []Option
	Valeur     string   // chosen value, besides Option.Choisi
	Valeurs    []string // chosen values of a group of boxes
	Facultatif bool
	EnLigne    bool   // side by side, for two or three short choices
	Invite     string // Select: the first, empty choice; « Choisissez… » when empty
}

// Case is one box to tick, alone.
type Case struct {
	Nom        string
	ID         string
	Valeur     string // "on" when empty
	Libelle    string
	Aide       string
	Erreur     string
	Cochee     bool
	Facultatif bool
}

// Taille of a button.
type Taille string

// Sizes; the zero value is the normal one.
const (
	Petit Taille = "fr-btn--sm"
	Grand Taille = "fr-btn--lg"
)

// Rang of a button among the actions of a page.
type Rang string

// Ranks; the zero value is the page's main action, one per page.
const (
	Secondaire    Rang = "fr-btn--secondary"
	Tertiaire     Rang = "fr-btn--tertiary"
	SansBord      Rang = "fr-btn--tertiary-no-outline"
	Deconseillee  Rang = "fr-btn--secondary ac-btn--grave" // ends or deletes something
	rangPrincipal Rang = ""
)

// Bouton sends a form (Button) or leads to a page (ButtonLink, with URL).
type Bouton struct {
	Libelle     string
	URL         string
	Nom, Valeur string
	Rang        Rang
	Taille      Taille
	Icone       string // fr-icon-…, decorative
	Precision   string // read after Libelle by a screen reader: « Révoquer » + « le mandat de … »
	Formulaire  string // id of the form when the button stands outside of it
	FormAction  string // another address for the same form
	Type        string // submit when empty
	Autofocus   bool   // the one thing to do next, for who has no mouse
}

// Ton of a message.
type Ton string

// Tones. The zero value of an Alerte or a Pastille is Info.
const (
	Info   Ton = "info"
	Succes Ton = "success"
	Alarme Ton = "warning"
	Erreur Ton = "error"
	Neutre Ton = "" // Pastille only
	Neuf   Ton = "new"
)

// Alerte is a message in the page. Without Titre it is the small form.
type Alerte struct {
	Ton    Ton
	Titre  string
	Niveau int // level of the title, 2 to 6; 3 when 0. Negative: not a heading
	Texte  string
	Role   string // "alert" or "status" for what answers an act; empty otherwise
}

// Bandeau is a full-width notice under the header.
type Bandeau struct {
	Ton   Ton
	Titre string
	Texte string
	Lien  Lien // after the text; none without a URL
}

// Pastille is a short state: « Actif », « Expiré ».
type Pastille struct {
	Ton      Ton
	Libelle  string
	SansIcon bool
	Petite   bool
}

// Colonne is a column of a table.
type Colonne struct {
	Libelle string
	Cachee  bool // the header is read, not seen (actions)
	Droite  bool // figures
}

// Tableau is a table whose rows become cards on a phone.
type Tableau struct {
	Legende       string // caption, always
	LegendeCachee bool
	Colonnes      []Colonne
	Lignes        []Ligne
	Vide          string // said when there is no row
	Borne         int    // how many rows there are at most, when they are not paged
}

// Ligne is a row; the first cell is its header.
type Ligne []templ.Component

// Etape says where one is in a series of pages.
type Etape struct {
	Numero   int // from 1
	Total    int
	Titre    string
	Suivante string
	Niveau   int // level of the heading; 2 when 0; 1 makes it the h1 of the page
}

// Carte is a linked block: Card and Tile.
type Carte struct {
	Titre  string
	Niveau int // 3 when 0
	URL    string
	Texte  string
	Detail string
	Icone  string // fr-icon-…, decorative
}

// Encart is a highlighted block (mise en avant).
type Encart struct {
	Titre  string
	Niveau int // 3 when 0
	Icone  string
	Texte  string
}

// Pages leads to the rows before and after, by key (house 5: keyset).
// An empty address is an end of the list.
type Pages struct {
	Libelle    string // of the navigation: « Pages de la liste des usagers »
	Precedente string
	Suivante   string
	Resume     string // « 1 à 20 sur 2 000 »
}

// Recherche is a search form, sent by GET so that the result has an address.
type Recherche struct {
	Action  string
	Nom     string // "q" when empty
	Libelle string
	Valeur  string
	Aide    string
	Caches  []Cache // other parameters kept
}

// Cache is a hidden field.
type Cache struct{ Nom, Valeur string }

// Formulaire is a form sent by POST. The server says what is wrong, in French,
// beside each field, so the browser's own bubbles are off.
type Formulaire struct {
	Action string // the page's own address when empty
	ID     string
	Caches []Cache

	Fichiers bool // sends files: multipart/form-data
}

// Fichier is a field that takes files.
type Fichier struct {
	Nom, Libelle, Aide, Erreur string
	Accepte                    string // accept: "image/*"
	Plusieurs                  bool
	Appareil                   bool // opens the phone's camera
}

// Faute is one line of ErrorSummary.
type Faute struct {
	ID    string // of the field
	Texte string
}

// Entete is the header of every page.
type Entete struct {
	Service       string // « Aidants Connect »
	Icone         string // address of an image beside the name
	Devise        string // under the name
	Marque        string // address of the mark of the State; empty: none
	Partenaire    string // address of the mark of who sent the person; empty: none
	PartenaireNom string // its name, read aloud
	NonOfficiel   bool   // « site non officiel »: no mark of the State is shown
	Accueil       string // address of the home; "/" when empty
	Personne      string // who is signed in; empty when nobody is
	Structure     string // current organisation (A-W34)
	Compte        string // address of the person's own pages; empty: the name is not a link
	Structures    string // address where to change organisation; empty for a single one
	Deconnexion   string // POST address; empty: no button
	Acces         []Lien // quick links when nobody is signed in
	Menu          []Lien
}

// Pied is the footer of every page.
type Pied struct {
	Service     string
	NonOfficiel bool
	Texte       string
	Liens       []Lien
	Contact     string // mail address
}

// Text is a cell or a body made of escaped text.
func Text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// Join draws components one after another, for a cell that holds several.
func Join(cs ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for i, c := range cs {
			if i > 0 {
				if _, err := io.WriteString(w, " "); err != nil {
					return err
				}
			}
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func orElse(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

func (c Champ) id() string { return orElse(c.ID, c.Nom) }
func (c Choix) id() string { return orElse(c.ID, c.Nom) }
func (c Case) id() string  { return orElse(c.ID, c.Nom) }

// optionID gives the first control the identifier of the group itself.
func optionID(id string, i int) string {
	if i == 0 {
		return id
	}
	return id + "-" + strconv.Itoa(i+1)
}

// describedBy lists the elements that explain a field, in reading order.
func describedBy(id, aide, erreur string) string {
	var ids []string
	if aide != "" {
		ids = append(ids, id+"-aide")
	}
	if erreur != "" {
		ids = append(ids, id+"-erreur")
	}
	return strings.Join(ids, " ")
}

func (c Choix) chosen(o Option) bool {
	if o.Choisi || c.Valeur != "" && c.Valeur == o.Valeur {
		return true
	}
	for _, v := range c.Valeurs {
		if v == o.Valeur {
			return true
		}
	}
	return false
}
