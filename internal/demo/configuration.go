package demo

import (
	"encoding/json"
	"os"
	"path/filepath"

	"aidantsconnect/internal/server"
)

// Our identifiers in the demo's two registrations.
const (
	idFS  = "aidants-connect-fs"
	idFI  = "franceconnect-demo"
	uidFI = "aidants-connect"
	idPro = "aidants-connect-pro"
	// The stand-in knows no other client, on this machine only.
	secretPro = "un-secret-de-demonstration-qui-ne-sert-nulle-part"
)

// configure makes the configuration of the demo. Every AC_… variable that is
// set replaces the demo's own value, so that another FranceConnect can be
// plugged in on either side; simule is false when it is.
func (i *Instance) configure(o Options) (cfg server.Config, simule bool, err error) {
	registrations, err := json.Marshal([]map[string]any{{
		"client_name": "FranceConnect (simulation)", "client_id": idFI, "client_secrets": []string{i.coffre.FI},
		"redirect_uris":                []string{i.Adresses.FC + "/api/v2/oidc-callback"},
		"post_logout_redirect_uris":    []string{i.Adresses.FC + "/api/v2/client/logout-callback"},
		"id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256",
	}})
	if err != nil {
		return cfg, false, err
	}
	base := "sqlite:" + filepath.Join(i.dossier, "demo.db")
	if o.Database != "" {
		base = o.Database
	}
	env := map[string]string{
		"AC_ORIGINE": i.Adresses.App, "AC_ECOUTE": i.ecoute, "AC_BASE": base, "AC_SIMULATION": "true",
		"AC_COURRIEL": "dossier:" + filepath.Join(i.dossier, "courriels"), "AC_COURRIEL_EXPEDITEUR": "Aidants Connect (démonstration) <connexion@demo.localhost>",
		"AC_SMS": "dossier:" + filepath.Join(i.dossier, "courriels"), "AC_SMS_RETOUR_SECRET": i.coffre.SMS,
		"AC_FC_EMETTEUR": i.Adresses.FC + "/api/v2", "AC_FC_CLIENT_ID": idFS, "AC_FC_CLIENT_SECRET": i.coffre.FS, "AC_FC_ALG": "ES256", "AC_FC_FI_UID": uidFI,
		"AC_FI_ENREGISTREMENTS": string(registrations), "AC_CONTACT": "aide@demo.localhost", "AC_RESPONSABLE": "la démonstration, sur cette machine",
		// Every visitor of the demonstration comes from this machine.
		"AC_INTROUVABLES": "0",
		// Its accounts are those of nobody: they do not fall asleep.
		"AC_TACHES_DESACTIVEES": "inactivite_avertissement,inactivite_fermeture,activite_rappel",
		"AC_JOURNAL_ORIGINE":    "demo.localhost/aidantsconnect", "AC_DPO": "aide@demo.localhost",
		"AC_PROCONNECT_EMETTEUR": i.Adresses.PC + "/api/v2", "AC_PROCONNECT_CLIENT_ID": idPro, "AC_PROCONNECT_CLIENT_SECRET": secretPro,
	}
	for nom, cle := range i.coffre.Cles {
		env[nom] = cle
	}
	cfg, err = server.LoadConfig(os.Environ(), env)
	return cfg, cfg.FCEmetteur == env["AC_FC_EMETTEUR"], err
}

// annonce is the line of --json.
func (i *Instance) annonce() any {
	type compte struct {
		Courriel     string `json:"courriel"`
		TOTP         string `json:"totp_secret"`
		Organisation string `json:"organisation"`
	}
	type fi struct {
		Issuer       string `json:"issuer"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		Redirect     string `json:"redirect_uri"`
		PostLogout   string `json:"post_logout_redirect_uri"`
	}
	out := struct {
		App          string   `json:"app"`
		FC           string   `json:"franceconnect"`
		Services     []string `json:"services"`
		Boite        string   `json:"mailbox"`
		Aidants      []compte `json:"aidants"`
		Registration fi       `json:"fi"`
	}{App: i.Adresses.App, FC: i.Adresses.FC, Boite: i.Adresses.Boite + "/courriels.json"}
	for _, l := range []string{"a", "b", "c", "d", "e", "f"} {
		out.Services = append(out.Services, i.Adresses.Service+"/"+l+"/")
	}
	for _, c := range i.coffre.Comptes {
		out.Aidants = append(out.Aidants, compte{c.Courriel, c.TOTP, c.Structure})
	}
	out.Registration = fi{
		Issuer: i.Adresses.App, ClientID: idFI, ClientSecret: i.coffre.FI,
		Redirect: i.Adresses.FC + "/api/v2/oidc-callback", PostLogout: i.Adresses.FC + "/api/v2/client/logout-callback",
	}
	return out
}
