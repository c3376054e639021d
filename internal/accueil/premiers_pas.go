package accueil

import (
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/web"
)

// celebration is how long the end of the first steps is greeted.
const celebration = 14 * 24 * time.Hour

// Pas is one step of the way from a first sign-in to a first démarche (R1).
type Pas struct {
	Cle     string
	Titre   string
	Texte   string
	Libelle string // of the button
	URL     string
	Fait    bool
}

// Avancement is what the rows tell of somebody's first steps.
type Avancement struct {
	Facteur, Signe, Entrainement bool
	Mandats                      int
	PremierUsage                 time.Time // zero: never used a mandat
	Masque                       bool
}

// Parcours is the path as the home shows it.
type Parcours struct {
	Pas     []Pas
	Faits   int
	Suivant *Pas // nil when all is done
	Masque  bool
	Fete    bool // all is done, lately
}

// Montre tells whether the home shows the steps.
func (p Parcours) Montre() bool { return p.Suivant != nil && !p.Masque }

// Reprend tells whether the home offers to show them again.
func (p Parcours) Reprend() bool { return p.Suivant != nil && p.Masque }

// path makes the steps from the facts. Without a sandbox there is no practice.
func path(a Avancement, bacASable string, now time.Time) Parcours {
	all := []Pas{
		{
			Cle: "facteur", Titre: "Avoir un moyen de connexion", Fait: a.Facteur, Libelle: "Ajouter un moyen de connexion", URL: facteur.CheminMoyens,
			Texte: "Une application sur votre téléphone, une clé d’accès ou une carte : avec elle, personne d’autre que vous n’entre.",
		},
		{
			Cle: "charte", Titre: "Lire et signer la charte", Fait: a.Signe, Libelle: "Lire et signer", URL: web.CheminCGU,
			Texte: "Les conditions d’utilisation et la charte de l’aidant : dix minutes de lecture.",
		},
		{
			Cle: "entrainement", Titre: "S’entraîner avec une personne fictive", Fait: a.Entrainement, Libelle: "Ouvrir le bac à sable", URL: bacASable,
			Texte: "Un site à part, sans risque : concluez un mandat d’essai, utilisez-le, trompez-vous. Rien n’y est réel.",
		},
		{
			Cle: "mandat", Titre: "Conclure un premier mandat", Fait: a.Mandats > 0, Libelle: "Créer un mandat", URL: "/espace-aidant/creation_mandat/",
			Texte: "Avec une vraie personne à côté de vous, et ses identifiants FranceConnect. Comptez un quart d’heure.",
		},
		{
			Cle: "usage", Titre: "Faire une première démarche", Fait: !a.PremierUsage.IsZero(), Libelle: "Voir comment faire", URL: "#utiliser",
			Texte: "Ouvrez le site public dont la personne a besoin, cliquez sur FranceConnect, puis choisissez « Aidants Connect ».",
		},
	}
	p := Parcours{Masque: a.Masque}
	for _, s := range all {
		if s.Cle == "entrainement" && (bacASable == "" || a.Mandats > 0 && !s.Fait) {
			continue // who concluded for good has no more need to practise
		}
		p.Pas = append(p.Pas, s)
	}
	for i, s := range p.Pas {
		if s.Fait {
			p.Faits++
		} else if p.Suivant == nil {
			p.Suivant = &p.Pas[i]
		}
	}
	p.Fete = p.Suivant == nil && !a.Masque && now.Sub(a.PremierUsage) < celebration
	return p
}

// tell records what the person says of their first steps, then comes home.
func (h *Handlers) tell(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		switch form.Get("pas") {
		case "entrainement":
			return compte.TellStep(ctx, tx, a.Aidant, compte.PasEntrainement, true)
		case "masquer":
			return compte.TellStep(ctx, tx, a.Aidant, compte.PasMasque, true)
		case "montrer":
			return compte.TellStep(ctx, tx, a.Aidant, compte.PasMasque, false)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/espace-aidant/")
}
