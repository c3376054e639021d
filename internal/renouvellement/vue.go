package renouvellement

import (
	"strconv"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Vue is what the pages say of the mandat that is renewed.
type Vue struct {
	Usager  ident.UsagerID
	Mandat  ident.MandatID
	Date    string // "du 12/03/2026 au 12/03/2027"
	Etat    string
	Restent int    // simple renewals that remain
	Refus   string // why it cannot be signed
	Relogin bool   // the person connected with FranceConnect for this one
}

// Describe says which mandat is renewed.
func Describe(m mandat.Mandat, now time.Time) Vue {
	return Vue{
		Usager: m.Usager, Mandat: m.ID, Date: "du " + mandat.Date(m.DateCreation) + " au " + mandat.Date(m.DateExpiration), Etat: m.EtatAffiche(now),
	}
}

// Avertissement says when the person will have to connect with FranceConnect.
func (v Vue) Avertissement() string {
	switch v.Restent {
	case 0:
		return "Ce mandat a déjà été renouvelé plusieurs fois de suite : cette fois, la personne se connecte avec FranceConnect à l’étape suivante."
	case 1:
		return "C’est le dernier renouvellement possible sans connexion : le suivant demandera à la personne de se connecter avec FranceConnect. Ajouter une démarche ou allonger la durée le demande aussi."
	}
	return "La personne n’a pas besoin de se reconnecter avec FranceConnect, sauf si vous ajoutez une démarche ou allongez la durée. Sans connexion, " + strconv.Itoa(v.Restent) + " renouvellements de suite sont encore possibles."
}

// Refus says why a renewal cannot be signed, a title and sentences; nothing for
// another reason than ours.
func Refus(raison string) (titre string, phrases []string) {
	switch raison {
	case RaisonNonRenouvelable:
		return "Ce mandat ne peut plus être renouvelé", []string{"Depuis l’ouverture de cette page, il a été renouvelé, révoqué, ou il est fini depuis trop longtemps. Rien n’a été signé.", "Vous pouvez préparer un nouveau mandat avec la personne."}
	case RaisonFranceconnect:
		return "La personne doit se connecter avec FranceConnect", []string{"Le nouveau mandat contient plus que l’ancien, ou trop de renouvellements se suivent sans connexion. Rien n’a été signé."}
	case RaisonAutrePersonne:
		return "Ce n’est pas la personne du mandat à renouveler", []string{"Une autre personne s’est connectée avec FranceConnect. Rien n’a été signé."}
	}
	return "", nil
}

// RefusTitre is the title of what prevents the signature.
func (v Vue) RefusTitre() string { t, _ := Refus(v.Refus); return t }

// RefusTexte is its first sentence.
func (v Vue) RefusTexte() string {
	if _, ps := Refus(v.Refus); len(ps) > 0 {
		return ps[0]
	}
	return ""
}
