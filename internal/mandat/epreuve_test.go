package mandat

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
)

// sealer of the tests, with a key of its own.
func testSealer(t *testing.T, p Projet) sealer {
	t.Helper()
	k, err := cle.Generate(cle.Attestation)
	if err != nil {
		t.Fatal(err)
	}
	x, err := TexteDe(p.Texte)
	if err != nil {
		t.Fatal(err)
	}
	return sealer{texte: x, service: "Aidants Connect", contact: "aide@exemple.test", origine: "https://aidants.example", sceau: sceau.Sceau{Cle: k}, preuve: Preuve{Genre: "certification", Authentification: "ab"}}
}

// The PDF printed before the transaction serves when the document is the same
// to the last byte, and not otherwise: what is signed is what was read inside.
func TestPrintedBeforehand(t *testing.T) {
	p := projet("papiers", "argent")
	s := testSealer(t, p)
	at := paris(t, "2026-11-21 10:00")
	prepare := func(now time.Time) *Epreuve {
		m, err := Conclude(p, now)
		if err != nil {
			t.Fatal(err)
		}
		m.CodePublic = NewCode()
		doc, err := s.document(m)
		if err != nil {
			t.Fatal(err)
		}
		printed, err := s.print(m, doc)
		if err != nil {
			t.Fatal(err)
		}
		return &Epreuve{m.CodePublic, doc, printed}
	}
	for _, c := range []struct {
		name   string
		now    time.Time
		change func(*Projet)
		same   bool
	}{
		{"the same minute", at.Add(59 * time.Second), func(*Projet) {}, true},
		{"the next minute", at.Add(60 * time.Second), func(*Projet) {}, false},
		{"another name", at, func(p *Projet) { p.Identite.FamilyName = "AUTRE" }, false},
		{"another structure", at, func(p *Projet) { p.Structure.Adresse = "ailleurs" }, false},
	} {
		s := s
		s.epreuve = prepare(at)
		q := p
		c.change(&q)
		m, err := Conclude(q, c.now)
		if err != nil {
			t.Fatal(err)
		}
		piece, err := s.seal(&m)
		if err != nil {
			t.Fatal(err)
		}
		printed, _, err := pdf.Detach(piece.PDF)
		if err != nil || bytes.Equal(printed, s.epreuve.pdf) != c.same || m.CodePublic != s.epreuve.code {
			t.Errorf("%s: %v, code %v", c.name, err, m.CodePublic == s.epreuve.code)
		}
		e, err := Verify(piece, m.Signature, s.sceau.Cle.Public.(ed25519.PublicKey))
		if h := sha256.Sum256(printed); err != nil || e.PDFEmpreinte != hex.EncodeToString(h[:]) {
			t.Errorf("%s: the record is not of this PDF: %v", c.name, err)
		}
	}
}

// A record of the first version, without PDF, stays verifiable; a version must
// have its fields and no others.
func TestRecordVersions(t *testing.T) {
	m, piece, k := sealed(t, projet("papiers"))
	public := k.Public.(ed25519.PublicKey)
	e, err := Verify(piece, m.Signature, public)
	if err != nil {
		t.Fatal(err)
	}
	h := e.PDFEmpreinte
	shown := Montre{Document: MontreTraduction, Empreinte: h, Forme: FormeEcran, Langue: "en", Source: SourceAidant, Version: "2026-11-22"}
	for _, c := range []struct {
		version int
		pdf     string
		sceau   string
		montre  []Montre
		want    bool
	}{
		{1, "", "", nil, true},
		{2, h, "", nil, true},
		{3, h, "", nil, true},
		{3, h, h, []Montre{shown}, true},
		{1, h, "", nil, false},
		{2, "", "", nil, false},
		{2, h, h, nil, false},
		{2, h, "", []Montre{shown}, false},
		{3, "", "", nil, false},
		{3, h, "abc", nil, false},
		{3, h, "", []Montre{{Document: "rumeur"}}, false},
		{4, h, "", nil, false},
		{0, "", "", nil, false},
	} {
		e.Version, e.PDFEmpreinte, e.SceauCertificat, e.Montre = c.version, c.pdf, c.sceau, c.montre
		b, err := e.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		sig, err := k.Signer.Sign(nil, b, noHash{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyRecord(b, sig, public); (err == nil) != c.want || err != nil && !errors.Is(err, ErrFaux) {
			t.Errorf("version %d, PDF %q, seal %q, shown %v: %v", c.version, c.pdf, c.sceau, c.montre, err)
		}
	}
}

// The canonical form is one: whatever the values, reading it and writing it
// again gives the same bytes, which are valid JSON with sorted keys.
func TestCanonicalIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		e := Enregistrement{
			CodePublic: text.Draw(t, "code"), Duree: Mois, Jours: rapid.IntRange(0, 365).Draw(t, "jours"), Kid: text.Draw(t, "kid"),
			Mandataire: Structure{Nom: text.Draw(t, "nom"), Ville: text.Draw(t, "ville")}, Simulation: rapid.Bool().Draw(t, "simulation"), Type: "mandat", Version: 2,
		}
		e.Mandant.FamilyName, e.Mandant.GivenName = text.Draw(t, "family"), text.Draw(t, "given")
		b, err := e.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		var back Enregistrement
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again, err := back.Canonical()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s\n%s\n%v", b, again, err)
		}
		var tree map[string]any
		if err := json.Unmarshal(b, &tree); err != nil || bytes.Contains(b, []byte("\n")) {
			t.Fatal(err)
		}
	})
}
