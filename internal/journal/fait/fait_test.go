package fait

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

func TestEveryActionIsRegistered(t *testing.T) {
	spec := strings.Fields(`connect_aidant activity_check_aidant card_association card_validation card_dissociation franceconnect_usager
		update_email_usager update_phone_usager init_renew_mandat create_attestation create_autorisation use_autorisation
		cancel_autorisation cancel_mandat import_totp_cards transfer_mandat switch_organisation remote_sms_recap_sent
		remote_sms_consent_sent remote_sms_consent_received remote_sms_denial_received
		create_usager update_identite_usager supersede_mandat end_mandat sign_papier view_usager view_mandat print_attestation
		print_revocation seal_fin view_traduction refuse_authorize refuse_token refuse_userinfo replay_code login_failed accept_cgu
		designate_referent update_perimetre_organisation admin_update_usager close_organisation erase_usager purge_retention
		notify_usager incident_mandat`)
	for _, a := range spec {
		if !slices.Contains(Actions(), a) {
			t.Errorf("%s is missing", a)
		}
		if Libelle(a) == a || Libelle(a) == "" {
			t.Errorf("%s has no label", a)
		}
	}
	labels := map[string]bool{}
	for _, a := range Actions() {
		if labels[Libelle(a)] {
			t.Errorf("label used twice: %s", Libelle(a))
		}
		labels[Libelle(a)] = true
		if !motCle.match(a) {
			t.Errorf("%q is not a keyword", a)
		}
	}
}

// TestNoFactHoldsFreeText: whatever is written in every text field of every
// action, a name or a sentence is refused.
func TestNoFactHoldsFreeText(t *testing.T) {
	for _, words := range []string{"Jean Dupont", "Dupont", "jean.dupont@exemple.fr", "+33612345678", "DUPONT", "0612345678", "a\"b", "é", "", " ", "a\nb"} {
		for _, a := range Actions() {
			p := actions[a].plan
			for _, c := range p.champs {
				v := reflect.New(p.typ).Elem()
				f := v.Field(c.index)
				switch {
				case f.Type() == reflect.TypeFor[[]string]():
					f.Set(reflect.ValueOf([]string{words}))
				case f.Kind() == reflect.String:
					f.SetString(words)
				default:
					continue
				}
				if b, err := p.encode(v); err == nil && string(b) != "{}" {
					t.Errorf("%s.%s accepts %q: %s", a, c.cle, words, b)
				}
			}
		}
	}
}

func TestPlanRefusesOtherTypes(t *testing.T) {
	for _, bad := range []any{
		struct {
			Texte string `json:"texte"`
		}{},
		struct {
			Texte string `json:"texte" mot:"inconnu"`
		}{},
		struct {
			Total float64 `json:"total"`
		}{},
		struct {
			Total int
		}{},
		struct {
			Quoi map[string]string `json:"quoi" mot:"cle"`
		}{},
		struct {
			Quand time.Duration `json:"quand"`
		}{},
	} {
		if _, err := planOf(reflect.TypeOf(bad)); err == nil {
			t.Errorf("%T was accepted", bad)
		}
	}
}

func TestFactsReadBack(t *testing.T) {
	for _, f := range []Fait{
		ConnectAidant{},
		EndMandat{
			Motif: "expire", Demarches: []demarche.Demarche{demarche.Argent, demarche.Papiers},
			DateEffet: db.At(time.Date(2026, 3, 2, 9, 0, 0, 1e6, time.UTC)),
		},
		TransferMandat{Avant: ident.New[ident.OrganisationID](), Apres: ident.New[ident.OrganisationID](), Motif: "fusion", DocumentEmpreinte: Empreinte(nil)},
		NotifyUsager{Voie: NotificationMail, Genre: "E-31"},
		CreateAidant{Habilite: true},
		AcceptCGU{Document: "cgu", Version: "1.0", Empreinte: Empreinte(nil)},
		RefuseAuthorize{Motif: "fc.mineur"},
	} {
		b, err := actions[f.Action()].plan.encode(reflect.ValueOf(f))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(f.Action(), b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("%#v came back as %#v", f, got)
		}
	}
}

func TestDecodeRefusesWhatIsNotCanonical(t *testing.T) {
	for _, s := range []string{
		``, `null`, `[]`, `{`, `{}x`, `{} `, ` {}`, `{"autre":1}`, `{"jours":1,"demarche":"papiers"}`, `{"demarche":"papiers","jours":01}`,
		`{"demarche":"papiers","jours":1.0}`, `{"demarche":"papiers","jours":-1}`, `{"demarche":"papiers","jours":0}`, `{"Demarche":"papiers"}`,
		`{"demarche":"papiers","demarche":"papiers"}`, `{"demarche":"\u0070apiers"}`, `{"demarche":"autre"}`, `{"a_distance":false}`,
		`{"a_distance":true,"demarche": "papiers"}`,
	} {
		if f, err := Decode("create_autorisation", []byte(s)); err == nil {
			t.Errorf("%s was read as %#v", s, f)
		}
	}
	if _, err := Decode("create_autorisation", []byte(`{"a_distance":true,"demarche":"papiers","jours":1}`)); err != nil {
		t.Error(err)
	}
	if _, err := Decode("rien", []byte(`{}`)); err == nil {
		t.Error("an unknown action was read")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("end_mandat", `{"date_effet":"2026-03-02T09:00:00.000Z","demarches":["argent"],"motif":"expire"}`)
	f.Add("use_autorisation", `{"demarche":"papiers","presence":"present"}`)
	f.Add("transfer_mandat", `{"apres":"0195d3c2-0000-7000-8000-000000000002"}`)
	f.Fuzz(func(t *testing.T, action, contenu string) {
		f, err := Decode(action, []byte(contenu))
		if err != nil {
			return
		}
		b, err := actions[action].plan.encode(reflect.ValueOf(f))
		if err != nil || string(b) != contenu {
			t.Errorf("%s %s was read, and written %s (%v)", action, contenu, b, err)
		}
	})
}
