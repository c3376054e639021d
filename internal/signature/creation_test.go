package signature

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

func TestFromFormToAttestation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		alix := email("alix", 0)
		n := b.connecte(alix)
		before := len(b.actions(0))
		p := n.recap("ordinaire", "MONTH", "papiers", "logement")
		p.want(t, http.StatusOK, "VASSELIN", "Odile Simone", "04/11/1951", "Maison <Bleue>", "Papiers - Citoyenneté - Élections", "un mois (31 jours)")
		p = n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré", "SIMULATION", "PAPIERS - CITOYENNETÉ - ÉLECTIONS", "Imprimez-le en deux exemplaires")
		id := mandatOf(t, p)
		n.get("/espace-aidant/mandats/"+id.String()+"/visualisation").want(t, http.StatusOK, "VASSELIN")
		want := []string{"create_usager", "franceconnect_usager", "create_attestation", "create_autorisation", "create_autorisation", "notify_usager", "view_mandat", "view_mandat"}
		if diff := cmp.Diff(want, b.actions(before)); diff != "" {
			t.Error(diff)
		}
	})
}
