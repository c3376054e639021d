package compte

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Donnees is everything the service holds of a person as an account (RGPD,
// art. 15 and 20). Secrets and digests are not given: they say nothing.
type Donnees struct {
	Service      string          `json:"service"`
	Date         time.Time       `json:"date"`
	Identite     DonneesIdentite `json:"identite"`
	Compte       DonneesCompte   `json:"compte"`
	Structures   []DonneesPlace  `json:"structures"`
	Acceptations []DonneesAccord `json:"acceptations"`
	Moyens       []DonneesMoyen  `json:"moyens_de_connexion"`
}

// DonneesIdentite is who the person is.
type DonneesIdentite struct {
	Prenom     string `json:"prenom"`
	Nom        string `json:"nom"`
	Email      string `json:"email"`
	Telephone  string `json:"telephone,omitempty"`
	Profession string `json:"profession,omitempty"`
}

// DonneesCompte is what the account may do, and when it served.
type DonneesCompte struct {
	Identifiant       string    `json:"identifiant"`
	Habilite          bool      `json:"droit_de_mandat"`
	Creation          time.Time `json:"creation"`
	DerniereConnexion time.Time `json:"derniere_connexion,omitzero"`
	DernierEtat       time.Time `json:"derniere_fermeture_ou_reouverture,omitzero"`
	Avertissement     time.Time `json:"avertissement_inactivite,omitzero"`
	Rappel            time.Time `json:"rappel_activite,omitzero"`
	Relances          bool      `json:"accepte_les_rappels"`
	Nouveautes        bool      `json:"accepte_les_nouvelles"`
}

// DonneesPlace is a membership or a role.
type DonneesPlace struct {
	Structure string    `json:"structure"`
	Qualite   string    `json:"qualite"`
	Debut     time.Time `json:"debut"`
	Fin       time.Time `json:"fin,omitzero"`
}

// DonneesAccord is a text that was signed.
type DonneesAccord struct {
	Document  string    `json:"document"`
	Version   string    `json:"version"`
	Empreinte string    `json:"sha256_du_texte"`
	Date      time.Time `json:"date"`
}

// DonneesMoyen is a second factor, without its secret.
type DonneesMoyen struct {
	Nature   string    `json:"nature"`
	Creation time.Time `json:"creation"`
	Usage    time.Time `json:"dernier_usage,omitzero"`
}

func (h *Handlers) gather(ctx context.Context, tx *db.Tx, a actor.Actor) (d Donnees, err error) {
	x, err := aidant.Load(ctx, tx, a.Aidant)
	if err != nil {
		return d, err
	}
	d = Donnees{
		Service: h.Site.Nom, Date: tx.Now.Time(),
		Identite: DonneesIdentite{x.Prenom, x.Nom, x.Email, x.Telephone, x.Profession},
		Compte: DonneesCompte{
			Identifiant: x.ID.String(), Habilite: x.Habilite, Creation: x.DateCreation, DerniereConnexion: x.DateConnexion, DernierEtat: x.DateEtat,
			Avertissement: x.DateAvertissement, Rappel: x.DateRappel, Relances: x.Relances, Nouveautes: x.Nouveautes,
		},
	}
	places, err := aidant.Appartenances(ctx, tx, a.Aidant)
	if err != nil {
		return d, err
	}
	for _, p := range places {
		d.Structures = append(d.Structures, DonneesPlace{p.Structure, quality(p), p.Debut, p.Fin})
	}
	signed, err := aidant.Acceptations(ctx, tx, a.Aidant)
	if err != nil {
		return d, err
	}
	for _, c := range signed {
		d.Acceptations = append(d.Acceptations, DonneesAccord{c.Document.Titre(), c.Version, c.Empreinte, c.Date})
	}
	m, err := facteur.Load(ctx, tx, a.Aidant)
	if err != nil {
		return d, err
	}
	for _, f := range m.Facteurs {
		d.Moyens = append(d.Moyens, DonneesMoyen{f.Libelle(), f.DateCreation, f.DateUsage})
	}
	return d, nil
}

// dataView is the readable form.
type dataView struct {
	Site  web.Site
	Actor actor.Actor
	Donnees
}

// Conserve says until when the account is kept: it is open, who reads is in.
func (dataView) Conserve() string { return aidant.Aidant{Actif: true}.Conserve() }

func (h *Handlers) showData(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := dataView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Donnees, err = h.gather(ctx, tx, a)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, dataPage(v))
}

// downloadData gives the same as a file, and journals that it was taken.
func (h *Handlers) downloadData(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if err := h.allow(w, r, parExport.By(a.Aidant.String())); err != nil {
		return err
	}
	var d Donnees
	err := h.update(r, func(ctx context.Context, tx *db.Tx) (err error) {
		if d, err = h.gather(ctx, tx, a); err != nil {
			return err
		}
		return h.Actes.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Session: a.Session, Fait: fait.Export{Donnees: "compte", Etape: fait.EtapeTelecharge, Lignes: 1},
		})
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="mes-donnees-aidants-connect.json"`)
	return web.JSON(w, http.StatusOK, d)
}

func fact(name, value string) dsfr.Fait { return dsfr.Fait{Nom: name, Valeur: orNone(value)} }

func yesNo(b bool) string {
	if b {
		return "Oui"
	}
	return "Non"
}

func identityFacts(d Donnees) []dsfr.Fait {
	return []dsfr.Fait{
		fact("Prénom", d.Identite.Prenom), fact("Nom", d.Identite.Nom), fact("Adresse électronique", d.Identite.Email),
		fact("Téléphone", aidant.PhoneText(d.Identite.Telephone)), fact("Profession", d.Identite.Profession),
	}
}

func accountFacts(d Donnees) []dsfr.Fait {
	c := d.Compte
	out := []dsfr.Fait{fact("Identifiant interne", c.Identifiant), fact("Droit de conclure des mandats", yesNo(c.Habilite)), fact("Ouverture", web.DateHeure(c.Creation))}
	for _, f := range []struct {
		name string
		at   time.Time
	}{
		{"Dernière connexion", c.DerniereConnexion},
		{"Dernière fermeture ou réouverture", c.DernierEtat},
		{"Avertissement pour inactivité", c.Avertissement},
		{"Rappel d’activité", c.Rappel},
	} {
		if !f.at.IsZero() {
			out = append(out, fact(f.name, web.DateHeure(f.at)))
		}
	}
	return append(out, fact("Accepte les rappels d’activité", yesNo(c.Relances)), fact("Accepte les nouvelles du service", yesNo(c.Nouveautes)))
}

func dataPlaces(all []DonneesPlace) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, p := range all {
		end := "En cours"
		if !p.Fin.IsZero() {
			end = web.Date(p.Fin)
		}
		out = append(out, dsfr.Ligne{dsfr.Text(p.Structure), dsfr.Text(p.Qualite), dsfr.Text(web.Date(p.Debut)), dsfr.Text(end)})
	}
	return out
}

func dataAccords(all []DonneesAccord) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, c := range all {
		out = append(out, dsfr.Ligne{dsfr.Text(c.Document), dsfr.Text(c.Version), dsfr.Text(web.DateHeure(c.Date)), dsfr.Text(c.Empreinte[:min(16, len(c.Empreinte))] + "…")})
	}
	return out
}

func dataMoyens(all []DonneesMoyen) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, m := range all {
		used := "Jamais"
		if !m.Usage.IsZero() {
			used = web.DateHeure(m.Usage)
		}
		out = append(out, dsfr.Ligne{dsfr.Text(m.Nature), dsfr.Text(web.Date(m.Creation)), dsfr.Text(used)})
	}
	return out
}
