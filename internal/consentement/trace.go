package consentement

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
)

// A signature drawn by hand is kept as what the hand did: strokes of points in
// a frame of 1000 × 400, nothing of speed nor of pressure, so that it is a
// drawing and not a biometric template.
const (
	TraceLargeur = 1000
	TraceHauteur = 400
	traceTraits  = 60   // strokes at most
	tracePoints  = 3000 // points at most, over all strokes
	traceMax     = 64 << 10
	traceMin     = 8 // points at least: a dot is not a signature
)

// Trace is a drawn signature.
type Trace struct {
	Traits [][][2]int `json:"traits"`
}

// ParseTrace reads what the canvas posted: strict, bounded, and written again
// in one form only.
func ParseTrace(s string) (Trace, error) {
	refuse := func() (Trace, error) {
		return Trace{}, fault.Form(fault.Fields{"signature_nom": "La signature n’a pas été reçue. Effacez et signez de nouveau, ou écrivez votre nom."})
	}
	if len(s) > traceMax {
		return refuse()
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	var t Trace
	if err := d.Decode(&t); err != nil || d.More() || len(t.Traits) > traceTraits {
		return refuse()
	}
	n, moved := 0, false
	for _, trait := range t.Traits {
		n += len(trait)
		for _, p := range trait {
			if p[0] < 0 || p[0] > TraceLargeur || p[1] < 0 || p[1] > TraceHauteur {
				return refuse()
			}
			moved = moved || p != t.Traits[0][0]
		}
	}
	switch {
	case n > tracePoints:
		return refuse()
	case n < traceMin || !moved:
		return Trace{}, fault.Form(fault.Fields{"signature_nom": "Signez dans le cadre, ou écrivez votre nom."})
	}
	return t, nil
}

// Bytes is the one form in which a drawing is kept.
func (t Trace) Bytes() []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // integers only
	}
	return b
}

// Chemin draws it as an SVG path.
func (t Trace) Chemin() string {
	var b strings.Builder
	for _, trait := range t.Traits {
		for i, p := range trait {
			c := "L"
			if i == 0 {
				c = "M"
			}
			fmt.Fprintf(&b, "%s%d %d", c, p[0], p[1])
		}
	}
	return b.String()
}

// Drawing shows the content of a drawn signature as an SVG image.
func Drawing(contenu []byte) []byte {
	var t Trace
	if err := json.Unmarshal(contenu, &t); err != nil {
		t = Trace{}
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Signature"><path d="%s" fill="none" stroke="#161616" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
		TraceLargeur, TraceHauteur, t.Chemin())
}

// ParseNom reads the name written instead of a drawing: by keyboard, without
// script, or by who cannot draw.
func ParseNom(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
		if unicode.IsControl(r) {
			letters = -1000
		}
	}
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 200 || letters < 2 {
		return "", fault.Form(fault.Fields{"signature_nom": "La personne écrit ici son prénom et son nom."})
	}
	return s, nil
}
