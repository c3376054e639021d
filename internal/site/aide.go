package site

import (
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// vueCodes is the help page of FranceConnect's codes. A code is nobody's: it
// may stand in the address.
type vueCodes struct {
	vue
	Saisie   string
	Trouve   bool
	Code     franceconnect.CodeFC
	Lu       string // the code as we understood it
	Familles []familleCodes
}

// familleCodes are the codes that one side can mend.
type familleCodes struct {
	franceconnect.Cote
	Codes []franceconnect.CodeFC
}

const maxSaisie = 64

// codes explains what FranceConnect shows on its own pages (franceconnect.md
// §16.2), on the phone of somebody who stands in front of the person.
func (h *Handlers) codes(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	v := vueCodes{vue: h.view(a), Saisie: r.URL.Query().Get("code")}
	if len(v.Saisie) > maxSaisie {
		v.Saisie = ""
	}
	v.Code, v.Trouve = franceconnect.LookupCode(v.Saisie)
	v.Lu = franceconnect.NormalizeCode(v.Saisie)
	for _, c := range franceconnect.Cotes() {
		f := familleCodes{Cote: c}
		for _, code := range franceconnect.CodesFranceConnect() {
			if code.Cote == c {
				f.Codes = append(f.Codes, code)
			}
		}
		v.Familles = append(v.Familles, f)
	}
	return web.Render(w, r, http.StatusOK, codesPage(v))
}

func (v vueCodes) titre() string {
	if v.Trouve {
		return v.Lu + " – J'ai un code FranceConnect"
	}
	return "J'ai un code FranceConnect"
}

// faits is the answer: what the code means, who can act, what to do.
func (v vueCodes) faits() []dsfr.Fait {
	return []dsfr.Fait{
		{Nom: "Ce qu'il veut dire", Valeur: v.Code.Sens},
		{Nom: "Qui peut agir", Valeur: v.Code.Cote.QuiAgit()},
		{Nom: "Quoi faire", Valeur: avisDe(v.Code)},
	}
}

// avisDe is the advice; some codes ask nothing of anybody.
func avisDe(c franceconnect.CodeFC) string {
	if c.Avis == "" {
		return "Rien. Recommencez quand la personne le souhaite."
	}
	return c.Avis
}

// nouveauMandat tells that a new mandat mends it.
func (v vueCodes) nouveauMandat() bool {
	aidant := v.Actor != nil && v.Actor.IsAidant()
	return aidant && (v.Code.Cote == franceconnect.CoteIdentite || v.Code.Cote == franceconnect.CoteMandat || v.Code.Motif == "Y600006")
}

// faitsDe lists the codes of a family, each leading to its own answer.
func faitsDe(f familleCodes) []dsfr.Fait {
	out := make([]dsfr.Fait, 0, len(f.Codes))
	for _, c := range f.Codes {
		out = append(out, dsfr.Fait{Nom: motif(c), Corps: codeLine(c)})
	}
	return out
}

// motif shows a family of codes as people read it: « Y04… ».
func motif(c franceconnect.CodeFC) string {
	for i, r := range c.Motif {
		if r == 'x' {
			return c.Motif[:i] + "…"
		}
	}
	return c.Motif
}

func codeURL(c franceconnect.CodeFC) string {
	return web.CheminAideCode + "?code=" + url.QueryEscape(c.Exemple())
}
