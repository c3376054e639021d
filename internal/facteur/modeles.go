package facteur

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

var exempleAidant = aidant.Aidant{Prenom: "Camille", Nom: "EXEMPLE", Email: "camille.exemple@example.org"}

// Modeles are the texts of this package, written by the functions that write
// the real ones. It touches no database.
func (c *Coffre) Modeles(ctx context.Context, now db.Time) ([]outbox.Modele, error) {
	tx, id, f := &db.Tx{Now: now}, ident.New[ident.AidantID](), ident.New[ident.FacteurID]()
	byReferent := Par{Initiateur: journal.Referent}
	byGenre := map[string]*outbox.Modele{
		"E-07": {Genre: "E-07", Quand: "le premier moyen de connexion fonctionne", Vers: "la personne"},
		"E-42": {Genre: "E-42", Quand: "plusieurs codes faux de suite", Vers: "la personne"},
		"E-43": {Genre: "E-43", Quand: "un référent ou l’équipe invite à associer une application", Vers: "la personne"},
		"E-44": {Genre: "E-44", Quand: "un moyen de connexion est ajouté, retiré, ou sert en secours", Vers: "la personne"},
	}
	mirror := *c
	mirror.exemple = func(m outbox.Message) { x := byGenre[m.Genre]; x.Exemples = append(x.Exemples, m) }
	for _, write := range []func() error{
		func() error {
			return mirror.tellAdded(ctx, tx, byReferent, avisAjout{aidant: id, facteur: f, genre: Application, premier: true})
		},
		func() error {
			return mirror.tellRemoved(ctx, tx, byReferent, id, Facteur{ID: f, Genre: Carte, NumeroSerie: "GADT0001234"})
		},
		func() error {
			return mirror.tellRecovery(ctx, tx, id, "secours/"+f.String(), "Un code de secours vient de servir. "+phraseRestants(3))
		},
		func() error { return mirror.warnFailures(ctx, tx, id, echecsAvis) },
		func() error {
			return mirror.tellInvited(ctx, tx, invitation{id: f, aidant: id}, secret.Text("exemple"))
		},
	} {
		if err := write(); err != nil {
			return nil, err
		}
	}
	return []outbox.Modele{*byGenre["E-07"], *byGenre["E-42"], *byGenre["E-43"], *byGenre["E-44"]}, nil
}
