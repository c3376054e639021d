package signature

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web/dsfr"
)

// moyensOuverts are the ways a new mandat can be agreed to.
func moyensOuverts() []consentement.Moyen {
	return []consentement.Moyen{consentement.Ecran, consentement.Papier}
}

// moyens is the question of the form: how the person agrees.
func (v creationView) moyens() dsfr.Choix {
	if v.Moyen == "" {
		v.Moyen = string(consentement.Ecran)
	}
	return dsfr.Choix{
		Nom: "moyen", Legende: "Accord de la personne", Aide: "Comment la personne dit qu’elle est d’accord. Sans preuve de son accord, le mandat ne peut pas servir.",
		Valeur: v.Moyen, Erreur: v.Champs["moyen"],
		Options: []dsfr.Option{
			{Valeur: string(consentement.Ecran), Libelle: "Elle signe à l’écran", Aide: "Elle est avec vous. Elle signe avec le doigt ou la souris, ou écrit son nom. Le mandat peut servir aussitôt."},
			{Valeur: string(consentement.Papier), Libelle: "Elle signe sur papier", Aide: "Elle est avec vous. Vous imprimez deux exemplaires, vous les signez tous les deux, puis vous joignez une photo ou vous certifiez les avoir. Le mandat peut servir ensuite."},
		},
	}
}

// accordSaisi is what the person gave on the screen.
type accordSaisi struct {
	lu, accord, nomCase bool
	trace               string // the drawing as posted, shown again
	nom                 string
	octets              []byte // the proof, once right
	genre               consentement.Genre
}

// readAccord reads the person's part of the récapitulatif: two
// acknowledgements, and a signature drawn or written. Nothing when they agree
// in another way.
func readAccord(form url.Values, c consentement.Choix, f fault.Fields) accordSaisi {
	var s accordSaisi
	if c.Moyen != consentement.Ecran {
		return s
	}
	s = accordSaisi{
		lu: form.Get("lu") != "", accord: form.Get("accord") != "", nomCase: form.Get("signature_case") != "",
		trace: form.Get("trace"), nom: form.Get("signature_nom"),
	}
	if !s.lu {
		f["lu"] = "La personne lit le mandat, ou vous le lui lisez, puis elle coche la case."
	}
	if !s.accord {
		f["accord"] = "La personne coche cette case si elle est d’accord. Sinon, ne signez pas le mandat."
	}
	preuve := map[string]any{"lu": s.lu, "accord": s.accord, "fiche": ficheUsager.Empreinte}
	var err error
	switch {
	case s.trace != "":
		var t consentement.Trace
		t, err = consentement.ParseTrace(s.trace)
		s.genre, preuve["traits"] = consentement.SignatureDessinee, t.Traits
		s.trace = string(t.Bytes())
	case s.nom == "":
		f["signature_nom"] = "La personne signe dans le cadre, ou écrit ici son prénom et son nom."
	default:
		s.nom, err = consentement.ParseNom(s.nom)
		s.genre, preuve["nom"] = consentement.SignatureSaisie, s.nom
		if !s.nomCase {
			f["signature_case"] = "La personne coche cette case pour que son nom écrit vaille signature."
		}
	}
	maps.Copy(f, fault.FieldsOf(err))
	if s.octets, err = json.Marshal(preuve); err != nil {
		f["signature_nom"] = "La signature n’a pas été reçue. Signez de nouveau."
	}
	return s
}

// preuves seals what proves the agreement when the mandat is made; on paper
// there is nothing yet.
func (h *Handlers) preuves(p mandat.Projet, s accordSaisi) ([]consentement.Piece, error) {
	if p.Choix.Moyen != consentement.Ecran || s.genre == "" {
		return nil, nil
	}
	x, err := consentement.Seal(h.Champs, p.Objet(), consentement.Contenu{Genre: s.genre, Type: "application/json", Octets: s.octets})
	if err != nil {
		return nil, err
	}
	return []consentement.Piece{x}, nil
}

func (v recapView) modules() []string {
	if v.Choix.Moyen == consentement.Ecran {
		return []string{"signature.js"}
	}
	return nil
}

// traceEcrite is the end of what the aidant certifies.
func (v recapView) traceEcrite() string {
	if v.Choix.Moyen == consentement.Ecran {
		return "et qu’elle vient de signer elle-même ci-dessus."
	}
	return "et que je garderai une trace écrite de son accord : le mandat papier signé."
}

// nested puts a document inside a page: its titles go down two levels.
func nested(doc []byte) string {
	r := strings.NewReplacer("<h3", "<h5", "</h3", "</h5", "<h2", "<h4", "</h2", "</h4", "<h1", "<h3", "</h1", "</h3")
	return r.Replace(string(doc))
}
