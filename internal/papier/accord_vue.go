package papier

import (
	"context"
	"fmt"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

func (v accordView) trail() []web.Lien {
	return []web.Lien{
		{Libelle: "Accueil", URL: "/espace-aidant/"},
		{Libelle: "Mes mandats", URL: mandat.CheminUsagers},
		{Libelle: "Fiche de la personne", URL: mandat.CheminFiche(v.Mandat.Usager)},
		{Libelle: "Preuve de l’accord"},
	}
}

func (v accordView) notice() dsfr.Alerte {
	a := v.Avis
	a.Role = "status"
	return a
}

func (v accordView) facts() []dsfr.Fait {
	m := v.Mandat
	return []dsfr.Fait{
		{Nom: "Personne", Valeur: m.Identite.NomAffiche()},
		{Nom: "Mandat", Valeur: "signé le " + mandat.DateHeure(m.DateCreation) + ", code " + mandat.FormatCode(m.CodePublic)},
		{Nom: "Accord", Valeur: m.Accord.Moyen.Libelle() + ", " + m.Accord.Presence.Libelle()},
		{Nom: "État", Valeur: m.UsageAffiche(v.Now)},
		{Nom: "Conservation", Valeur: garde.Preuve.Phrase(m.End())},
	}
}

func (v accordView) live() bool {
	for _, p := range v.Pieces {
		if p.Live() {
			return true
		}
	}
	return false
}

// pieceTitle names a proof in a list.
func pieceTitle(p consentement.Piece) string {
	s := map[consentement.Genre]string{
		consentement.SignatureDessinee: "Signature dessinée à l’écran", consentement.SignatureSaisie: "Nom écrit à l’écran, valant signature",
		consentement.Copie: fmt.Sprintf("Copie signée, page %d", p.Rang), consentement.Certification: "Certification d’un aidant : deux signatures",
		consentement.DialogueSMS: "Accord par SMS", consentement.AccordFranceconnect: "Accord avec FranceConnect", consentement.CodeRendu: "Code de la lettre, rendu par la personne",
	}[p.Genre] + ", " + mandat.DateHeure(p.Date)
	if !p.Live() {
		s += " (annulée le " + mandat.Date(p.Annule) + ")"
	}
	if !p.Efface.IsZero() {
		s += " (contenu effacé le " + mandat.Date(p.Efface) + ")"
	}
	return s
}

func (v accordView) choices() dsfr.Choix {
	c := dsfr.Choix{Nom: "piece", Legende: "Preuve à annuler"}
	for _, p := range v.Pieces {
		if p.Live() {
			c.Options = append(c.Options, dsfr.Option{Valeur: p.ID.String(), Libelle: pieceTitle(p)})
		}
	}
	return c
}

func (v accordView) reasons() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Qu’est-ce qui n’allait pas ?", Erreur: v.Champs["motif"]}
	for _, m := range consentement.MotifsAnnulation() {
		c.Options = append(c.Options, dsfr.Option{Valeur: m[0], Libelle: m[1]})
	}
	return c
}

func (v suiviView) lines() []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, x := range v.Accords {
		m := mandat.Mandat{ID: x.Mandat, Accord: x}
		out = append(out, dsfr.Ligne{
			dsfr.Text(v.Noms[x.Mandat]), dsfr.Text(mandat.DateHeure(x.Creation)), dsfr.Text(m.UsageAffiche(v.Now)), joinLink(m, v.Noms[x.Mandat]),
		})
	}
	return out
}

// names gives the names of the people whose signed copy is missing.
func names(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (map[ident.MandatID]string, error) {
	type nom struct {
		id ident.MandatID
		i  usager.Identite
	}
	all, err := missingNames(ctx, tx, org, func(s db.Scanner) (n nom, err error) {
		return n, s.Scan(&n.id, &n.i.GivenName, &n.i.FamilyName, &n.i.PreferredUsername)
	})
	out := make(map[ident.MandatID]string, len(all))
	for _, n := range all {
		out[n.id] = n.i.NomAffiche()
	}
	return out, err
}
