package recit_test

import (
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/recit"
)

func TestPhrase(t *testing.T) {
	for _, c := range []struct {
		action string
		f      fait.Fait
		want   string
	}{
		{"use_autorisation", fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Absent}, "Démarche faite au nom de la personne : « Papiers », en son absence"},
		{"create_attestation", fait.CreateAttestation{Demarches: []demarche.Demarche{demarche.Argent, demarche.Papiers}, Jours: 1}, "Mandat signé : Argent, Papiers, pour un jour"},
		{"cancel_mandat", fait.CancelMandat{Motif: "revoque_usager", Canal: "lettre"}, "Mandat arrêté : la personne l’a voulu, par lettre"},
		{"notify_usager", fait.NotifyUsager{Voie: fait.NotificationSMS, Genre: "E-54"}, "Message envoyé à la personne : fin prochaine d’un mandat, par SMS"},
		{"use_autorisation", nil, "Démarche faite au nom de la personne"}, // erased
		{"hold_usager", fait.HoldUsager{Motif: "enquete"}, "Les données de la personne ne seront pas effacées pour l’instant : enquête"},
		{"later", nil, "later"},
	} {
		if got := recit.Phrase(c.action, c.f); !strings.HasPrefix(got, strings.Split(c.want, "«")[0]) || (c.f == nil && got != c.want) {
			t.Errorf("%s: %q, want %q", c.action, got, c.want)
		}
	}
}

// An action belongs to one group, whatever it is; a group asked in an address
// is one of the list.
func TestGroupes(t *testing.T) {
	for _, a := range fait.Actions() {
		if g := recit.GroupeOf(a); g == recit.Tout || recit.ParseGroupe(string(g)) != g {
			t.Errorf("%s is in %q", a, g)
		}
	}
	for action, want := range map[string]recit.Groupe{
		"create_attestation": recit.Mandats, "use_autorisation": recit.Utilisations, "end_mandat": recit.Fins, "notify_usager": recit.Messages,
		"view_mandat": recit.Consultations, "update_email_usager": recit.Identite, "later": recit.Mandats,
	} {
		if got := recit.GroupeOf(action); got != want {
			t.Errorf("%s is in %q, want %q", action, got, want)
		}
	}
	if recit.ParseGroupe("<script>") != recit.Tout {
		t.Error("an unknown group")
	}
	if !slices.ContainsFunc(recit.Groupes(), func(g struct {
		Groupe  recit.Groupe
		Libelle string
	},
	) bool {
		return g.Groupe == recit.Fins && g.Libelle == "Fins"
	}) {
		t.Error("no group of the ends")
	}
}
