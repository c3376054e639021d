package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/secret"
)

// coffre is what a demo keeps beside its database: its keys and the secrets of
// its fictional accounts. Made at the first start, readable by its owner only.
type coffre struct {
	Cles     map[string]string `json:"cles"` // AC_CLE_… -> base64
	FS       string            `json:"fs_secret"`
	FI       string            `json:"fi_secret"`
	SMS      string            `json:"sms_secret"` // signs what the demo's phones answer
	Comptes  []Compte          `json:"comptes"`
	Equipe   []Compte          `json:"equipe"` // the operator's team; empty in a vault of a former version
	Garnie   bool              `json:"garnie"` // the seeds are done
	fichier  string
	nouvelle bool
}

var nomsCles = []string{"AC_CLE_SUB", "AC_CLE_EMPREINTES", "AC_CLE_PSEUDONYMES", "AC_CLE_CHAMPS", "AC_CLE_TEMOINS"}

func openCoffre(dossier string) (*coffre, error) {
	c := &coffre{fichier: filepath.Join(dossier, "demo.json")}
	b, err := os.ReadFile(c.fichier)
	if errors.Is(err, fs.ErrNotExist) {
		return c, c.fill()
	}
	if err != nil {
		return nil, fmt.Errorf("read demo secrets: %w", err)
	}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("le fichier %s est illisible : relancez avec --neuf : %w", c.fichier, err)
	}
	if c.SMS == "" { // a vault of a former version
		c.SMS = secret.NewToken().Reveal()
		return c, c.save()
	}
	return c, nil
}

func (c *coffre) fill() error {
	c.nouvelle = true
	c.Cles = map[string]string{}
	for _, nom := range nomsCles {
		c.Cles[nom] = secret.RandomKey().Reveal()
	}
	c.FS, c.FI, c.SMS = secret.NewToken().Reveal(), secret.NewToken().Reveal(), secret.NewToken().Reveal()
	c.Comptes, c.Equipe = comptes(), equipe()
	for _, all := range [][]Compte{c.Comptes, c.Equipe} {
		for i := range all {
			all[i].TOTP = facteur.EncodeGraine(secret.Random(facteur.GraineTaille))
		}
	}
	return c.save()
}

// save writes the file in one move: a kill leaves the former one.
func (c *coffre) save() error {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	tmp := c.fichier + ".nouveau"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write demo secrets: %w", err)
	}
	return os.Rename(tmp, c.fichier)
}
