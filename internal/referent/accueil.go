package referent

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// homeView is the home of a référent.
type homeView struct {
	Site      web.Site
	Actor     actor.Actor
	Structure organisation.Organisation
	Figures   figures
	Compte    mandat.Compte
	Aidants   int // active and habilités
	Bloques   []Membre
	AFaire    []dsfr.Lien // without an address, it is only said
	Nouvelles notification.Attente
}

func (h *Handlers) showHome(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := homeView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Structure, err = organisation.Load(ctx, tx, a.Organisation); err != nil {
			return err
		}
		if v.Nouvelles, err = notification.Pending(ctx, tx, a.Aidant); err != nil {
			return err
		}
		ms, err := membres(ctx, tx, a)
		if err != nil {
			return err
		}
		if v.Compte, err = mandat.CountFor(ctx, tx, a.Organisation); err != nil {
			return err
		}
		v.Aidants, v.Bloques = sortOut(ms)
		v.AFaire = todo(a, ms, v.Compte)
		done, err := demande.Answered(ctx, tx, a.Organisation, tx.Now.AddDate(0, 0, -14))
		if err != nil {
			return err
		}
		if done > 0 {
			v.AFaire = append(v.AFaire, dsfr.Lien{Libelle: plural(done, "demande a reçu une réponse ces 14 derniers jours", "demandes ont reçu une réponse ces 14 derniers jours"), URL: CheminAidants + "?onglet=demandes"})
		}
		v.Figures, err = readFigures(ctx, tx, a.Organisation, ParsePeriode(r.URL.Query().Get("periode")))
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, homePage(v))
}

// sortOut counts the aidants and keeps those who are stuck before their first
// mandat.
func sortOut(ms []Membre) (aidants int, stuck []Membre) {
	for _, m := range ms {
		if !m.Actif {
			continue
		}
		if m.Habilite {
			aidants++
		}
		if m.Etape() != Faite && !m.Equipe {
			stuck = append(stuck, m)
		}
	}
	return aidants, stuck
}

// todo lists what waits for the référent (R15.1). The people stuck in their
// first steps have their own table.
func todo(a actor.Actor, ms []Membre, c mandat.Compte) (out []dsfr.Lien) {
	var cards, bare int
	for _, m := range ms {
		switch {
		case !m.Actif || m.Equipe:
		case m.CarteAValider():
			cards++
		case !m.Utilisable():
			bare++
		}
	}
	add := func(n int, one, many, url string) {
		if n > 0 {
			out = append(out, dsfr.Lien{Libelle: plural(n, one, many), URL: url})
		}
	}
	add(cards, "carte à valider", "cartes à valider", CheminAidants)
	add(bare, "personne sans moyen de connexion", "personnes sans moyen de connexion", CheminAidants)
	people := "" // only aidants see the people helped
	if a.IsAidant() {
		people = mandat.CheminUsagers
	}
	soon, unsigned := people, people
	if people != "" {
		soon, unsigned = people+"?bientot=1", people+"?papier=non_signe"
	}
	counted := func(n int, one, many, url string) {
		if add(n, one, many, url); n >= mandat.ComptesMax {
			out[len(out)-1].Libelle = "Au moins " + out[len(out)-1].Libelle
		}
	}
	counted(c.Bientot, "mandat se termine dans moins de 30 jours", "mandats se terminent dans moins de 30 jours", soon)
	counted(c.NonSignes, "mandat attend les signatures sur papier", "mandats attendent les signatures sur papier", unsigned)
	return out
}

func (v homeView) periods() []dsfr.Lien {
	var out []dsfr.Lien
	for _, p := range Periodes {
		out = append(out, dsfr.Lien{Libelle: p.Libelle, URL: Chemin + "?periode=" + p.Cle + "#chiffres", Actif: p == v.Figures.Periode})
	}
	return out
}

func (v homeView) stuck() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Premiers pas à accompagner", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Personne"}, {Libelle: "Où elle en est"}, {Libelle: "Ce que vous pouvez faire"}},
	}
	for _, m := range v.Bloques {
		conseil := m.Etape().Conseil()
		if m.Moi && m.Etape() == PremierPas {
			conseil = "Préparez un premier mandat avec un collègue."
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{personLink(m), dsfr.Text(m.Etape().Libelle()), dsfr.Text(conseil)})
	}
	return t
}
