package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/secret"
)

const clients = `[{"client_id":"fc","client_secrets":["registration-secret-0123456789abcdef"],"redirect_uris":["https://fc.exemple.fr/api/v2/oidc-callback"]}]`

// environment is a right one; changes replace or, when empty, remove.
func environment(changes map[string]string) []string {
	env := map[string]string{
		"AC_ORIGINE": "https://aidants.exemple.fr", "AC_BASE": "postgres://ac:base-secret@db.exemple.fr/ac?sslmode=require",
		"AC_COURRIEL": "smtp://ac:mail-secret@mail.exemple.fr:587", "AC_COURRIEL_EXPEDITEUR": "Aidants Connect <connexion@exemple.fr>",
		"AC_FC_EMETTEUR": "https://fc.exemple.fr/api/v2", "AC_FC_CLIENT_ID": "ac", "AC_FC_CLIENT_SECRET": "client-secret-0123456789abcdef-xyz",
		"AC_FI_ENREGISTREMENTS": clients, "PATH": "/bin",
	}
	for i, k := range new(Cles).each() {
		env[k.variable] = testKey(byte(i))
	}
	for name, value := range changes {
		env[name] = value
	}
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// testKey is a key that passes for a random one and differs for each seed.
func testKey(seed byte) string {
	b := make([]byte, secret.KeySize)
	for i := range b {
		b[i] = byte(i)*7 + seed
	}
	k, err := secret.NewKey(b)
	if err != nil {
		panic(err)
	}
	return k.Reveal()
}

func faults(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := err.(*ConfigError)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	return e.Fautes
}

func TestRightConfig(t *testing.T) {
	c, err := LoadConfig(environment(map[string]string{
		"AC_SIMULATION": "oui", "AC_REPRISE": "20m", "AC_COURRIEL_DOMAINES_SECOURS": "laposte.net,exemple.fr", "AC_PROXIES": "2",
		"AC_TEST_POSTGRES": "is for the tests",
	}), map[string]string{"AC_REPRISE": "5m", "AC_LIEN_DUREE": "300s"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Reprise != 20*time.Minute || c.LienDuree != 5*time.Minute || c.SessionDuree != 24*time.Hour || c.FCDelai != 10*time.Minute || c.FIAgeOTP != 15*time.Minute {
		t.Errorf("durations: %v %v %v %v %v", c.Reprise, c.LienDuree, c.SessionDuree, c.FCDelai, c.FIAgeOTP)
	}
	if !c.Simulation || c.MarqueEtat || c.Proxies != 2 || c.Ecoute != "127.0.0.1:3000" || c.FCAlg != "ES256" || c.OrigineJournal() != "aidants.exemple.fr" {
		t.Errorf("%v %v %d %s %s %s", c.Simulation, c.MarqueEtat, c.Proxies, c.Ecoute, c.FCAlg, c.OrigineJournal())
	}
	if d := cmp.Diff([]string{"laposte.net", "exemple.fr"}, c.CourrielDomainesSecours); d != "" {
		t.Error(d)
	}
	if c.Cles.Champs.Reveal() != testKey(3) {
		t.Error("the fields key is another one")
	}
	rs, err := c.Enregistrements()
	if err != nil || len(rs) != 1 || rs[0].ClientID != "fc" {
		t.Errorf("%v, %v", rs, err)
	}
}

// Each mistake is told under the name of its variable.
func TestMistakes(t *testing.T) {
	for _, c := range []struct{ variable, value, want string }{
		{"AC_ORIGINE", "", "absente"},
		{"AC_ORIGINE", "http://aidants.exemple.fr", "https est obligatoire"},
		{"AC_ORIGINE", "http://localhost.exemple.fr", "https est obligatoire"},
		{"AC_ORIGINE", "https://aidants.exemple.fr/", "sans barre finale"},
		{"AC_ORIGINE", "https://Aidants.exemple.fr", "minuscules"},
		{"AC_ORIGINE", "https://u:p@aidants.exemple.fr", "hôte seuls"},
		{"AC_ORIGINE", "aidants.exemple.fr", "https://"},
		{"AC_ECOUTE", "3000", "hôte:port"},
		{"AC_ECOUTE", "localhost:99999", "hôte:port"},
		{"AC_METRIQUES", "127.0.0.1:3000", "pas à l'adresse du service"},
		{"AC_BASE", "mysql://x", "sqlite:CHEMIN"},
		{"AC_BASE", "sqlite:", "sqlite:CHEMIN"},
		{"AC_PROXIES", "beaucoup", "nombre entier"},
		{"AC_PROXIES", "-1", "de 0 à 10"},
		{"AC_CONTACT", "Aide <aide@exemple.fr>", "adresse électronique seule"},
		{"AC_JOURNAL_ORIGINE", "a+b", "signe plus"},
		{"AC_JOURNAL_RYTHME", "25h", "de 0s à 24h"},
		{"AC_HORODATAGE_URL", "ftp://temps.example", "http ou https"},
		{"AC_HORODATAGE_URL", "https://temps.example", "AC_HORODATAGE_AUTORITE, qui va avec elle"},
		{"AC_HORODATAGE_AUTORITE", "/nulle/part.pem", "fichier lisible"},
		{"AC_SCEAU_CLE", "x", "AC_SCEAU_CERTIFICAT, qui va avec elle, est absente"},
		{"AC_SCEAU_CERTIFICAT", "/nulle/part.pem", "AC_SCEAU_CLE, qui va avec lui, est absente"},
		{"AC_CLE_SUB", "", "clé absente"},
		{"AC_CLE_SUB", "c291cy0zMg==", "clé trop faible"},
		{"AC_CLE_SUB", strings.Repeat("A", 43), "clé trop faible"},
		{"AC_CLE_TEMOINS", testKey(0), "même clé que AC_CLE_SUB"},
		{"AC_COURRIEL", "", "absent"},
		{"AC_COURRIEL", "http://x", "smtp://"},
		{"AC_COURRIEL_SECOURS", "smtp://u@x", "smtp://"},
		{"AC_COURRIEL_EXPEDITEUR", "", "absent"},
		{"AC_COURRIEL_EXPEDITEUR", "personne", "illisible"},
		{"AC_COURRIEL_DOMAINES_SECOURS", "a@laposte.net", "nom de domaine"},
		{"AC_SMS", "http://sms.exemple.fr/x", "https://hôte"},
		{"AC_SMS_AUTORISATION", "Bearer x", "inutile sans AC_SMS"},
		{"AC_SMS_EXPEDITEUR", "Aidants Connect", "3 à 11"},
		{"AC_SMS_PLAFOND", "0", "1 au moins"},
		{"AC_FC_EMETTEUR", "", "absent"},
		{"AC_FC_EMETTEUR", "http://fc.exemple.fr", "https est obligatoire"},
		{"AC_FC_EMETTEUR", "https://fc.exemple.fr/api/v2/", "ni barre finale"},
		{"AC_FC_CLIENT_ID", "", "absent"},
		{"AC_FC_CLIENT_SECRET", "", "absent"},
		{"AC_FC_CLIENT_SECRET", "short", "trop court"},
		{"AC_FC_ALG", "HS256", "ES256 ou RS256"},
		{"AC_FC_DELAI", "31m", "de 1m à 30m"},
		{"AC_FI_AGE_OTP", "0s", "de 1m à 30m"},
		{"AC_FI_ENREGISTREMENTS", "{", "JSON"},
		{"AC_FI_ENREGISTREMENTS", strings.Replace(clients, "https:", "http:", 1), "redirect_uri inutilisable"},
		{"AC_REPRISE", "31m", "de 1m à 30m"},
		{"AC_REPRISE", "15", "durée illisible"},
		{"AC_SESSION_DUREE", "25h", "de 5m à 24h"},
		{"AC_LIEN_DUREE", "601s", "de 1m à 10m"},
		{"AC_SIMULATION", "peut-être", "true ou false"},
		{"AC_SIMULATION_FILE", "/x", "variable inconnue"},
		{"AC_ORIGNE", "x", "variable inconnue (AC_ORIGINE ?)"},
		{"AC_MOT_DE_PASSE", "x", "variable inconnue"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			_, err := LoadConfig(environment(map[string]string{c.variable: c.value}), nil)
			got := faults(t, err)
			if len(got) != 1 || !strings.HasPrefix(got[0], c.variable+" : ") || !strings.Contains(got[0], c.want) {
				t.Errorf("want « %s : …%s… », got %q", c.variable, c.want, got)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	_, err := LoadConfig([]string{"AC_ECOUTE=x", "AC_REPRISE=x", "AC_CLE_SUB=x", "AC_TRUC=x", "AC_PROXIES=x", "AC_CLE_CHAMPS_FILE=/nowhere"}, nil)
	got := faults(t, err)
	want := []string{
		"AC_CLE_CHAMPS_FILE", "AC_CLE_EMPREINTES", "AC_CLE_PSEUDONYMES", "AC_CLE_SUB", "AC_CLE_TEMOINS", "AC_COURRIEL", "AC_COURRIEL_EXPEDITEUR",
		"AC_ECOUTE", "AC_FC_CLIENT_ID", "AC_FC_CLIENT_SECRET", "AC_FC_EMETTEUR", "AC_ORIGINE", "AC_PROXIES", "AC_REPRISE", "AC_TRUC",
	}
	var names []string
	for _, f := range got {
		name, _, _ := strings.Cut(f, " ")
		names = append(names, name)
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("%s\n%s", d, strings.Join(got, "\n"))
	}
}

// Plain http is for this machine only.
func TestLocalOrigins(t *testing.T) {
	for _, origin := range []string{"http://localhost:3000", "http://app.localhost:3000", "https://localhost"} {
		if _, err := LoadConfig(environment(map[string]string{"AC_ORIGINE": origin}), nil); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

// SIM-04: a simulation is never configured together with a real FranceConnect.
func TestSimulationIsRefusedWithTheRealOne(t *testing.T) {
	for variable, value := range map[string]string{
		"AC_FC_EMETTEUR":        "https://oidc.franceconnect.gouv.fr/api/v2",
		"AC_FI_ENREGISTREMENTS": strings.Replace(clients, "fc.exemple.fr", "fcp-low.integ01.dev-franceconnect.fr", 1),
	} {
		env := environment(map[string]string{"AC_SIMULATION": "true", variable: value})
		_, err := LoadConfig(env, nil)
		if got := faults(t, err); len(got) != 1 || !strings.Contains(got[0], variable) {
			t.Errorf("%s: %q", variable, got)
		}
		if _, err := LoadConfig(environment(map[string]string{variable: value}), nil); err != nil {
			t.Errorf("%s without simulation: %v", variable, err)
		}
	}
	if _, err := LoadConfig(environment(map[string]string{"AC_SIMULATION": "1", "AC_FC_EMETTEUR": "https://gouv.fr.exemple.org"}), nil); err != nil {
		t.Errorf("a host that only looks like it: %v", err)
	}
	// The reverse: a stand-in on this machine makes nothing that is not marked (SIM-03).
	local := map[string]string{"AC_FC_EMETTEUR": "http://fc.localhost:3000/api/v2"}
	if _, err := LoadConfig(environment(local), nil); err == nil || !strings.Contains(err.Error(), "AC_SIMULATION") {
		t.Errorf("mandats without « SIMULATION » from a local FranceConnect: %v", err)
	}
	local["AC_SIMULATION"] = "1"
	if _, err := LoadConfig(environment(local), nil); err != nil {
		t.Error(err)
	}
	for _, n := range []string{"-1", "100001", "x"} {
		if _, err := LoadConfig(environment(map[string]string{"AC_INTROUVABLES": n}), nil); err == nil || !strings.Contains(err.Error(), "AC_INTROUVABLES") {
			t.Errorf("AC_INTROUVABLES=%s: %v", n, err)
		}
	}
	for _, v := range []string{"AC_MARQUE_ETAT", "AC_MARQUES"} {
		if _, err := LoadConfig(environment(map[string]string{"AC_SIMULATION": "1", v: "1"}), nil); err == nil || !strings.Contains(err.Error(), v) {
			t.Errorf("%s on a simulation: %v", v, err)
		}
	}
}

func TestSecretsInFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, err := LoadConfig(environment(map[string]string{
		"AC_CLE_SUB": "", "AC_CLE_SUB_FILE": write("sub", testKey(9)+"\n"),
		"AC_FI_ENREGISTREMENTS": "", "AC_FI_ENREGISTREMENTS_FILE": write("fi", clients),
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Cles.Sub.Reveal() != testKey(9) || c.FIEnregistrements.Reveal() != clients {
		t.Error("the files were not read")
	}
	for why, change := range map[string]map[string]string{
		"tous les deux":   {"AC_CLE_SUB_FILE": write("sub", testKey(9))},
		"est vide":        {"AC_CLE_SUB": "", "AC_CLE_SUB_FILE": write("vide", "\n")},
		"n'existe pas":    {"AC_CLE_SUB": "", "AC_CLE_SUB_FILE": filepath.Join(dir, "absent")},
		"fichier lisible": {"AC_CLE_SUB": "", "AC_CLE_SUB_FILE": dir},
	} {
		_, err := LoadConfig(environment(change), nil)
		if got := faults(t, err); len(got) != 1 || !strings.Contains(got[0], why) {
			t.Errorf("%s: %q", why, got)
		}
	}
}

// Nothing that is printed, logged or refused shows a secret.
func TestSecretsAreNotShown(t *testing.T) {
	env := environment(map[string]string{"AC_COURRIEL_SECOURS": "smtps://u:backup-secret@mail2.exemple.fr"})
	c, err := LoadConfig(env, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", c)
	_, err = LoadConfig(append(env, "AC_FC_ALG=x", "AC_ECOUTE=x"), nil)
	fmt.Fprintln(&out, err)
	_, err = LoadConfig(environment(map[string]string{
		"AC_CLE_SUB": "key-secret", "AC_BASE": "pgsql://u:base-secret@x", "AC_COURRIEL": "smtp://u:mail-secret@x:y", "AC_FI_ENREGISTREMENTS": strings.Replace(clients, "[{", "[{{", 1),
	}), nil)
	fmt.Fprintln(&out, err)
	text := out.String()
	for _, s := range []string{"base-secret", "mail-secret", "backup-secret", "key-secret", "client-secret", "registration-secret", testKey(0), testKey(1), testKey(2), testKey(3), testKey(4)} {
		if strings.Contains(text, s) {
			t.Errorf("%s is shown in:\n%s", s, text)
		}
	}
	for _, line := range []string{
		"\nAC_ORIGINE=https://aidants.exemple.fr\n", "\nAC_BASE=postgres://db.exemple.fr/ac [défini]\n", "\nAC_CLE_SUB=[défini]\n",
		"\nAC_COURRIEL=smtp://mail.exemple.fr:587 [défini]\n", "\nAC_LIEN_DUREE=5m0s\n", "\nAC_SIMULATION=false\n", "\nAC_FI_ENREGISTREMENTS=[défini]\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no line %q in:\n%s", line, text)
		}
	}
}

// Options of the command line win over the environment; a secret is refused
// there, where other users of the machine would read it.
func TestCommandLine(t *testing.T) {
	parse := func(args ...string) (Config, error) {
		var cli struct{ Config }
		l := NewLecture(environment(nil), nil)
		k, err := kong.New(&cli, l.Options()...)
		if err != nil {
			t.Fatal(err)
		}
		ctx, err := k.Parse(args)
		if err != nil {
			t.Fatal(err)
		}
		l.Refuse(ctx)
		return cli.Config, l.Check(&cli.Config)
	}
	c, err := parse("--origine=https://autre.exemple.fr", "--fc-delai=5m", "--simulation")
	if err != nil || c.Origine != "https://autre.exemple.fr" || c.FCDelai != 5*time.Minute || !c.Simulation {
		t.Errorf("%v %s %v %v", err, c.Origine, c.FCDelai, c.Simulation)
	}
	_, err = parse("--cle-sub=" + testKey(9))
	if got := faults(t, err); len(got) != 1 || !strings.Contains(got[0], "ligne de commande") || strings.Contains(got[0], testKey(9)) {
		t.Errorf("%q", got)
	}
}

// Every field can be set, is explained, and its option is the variable's name.
func TestEveryFieldIsDocumented(t *testing.T) {
	var cli struct{ Config }
	k, err := kong.New(&cli, NewLecture(nil, nil).Options()...)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range k.Model.Flags {
		if f.Name == "help" {
			continue
		}
		n++
		v := f.Tag.Get("variable")
		if want := "AC_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_")); v != want {
			t.Errorf("--%s is set by %s", f.Name, v)
		}
		if f.Help == "" || f.Group == nil || !strings.HasSuffix(f.Help, ".") {
			t.Errorf("%s has no help or group", v)
		}
	}
	if len(fields()) != n || n < 30 {
		t.Errorf("%d fields, %d options", len(fields()), n)
	}
	if reflect.TypeFor[Cles]().NumField() != len(new(Cles).each()) {
		t.Error("a key is not listed")
	}
}

func TestNewCles(t *testing.T) {
	lines := NewCles().Variables()
	env := environment(nil)
	_, err := LoadConfig(append(env, lines...), nil) // the last one wins
	if err != nil || len(lines) != 5 {
		t.Errorf("%d keys: %v", len(lines), err)
	}
}
