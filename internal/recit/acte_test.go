package recit_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/recit"
)

// TestEveryActHasItsSentence: no action of the journal is without a sentence
// that somebody who knows nothing of the program understands: French, of its
// own, without a keyword.
func TestEveryActHasItsSentence(t *testing.T) {
	seen := map[string]string{}
	for _, a := range fait.Actions() {
		s := recit.Acte(a, nil)
		switch {
		case !strings.HasSuffix(s, "."), strings.ContainsAny(s, "_{}%'"), !unicode.IsUpper([]rune(s)[0]):
			t.Errorf("%s: %q", a, s)
		case !recit.Worded(a):
			t.Errorf("%s has no sentence of its own", a)
		case seen[s] != "":
			t.Errorf("%s and %s read the same: %s", a, seen[s], s)
		}
		seen[s] = a
	}
}

// TestEveryFieldIsSaid: each field of each fact is said, or is on the list of
// those that mean nothing to a reader: none is forgotten.
func TestEveryFieldIsSaid(t *testing.T) {
	for _, a := range fait.Actions() {
		for field := range reflect.TypeOf(fait.Vide(a)).Fields() {
			if name := field.Tag.Get("json"); !recit.Says(field.Type, name) {
				t.Errorf("%s: nobody says %s", a, name)
			}
		}
	}
}

func TestActe(t *testing.T) {
	for want, f := range map[string]fait.Fait{
		"Une démarche a été faite au nom de la personne : « Logement », en présence de la personne.":            fait.UseAutorisation{Demarche: demarche.Logement, Presence: fait.Present},
		"Un mandat a été signé : Papiers, Logement, pour 365 jours, signé à l’écran.":                           fait.CreateAttestation{Demarches: []demarche.Demarche{demarche.Papiers, demarche.Logement}, Jours: 365, Preuve: "signature", DocumentEmpreinte: fait.Empreinte(nil)},
		"Une démarche du mandat a été arrêtée : « Logement », pour un jour, un mandat plus récent le remplace.": fait.CancelAutorisation{Demarche: demarche.Logement, Jours: 1, Motif: "remplace"},
		"Le mandat a pris fin : décès.":                                                                              fait.EndMandat{Motif: "deces"},
		"Un compte a été désactivé : pas de connexion depuis six mois.":                                              fait.DeactivateAidant{Cause: "inactivite"},
		"Connexion au service.":                                                                                      fait.ConnectAidant{},
		"Une connexion a été refusée : code faux, 3 essais.":                                                         fait.LoginFailed{Motif: "code_faux", Echecs: 3},
		"La carte à codes d’une personne lui a été retirée : carte GADT1, carte perdue.":                             fait.CardDissociation{Genre: "carte", NumeroSerie: "GADT1", Motif: "perte"},
		"Les démarches que la structure peut proposer ont changé : avant, Papiers, désormais, Papiers, Argent.":      fait.UpdatePerimetreOrganisation{Avant: []demarche.Demarche{demarche.Papiers}, Apres: []demarche.Demarche{demarche.Papiers, demarche.Argent}},
		"L’identité de la personne a été mise à jour par FranceConnect : nom d’usage.":                               fait.UpdateIdentiteUsager{Champs: []string{"preferred_username", "inconnu"}},
		"Un message a été préparé pour la personne : par courriel, mandat signé.":                                    fait.NotifyUsager{Voie: fait.NotificationMail, Genre: "E-50"},
		"Le délai pour joindre la copie signée d’un mandat a changé : 3 jours.":                                      fait.SetGracePapier{Jours: 3},
		"Un compte a été ouvert : peut faire des mandats.":                                                           fait.CreateAidant{Habilite: true},
		"Des données ont été emportées dans un fichier : le journal de la structure, fichier téléchargé, 12 lignes.": fait.Export{Donnees: "journal_structure", Etape: fait.EtapeTelecharge, Lignes: 12},
	} {
		if got := recit.Acte(f.Action(), f); got != want {
			t.Errorf("%T: %q, want %q", f, got, want)
		}
	}
}
