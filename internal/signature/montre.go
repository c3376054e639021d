package signature

import (
	"context"
	"encoding/hex"
	"net/url"
	"slices"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/traduction"
	"aidantsconnect/internal/web/dsfr"
)

// explication is a text that the person may have been shown before they sign,
// as the form offers it.
type explication struct {
	cle, libelle string
	montre       mandat.Montre
}

// explications lists what the aidant may declare: the sheet, the mandat read
// aloud or in large print, and the translations that people are shown today.
func (h *Handlers) explications(ctx context.Context, tx *db.Tx, d Dossier) ([]explication, error) {
	ts, err := traduction.Visibles(ctx, tx)
	if err != nil {
		return nil, err
	}
	texte, err := mandat.TexteDe(d.TexteEmpreinte)
	if err != nil {
		return nil, err
	}
	of := func(document, forme string) mandat.Montre {
		return mandat.Montre{Document: document, Forme: forme, Langue: "fr", Source: mandat.SourceAidant, Version: texte.Version, Empreinte: hex.EncodeToString(texte.Empreinte)}
	}
	fiche := of(mandat.MontreFiche, mandat.FormeEcran)
	fiche.Version, fiche.Empreinte = ficheUsager.Version, ficheUsager.Empreinte
	out := []explication{
		{"fiche", "La fiche « " + ficheUsager.Titre + " »", fiche},
		{"voix", "Le mandat, lu à voix haute", of(mandat.MontreTexte, mandat.FormeVoix)},
		{"grands", "Le mandat, en grands caractères", of(mandat.MontreTexte, mandat.FormeGrands)},
	}
	for _, t := range ts {
		x := mandat.Montre{Document: mandat.MontreTraduction, Forme: mandat.FormeEcran, Langue: t.Balise, Source: mandat.SourceAidant, Version: t.Texte, Empreinte: t.Empreinte}
		libelle := "La traduction du mandat : " + t.Nom
		if t.Code == traduction.Simple {
			x.Document, libelle = mandat.MontreSimple, "Le mandat, en "+t.Nom
		}
		out = append(out, explication{"texte-" + t.Code, libelle, x})
	}
	return out, nil
}

// readMontre reads what the aidant declares; a text that is no longer offered
// is a mistake of the form.
func readMontre(form url.Values, list []explication, f fault.Fields) []string {
	for _, cle := range form["montre"] {
		if !slices.ContainsFunc(list, func(x explication) bool { return x.cle == cle }) {
			f["montre"] = "Un de ces textes n’est plus proposé. Cochez de nouveau ce que la personne a vu."
		}
	}
	return form["montre"]
}

// shown is what the record says: what the very page showed, and what the
// aidant declares.
func shown(c consentement.Choix, list []explication, cles []string) (out []mandat.Montre) {
	for _, x := range list {
		if slices.Contains(cles, x.cle) {
			out = append(out, x.montre)
		}
		if x.cle == "grands" && (c.Moyen == consentement.Ecran || c.Moyen == consentement.Distance) {
			x.montre.Source = mandat.SourcePage // those pages give the whole text so
			out = append(out, x.montre)
		}
	}
	return out
}

// montres is the question of the form.
func (v recapView) montres() dsfr.Choix {
	c := dsfr.Choix{
		Nom: "montre", Legende: "Ce que la personne a vu ou écouté avant de signer", Aide: "Cochez ce que vous lui avez montré, lu ou remis. C’est inscrit dans le mandat signé.",
		Valeurs: v.Form.montre, Facultatif: true, Erreur: v.Champs["montre"],
	}
	for _, x := range v.Explications {
		c.Options = append(c.Options, dsfr.Option{Valeur: x.cle, Libelle: x.libelle})
	}
	return c
}
