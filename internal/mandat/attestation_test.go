package mandat

import (
	"crypto"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/sceau"
)

// A text that has served is never edited (M-W4): its hash is here for ever.
// Changing one byte means a new file, not a new hash.
func TestTextsAreFrozen(t *testing.T) {
	frozen := map[string]string{
		"2026-11-21": "38277725e1061cfcf3ee7af3dcadc55ccfa90ef1921b0de3746c7bf0e8eb5e00",
		"2026-11-22": "d86b49c5a7294403d07a5f670ad64015d8564499052153156533b7c454139bb7",
	}
	if len(lesTextes) != len(frozen) {
		t.Errorf("%d texts, %d frozen", len(lesTextes), len(frozen))
	}
	for h, x := range lesTextes {
		if frozen[x.Version] != h {
			t.Errorf("text %s has hash %s", x.Version, h)
		}
	}
	if TexteCourant().Version != texteCourant {
		t.Error("the current text is another one")
	}
}

// required are the clauses of mandats.md 11.1, L-14 and L-53, as our text
// words them. Each version must have every one.
var required = map[string]string{
	"mandant":                     `La personne accompagnée \(le mandant\)`,
	"birth data":                  `Date de naissance.*Lieu de naissance`,
	"mandataire, legal identity":  `le mandataire\).*SIRET.*Adresse`,
	"for my account":              `pour mon compte`,
	"listed themes only":          `uniquement dans les domaines suivants`,
	"mailbox, named act":          `créer une adresse électronique à mon nom`,
	"account, named act":          `créer un compte à mon nom`,
	"payment if indispensable":    `paiement, seulement s'il est indispensable.*accord exprès`,
	"no act of disposition":       `exclu de ce mandat`,
	"personal signature":          `signature personnelle, par exemple pour un dossier de surendettement`,
	"start and end with hour":     `commence le \d\d/\d\d/\d{4} à \d\dh\d\d et prend fin le \d\d/\d\d/\d{4} à \d\dh\d\d`,
	"Code civil 1984":             `articles 1984 et suivants du Code civil`,
	"free of charge":              `gratuit`,
	"means":                       `FranceConnect, les autres sites, le téléphone, le courrier papier et le courrier électronique`,
	"revocation at any time":      `révoquer tout ou partie de ce mandat à tout moment, sans donner de raison`,
	"revocation, structure":       `de vive voix, par lettre ou par courrier électronique`,
	"revocation, service":         `en écrivant au service Aidants Connect, à l'adresse aide@exemple.test`,
	"protection declaration":      `ni sauvegarde de justice, ni curatelle, ni tutelle`,
	"adult":                       `être majeur`,
	"object, necessity, utility":  `l'objet de son intervention, la raison pour laquelle il a besoin de mes données, leur utilité`,
	"consent to the use of data":  `Je consens à ce que les aidants habilités`,
	"withdrawal":                  `retirer ce consentement à tout moment`,
	"rights":                      `informé.*d'y accéder.*rectifier.*limiter.*effacement`,
	"usager's liability":          `Je réponds de l'exactitude`,
	"civil and criminal":          `responsabilité civile et pénale`,
	"duty: listed démarches":      `N'accomplir que les démarches listées`,
	"duty: necessary data":        `N'utiliser que les données nécessaires`,
	"duty: ask before any other":  `Me demander mon accord avant toute autre démarche`,
	"duty: update and delete":     `Mettre mes données à jour, et les supprimer`,
	"duty: no publication":        `Ne publier aucune de mes données`,
	"duty: security":              `sécurité et la confidentialité`,
	"duty: no identifiers kept":   `Ne conserver aucun de mes identifiants ni de mes mots de passe`,
	"duty: mailbox handed over":   `m'en remettre aussitôt l'accès et le mot de passe`,
	"duty: no redirection":        `Ne pas faire suivre mon courrier`,
	"duty: render account (1993)": `rendre compte`,
	"end: done":                   `toutes les démarches sont accomplies`,
	"end: by the usager":          `lorsque je le révoque`,
	"end: by an aidant":           `un aidant de la structure y met fin`,
	"end: another mandataire":     `autre mandataire, ce que je signale rapidement`,
	"end: death, protection":      `décès, ou si une mesure de protection`,
	"place and date":              `Fait à Amiens, le \d\d/\d\d/\d{4}, en deux exemplaires`,
	"two frames":                  `Le mandataire Maison <Bleue> Nom et signature de l'aidant : Le mandant Odile Simone VASSELIN Signature`,
	"theme in capitals":           `LOGEMENT : Allocations logement`,
	"public code":                 `Code de vérification de ce mandat : [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`,
}

var spaces = regexp.MustCompile(`\s+`)

func textOf(t *testing.T, doc []byte) string {
	t.Helper()
	n, err := html.Parse(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	plain := strings.NewReplacer("\u00a0", " ", "’", "'").Replace(b.String())
	return spaces.ReplaceAllString(plain, " ")
}

func sealed(t *testing.T, p Projet) (Mandat, Piece, cle.Cle) {
	t.Helper()
	k, err := cle.Generate(cle.Attestation)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Conclude(p, paris(t, "2026-11-21 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := TexteDe(p.Texte)
	if err != nil {
		t.Fatal(err)
	}
	piece, err := sealer{texte: x, service: "Aidants Connect", contact: "aide@exemple.test", origine: "https://aidants.example", sceau: sceau.Sceau{Cle: k}, preuve: Preuve{Genre: "certification", Authentification: "ab"}}.seal(&m)
	if err != nil {
		t.Fatal(err)
	}
	return m, piece, k
}

func TestEveryTextHasEveryClause(t *testing.T) {
	for _, x := range lesTextes {
		p := projet("logement", "papiers")
		p.Texte = x.Empreinte
		_, piece, _ := sealed(t, p)
		text := textOf(t, piece.Contenu)
		for clause, re := range required {
			if !regexp.MustCompile(`(?s)` + re).MatchString(text) {
				t.Errorf("text %s lacks the clause %q", x.Version, clause)
			}
		}
		if strings.Contains(text, "SIMULATION") || strings.Contains(text, "projet de mandat") {
			t.Errorf("text %s: a real mandat says it is not one", x.Version)
		}
		if strings.Contains(string(piece.Contenu), "style=") || strings.Contains(string(piece.Contenu), "<script") || strings.Contains(string(piece.Contenu), `="http`) {
			t.Errorf("text %s fetches or styles something", x.Version)
		}
	}
}

func TestSimulationIsInTheSignedContent(t *testing.T) {
	p := projet("logement")
	p.Simulation = true
	m, piece, k := sealed(t, p)
	if !strings.Contains(textOf(t, piece.Contenu), "SIMULATION") {
		t.Error("the document does not say SIMULATION")
	}
	e, err := Verify(piece, m.Signature, k.Public.(ed25519.PublicKey))
	if err != nil || !e.Simulation {
		t.Errorf("record: %v %v", e.Simulation, err)
	}
}

func TestBrouillonHasNoValue(t *testing.T) {
	g := &Greffe{Service: "Aidants Connect"}
	p := projet("logement")
	named, err := g.Brouillon(p, paris(t, "2026-11-21 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, named)
	if !strings.Contains(text, "Ceci est un projet de mandat, sans valeur juridique.") || !strings.Contains(text, "VASSELIN") || strings.Contains(text, "Code de vérification") {
		t.Error(text)
	}
	p.Usager = [1]Projet{}[0].Usager
	blank, err := g.Brouillon(p, paris(t, "2026-11-21 10:00"))
	if err != nil || strings.Contains(textOf(t, blank), "VASSELIN") {
		t.Errorf("a draft before FranceConnect names somebody: %v", err)
	}
}

func TestVerifyOffline(t *testing.T) {
	m, piece, k := sealed(t, projet("papiers", "argent"))
	pub := k.Public.(ed25519.PublicKey)
	e, err := Verify(piece, m.Signature, pub)
	if err != nil {
		t.Fatal(err)
	}
	want := Enregistrement{
		Aidant: m.Aidant, CodePublic: m.CodePublic, Debut: "2026-11-21T09:00:00.000Z", DebutParis: "21/11/2026 à 10h00",
		Demarches: []demarche.Demarche{"argent", "papiers"}, DocumentEmpreinte: hex.EncodeToString(m.DocumentEmpreinte), Duree: "MONTH",
		Fin: "2026-12-22T09:00:00.000Z", FinParis: "22/12/2026 à 10h00", Issuer: m.Issuer, Jours: 31, Kid: k.Kid, Mandant: m.Identite,
		Mandat: m.ID, Mandataire: m.Structure, Nonce: e.Nonce, Organisation: m.Organisation, Preuve: Preuve{Authentification: "ab", Genre: "certification"},
		PDFEmpreinte:   e.PDFEmpreinte,
		TexteEmpreinte: hex.EncodeToString(TexteCourant().Empreinte), TexteVersion: texteCourant, Type: "mandat", Usager: m.Usager, Version: 3,
	}
	canonical, err := want.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(canonical), string(piece.Enregistrement)); diff != "" {
		t.Error(diff)
	}
	if len(e.Nonce) != 32 {
		t.Errorf("nonce %q", e.Nonce)
	}
	if !strings.HasPrefix(string(piece.Enregistrement), `{"a_distance":false,"aidant":`) {
		t.Errorf("not canonical: %.60s", piece.Enregistrement)
	}
	if !strings.Contains(string(piece.Enregistrement), `"nom":"Maison <Bleue>"`) {
		t.Error("HTML escapes in the record")
	}
}

// Every byte of the record, the signature and the document counts.
func TestVerifyRefusesAnyChange(t *testing.T) {
	m, piece, k := sealed(t, projet("papiers"))
	pub := k.Public.(ed25519.PublicKey)
	for i := 0; i < len(piece.Enregistrement); i += 7 {
		bad := Piece{Contenu: piece.Contenu, Enregistrement: []byte(string(piece.Enregistrement))}
		bad.Enregistrement[i] ^= 1
		if _, err := Verify(bad, m.Signature, pub); !errors.Is(err, ErrFaux) {
			t.Fatalf("byte %d of the record: %v", i, err)
		}
	}
	for i := 0; i < len(piece.Contenu); i += 101 {
		bad := Piece{Contenu: []byte(string(piece.Contenu)), Enregistrement: piece.Enregistrement}
		bad.Contenu[i] ^= 1
		if _, err := Verify(bad, m.Signature, pub); !errors.Is(err, ErrFaux) {
			t.Fatalf("byte %d of the document: %v", i, err)
		}
	}
	other, err := cle.Generate(cle.Attestation)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(piece, m.Signature, other.Public.(ed25519.PublicKey)); !errors.Is(err, ErrFaux) {
		t.Error("another key:", err)
	}
	// Signed by the right key but not in the canonical form.
	loose := Piece{Contenu: piece.Contenu, Enregistrement: append([]byte(" "), piece.Enregistrement...)}
	sig, err := k.Signer.Sign(nil, loose.Enregistrement, noHash{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(loose, sig, pub); !errors.Is(err, ErrFaux) {
		t.Error("another form:", err)
	}
}

func TestCodePublic(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		c := NewCode()
		if got, ok := ParseCode(FormatCode(c)); !ok || got != c || seen[c] {
			t.Fatalf("%s: %s %v", c, got, ok)
		}
		seen[c] = true
	}
	for in, want := range map[string]string{
		"7k2m-09qx-3f4t": "7K2M09QX3F4T", " 7K2M 09QX 3F4T ": "7K2M09QX3F4T", "oil0-oil0-oil0": "011001100110",
		"7K2M-09QX-3F4": "", "7K2M-09QX-3F4U": "", "7K2M-09QX-3F4T0": "", "": "", "7K2M09QX3F4é": "",
	} {
		if got, _ := ParseCode(in); got != want {
			t.Errorf("ParseCode(%q) = %q, want %q", in, got, want)
		}
	}
}

// noHash asks Ed25519 to sign the message itself.
type noHash struct{}

func (noHash) HashFunc() crypto.Hash { return 0 }
