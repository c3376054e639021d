package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// racine is the ignored folder of the clone where a demo lives.
const racine = ".demo"

// prepareFolder gives the demo's folder, or a temporary one. Each database has
// its own folder: its keys and the secrets of its accounts go with it. A demo
// that was killed while its seeds were laid starts afresh.
func prepareFolder(o Options) (dossier string, nettoyer func() error, err error) {
	if o.Play || o.Port == 0 {
		d, err := os.MkdirTemp("", "aidantsconnect-demo-")
		return d, func() error { return os.RemoveAll(d) }, err
	}
	if o.Neuf && o.Database != "" {
		return "", nil, errors.New("--neuf n'efface pas une base que vous avez donnée : videz-la vous-même")
	}
	d := folderOf(o)
	if o.Neuf || unfinished(d) && o.Database == "" {
		if err := os.RemoveAll(d); err != nil {
			return "", nil, fmt.Errorf("remove former demo: %w", err)
		}
	}
	return d, func() error { return nil }, os.MkdirAll(d, 0o700)
}

// folderOf names the folder after what makes a demo another one: its database,
// its FranceConnect.
func folderOf(o Options) string {
	d := filepath.Join(racine, "simulation")
	if issuer := os.Getenv("AC_FC_EMETTEUR"); issuer != "" {
		d = filepath.Join(racine, "franceconnect-"+short(issuer))
	}
	if o.Database != "" {
		d += "-" + short(o.Database)
	}
	return d
}

func short(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:4])
}

func unfinished(dossier string) bool {
	if _, err := os.Stat(filepath.Join(dossier, "demo.json")); err != nil {
		return false
	}
	c, err := openCoffre(dossier)
	return err != nil || !c.Garnie
}
