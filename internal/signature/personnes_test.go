package signature_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/usager"
)

// recue is a person of §20 as we must keep them, and what the récapitulatif
// shows of them besides their names.
type recue struct {
	family, given, usage, gender, birthdate, birthplace, birthcountry string
	dit                                                               string
}

const france = "99100"

// personnes is §20, written again by hand: what each person must become here.
func personnes(today time.Time) map[string]recue {
	dix8 := today.UTC().AddDate(-18, 0, 0).Format(time.DateOnly)
	return map[string]recue{
		"ordinaire":            {"VASSELIN", "Odile Simone", "", "female", "1951-11-04", "80021", france, "04/11/1951"},
		"nom_usage":            {"ROUVERAY", "Bastien Loïc", "GALANTIER", "male", "1978-02-19", "29019", france, "GALANTIER"},
		"nom_usage_vide":       {"MONTFALCOU", "Théo", "", "male", "1999-12-31", "57463", france, "31/12/1999"},
		"nom_usage_null":       {"BRÉMONTEUIL", "Solange", "", "female", "1944-02-29", "67482", france, "29/02/1944"},
		"corse_2a":             {"PIETRAVERDE", "Ghjulia Maria", "", "female", "1966-05-23", "2A004", france, "Ajaccio (Corse-du-Sud)"},
		"corse_2b":             {"SANTAREDDI", "Anghjulu", "", "male", "1949-01-02", "2B033", france, "Bastia (Haute-Corse)"},
		"zero_initial":         {"BRESSANGES", "Yvonne Lucette", "PERRACHET", "female", "1938-07-15", "01004", france, "Ambérieu-en-Bugey (Ain)"},
		"arrondissement":       {"TELLIERGUE", "Maxence", "", "male", "1986-09-08", "75113", france, "Paris 13e arrondissement"},
		"reunion":              {"PAYETTON", "Marie-Josée", "", "female", "1972-03-30", "97411", france, "Saint-Denis (La Réunion)"},
		"polynesie":            {"TEHAURAI", "Manutea", "", "male", "1981-10-12", "98735", france, "Papeete"},
		"ne_algerie":           {"BENCHERKAOUI", "Fatima Zohra", "", "female", "1957-03-08", "", "99352", "Algérie"},
		"ne_portugal":          {"DE OLIVEIRA FONSECA-PINTO", "Joaquim Manuel", "", "male", "1962-08-01", "", "99139", "Portugal"},
		"code_parasite":        {"SAVARIMOUTTOU", "Kamala", "", "female", "1969-06-06", "", "99235", "Sri Lanka"},
		"presume_jour":         {"DIAKHABA", "Moussa", "", "male", "1960-07-00", "", "99335", "07/1960 (jour présumé)"},
		"presume_annee":        {"RAHIMZADRAN", "Gulab", "", "male", "1948-00-00", "", "99212", "1948 (jour et mois présumés)"},
		"vrai_premier_janvier": {"N'DIOULAYE", "Aïssatou", "", "female", "1955-01-01", "", "99341", "01/01/1955"},
		"genre_indetermine":    {"LESTOURNEL", "Camille Andréa", "", "unspecified", "1990-06-30", "31555", france, "30/06/1990"},
		"apostrophe":           {"D'HAËNENS-L’HÉNAFFIC", "Gwenaëlle", "", "female", "1983-04-17", "59350", france, "17/04/1983"},
		"ligatures":            {"ŒUVRARD-LÆTZIG", "Cœlia Ÿsée Noëlle", "", "female", "1975-12-24", "69387", france, "24/12/1975"},
		"lettres_etrangeres":   {"ÇELİKÖZLÜ", "Şükrü Ğüneş", "", "male", "1988-05-19", "75120", france, "19/05/1988"},
		"prenoms_longs":        {"SAINT-AUBAIN DE LA ROCHETTE", "Marie-Ange Éloïse Zoé-Clémence Maëlys Rose-Aimée Françoise Hermine Perpétue", "", "female", "1931-09-21", "13202", france, "Marie-Ange, Éloïse, Zoé-Clémence, Maëlys, Rose-Aimée, Françoise, Hermine, Perpétue"},
		"prenom_espace":        {"KERJOUANNEC", "Jean Baptiste", "", "male", "1947-06-24", "29019", france, "24/06/1947"},
		"nom_256":              {strings.Repeat("AGDELOUR", 32), "Anne", "", "female", "1970-01-15", "31555", france, "15/01/1970"},
		"homonyme_1":           {"ORSENNAT", "Paul Henri", "", "male", "1959-04-03", "80021", france, "Amiens (Somme)"},
		"homonyme_2":           {"ORSENNAT", "Paul Henri", "", "male", "1959-04-03", "59350", france, "Lille (Nord)"},
		"dix_huit_ans":         {"QUILLARMEL", "Noé", "", "male", dix8, "67482", france, "QUILLARMEL"},
		"centenaire":           {"AUBRESPIN", "Léontine", "", "female", "1919-04-28", "01053", france, "28/04/1919"},
		"sans_email":           {"GRANDCHAUMET", "Rolande", "", "female", "1940-10-10", "75105", france, "Adresse électronique de la personne"},
		"rectifie":             {"MARVILLERS", "Jean Marcel", "", "male", "1953-02-11", "57463", france, "Jean Marcel"}, // as the registry says
		"change":               {"DUVERNAUT", "Inès", "", "female", "1994-07-07", "97209", france, "Fort-de-France (Martinique)"},
	}
}

// identite reads the version of identity that a dossier holds.
func (b *banc) identite(dossier string) (i usager.Identite) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error {
		var prenoms string
		err := tx.QueryRow(b.t.Context(), `SELECT i.family_name, i.given_name, i.preferred_username, i.gender, i.birthdate, i.birthplace, i.birthcountry, i.email, i.given_name_array
			FROM dossier_signature d JOIN identite i ON i.id = d.identite_id WHERE d.id = $1`, dossier).
			Scan(&i.FamilyName, &i.GivenName, &i.PreferredUsername, &i.Gender, &i.Birthdate, &i.Birthplace, &i.Birthcountry, &i.Email, &prenoms)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(prenoms), &i.GivenNames)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

// Each person of §20 goes through the real leg and is kept as the contract
// says: presumed dates (FS-20, FS-21), Corsica, overseas, born abroad (FS-28),
// 256 letters and every alphabet (FS-26), 18 today (FS-25), no e-mail; and the
// récapitulatif shows them (FS-33).
func TestEveryPerson(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		all := personnes(b.clock.Now())
		for cle, want := range all {
			t.Run(cle, func(t *testing.T) {
				defer func(outer *testing.T) { b.t = outer }(b.t)
				b.t = t
				p := n.recap(cle, "SHORT", "papiers").want(t, http.StatusOK, want.family, want.given, want.dit)
				email := cle + "@example.org"
				if cle == "sans_email" {
					email = ""
				}
				prenoms := strings.Fields(want.given)
				if cle == "prenom_espace" { // one first name that holds a space
					prenoms = []string{want.given}
				}
				if d := cmp.Diff(usager.Identite{
					GivenNames: prenoms,
					FamilyName: want.family, GivenName: want.given, PreferredUsername: want.usage, Gender: want.gender, Birthdate: want.birthdate,
					Birthplace: want.birthplace, Birthcountry: want.birthcountry, Email: email,
				}, b.identite(p.url.Query().Get("dossier"))); d != "" {
					t.Error(d)
				}
			})
		}
		if k := b.count(`SELECT count(*) FROM usager`); k != len(all) {
			t.Errorf("%d usagers for %d persons", k, len(all))
		}
	})
}

// FS-22: the same person comes back under another name. It is the same usager
// with a new version, the journal names the field, and the mandat signed
// before still holds its own snapshot.
func TestSamePersonUnderAnotherName(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		first := mandatOf(t, n.sign(n.recap("change", "LONG", "papiers"), b.nextCode(alix)).want(t, http.StatusOK, "DUVERNAUT"))
		before := len(b.actions(0))
		p := n.recap("change_apres", "SHORT", "argent").want(t, http.StatusOK, "CHASTELLOR")
		if diff := cmp.Diff([]string{"update_identite_usager", "franceconnect_usager"}, b.actions(before)); diff != "" {
			t.Error(diff)
		}
		if k := b.count(`SELECT count(*) FROM usager`); k != 1 {
			t.Errorf("%d usagers", k)
		}
		n.sign(n.press(p, "Signer", url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}}), b.nextCode(alix)).want(t, http.StatusOK, "CHASTELLOR")
		n.get("/espace-aidant/mandats/"+first.String()+"/visualisation").want(t, http.StatusOK, "DUVERNAUT")
		if k := b.count(`SELECT count(*) FROM mandat WHERE family_name = 'DUVERNAUT'`); k != 1 {
			t.Error("the snapshot changed")
		}
	})
}

// Whoever FranceConnect itself refuses comes back without an identity: the
// screen says so, nothing is created, the form is kept.
func TestRefusedByFranceConnect(t *testing.T) {
	codes := map[string]string{
		"inconnu": "Y010008", "echo_simple": "Y010004", "plusieurs": "Y010006", "nom_usage_seul": "Y010007", "decede": "Y010015",
		"registre_muet": "Y010011", "compte_desactive": "Y180001",
		"prenom_vide": "Y600006", "nom_vide": "Y600006", "sans_genre": "Y600006", "france_sans_lieu": "Y600006",
		"mois_00_jour_03": "Y600006", "annee_seule": "Y600006", "30_fevrier": "Y600006",
	}
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		for cle, code := range codes {
			start := n.prepare("SHORT", "papiers", "argent")
			p := n.press(n.press(start, "FranceConnect", nil), "Compte de démonstration", nil)
			p = n.press(p, "Se connecter", url.Values{"personne": {cle}})
			if !strings.Contains(p.text, code) {
				t.Errorf("%s: FranceConnect shows %.300s", cle, p.text)
			}
			p = n.press(p, "Revenir au service", nil).want(t, http.StatusOK, "La connexion n’a pas abouti", "Relancer FranceConnect")
			advice := dit(franceconnect.CleAbandon)
			if code == "Y600006" { // invalid_request, which is our fault or our settings'
				advice = dit(franceconnect.CleConfig)
			}
			if code == "Y010011" {
				advice = dit(franceconnect.ClePanne)
			}
			p.want(t, http.StatusOK, advice, "Ce que veut dire le code "+code)
			n.garde(start)
		}
		b.rienCree()
	})
}

// FS-25: a minor is refused whatever else is right.
func TestMinorIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		start := n.prepare("SHORT", "papiers", "argent")
		n.logout(n.identify(start, "mineur")).want(t, http.StatusOK, dit(franceconnect.CleMineur))
		b.rienCree()
		n.garde(start)
	})
}
