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

// moyensOuverts are the ways a new mandat can be agreed to. Who is not in the
// room proves who they are with FranceConnect on their own device; who is
// already known may answer by SMS or give back the code of a letter.
func (h *Handlers) moyensOuverts(renews bool) []consentement.Moyen {
	out := []consentement.Moyen{consentement.Ecran, consentement.Papier}
	if h.Distance == nil {
		return out
	}
	return append(out, h.Distance.Moyens(renews)...)
}

// moyens is the question of the form: how the person agrees.
func (v creationView) moyens() dsfr.Choix {
	if v.Moyen == "" {
		v.Moyen = string(consentement.Ecran)
	}
	c := dsfr.Choix{
		Nom: "moyen", Legende: "Accord de la personne", Aide: "Comment la personne dit qu’elle est d’accord. Sans preuve de son accord, le mandat ne peut pas servir.",
		Valeur: v.Moyen, Erreur: v.Champs["moyen"],
	}
	for _, m := range v.Moyens {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(m), Libelle: moyenTitres[m][0], Aide: moyenTitres[m][1]})
	}
	return c
}

var moyenTitres = map[consentement.Moyen][2]string{
	consentement.Ecran:    {"Elle signe à l’écran", "Elle est avec vous. Elle signe avec le doigt ou la souris, ou écrit son nom. Le mandat peut servir aussitôt."},
	consentement.Papier:   {"Elle signe sur papier", "Vous imprimez deux exemplaires, vous les signez tous les deux, puis vous joignez une photo ou vous certifiez les avoir. Le mandat peut servir ensuite."},
	consentement.Distance: {"Elle accepte à distance, avec FranceConnect", "Elle n’est pas avec vous. Elle reçoit un lien par courriel ou par SMS, lit le mandat sur son propre appareil, s’y connecte avec FranceConnect, puis accepte ou refuse."},
	consentement.SMS:      {"Elle répond par SMS", "Elle n’est pas avec vous. Elle reçoit ce qui est proposé par SMS et répond OUI ou NON."},
	consentement.Courrier: {"Elle rend le code d’une lettre", "Elle n’a ni téléphone portable ni écran. Vous lui remettez ou lui postez une lettre ; elle vous rend le code par téléphone ou sur place."},
}

// presences is where the person is. Without script too, it is asked of all:
// who signs on the screen is there.
func (v creationView) presences() dsfr.Choix {
	return dsfr.Choix{
		Nom: "presence", Legende: "Où est la personne maintenant ?", Valeur: v.Presence, Erreur: v.Champs["presence"],
		Options: []dsfr.Option{
			{Valeur: string(consentement.Present), Libelle: "Avec vous"},
			{Valeur: string(consentement.Telephone), Libelle: "Au téléphone"},
			{Valeur: string(consentement.Absent), Libelle: "Absente"},
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
	switch {
	case v.Choix.Moyen == consentement.Ecran:
		return "et qu’elle vient de signer elle-même ci-dessus."
	case distant(v.Choix):
		return "et que personne n’a répondu à sa place."
	}
	return "et que je garderai une trace écrite de son accord : le mandat papier signé."
}

// estBien is what the aidant certifies of the identity.
func (v recapView) estBien() string {
	if distant(v.Choix) {
		return "Je connais " + v.Identite.NomComplet() + ", ou je lui ai parlé : c’est bien la personne qui demande mon aide."
	}
	return "La personne présente est bien " + v.Identite.NomComplet() + "."
}

// Nested puts a document inside a page: its titles go down two levels.
func Nested(doc []byte) string {
	r := strings.NewReplacer("<h3", "<h5", "</h3", "</h5", "<h2", "<h4", "</h2", "</h4", "<h1", "<h3", "</h1", "</h3")
	return r.Replace(string(doc))
}
