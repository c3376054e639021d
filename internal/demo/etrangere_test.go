package demo_test

import (
	"io"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// The variables of a real service are set where somebody tries the demo: its
// accounts, whose codes are on a page, are not opened in that service's base.
func TestDemoLeavesARealBaseAlone(t *testing.T) {
	base := testkit.NewDatabase(t, db.SQLite)
	for _, v := range append(server.NewCles().Variables(), "AC_BASE="+base) {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	// What an operator did there before.
	i, err := demo.Start(t.Context(), demo.Options{Sans: true}, testkit.Log(t), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg := i.Config
	if err := i.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{`DELETE FROM facteur`, `DELETE FROM appartenance`, `DELETE FROM referent`, `DELETE FROM aidant`, `DELETE FROM organisation_demarche`, `DELETE FROM organisation`} {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	var id strings.Builder
	if err := server.CreateOrganisation(t.Context(), cfg, organisation.Nouvelle{
		Nom: "Maison de Villefranche", Siret: "35600000000048", Adresse: "1 place de la Mairie", CodePostal: "69400", Ville: "Villefranche",
	}, &id); err != nil {
		t.Fatal(err)
	}

	i, err = demo.Start(t.Context(), demo.Options{Sans: true}, testkit.Log(t), io.Discard)
	if err == nil {
		_ = i.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "contient déjà des structures") {
		t.Errorf("the demo opened its accounts in a base that was not its own: %v", err)
	}
}
