package simulateur

import (
	"crypto/sha256"
	_ "embed" // the codes and the discovery document
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"aidantsconnect/internal/simulateur/registre"
)

const (
	refusAcces = "access_denied"
	panne      = "server_error"
)

// refus is a refusal shown with its Y code. Detail is French and technical, and
// never holds a value received.
type refus struct {
	Code, Detail string
	Interaction  string // the interaction it belongs to; "" = none
}

func refuse(code, detail string, a ...any) error {
	return &refus{Code: code, Detail: fmt.Sprintf(detail, a...)}
}

// Error is for the log.
func (r *refus) Error() string { return r.Code + ": " + r.Detail }

// regle is one line of a table of checks.
type regle struct {
	respectee    bool
	code, detail string
}

// exiger gives the refusal of the first rule that is not respected.
func exiger(regles ...regle) error {
	for _, g := range regles {
		if !g.respectee {
			return &refus{Code: g.code, Detail: g.detail}
		}
	}
	return nil
}

// refusRegistre is a refusal of the registry as one of ours; nil stays nil.
func refusRegistre(err error) error {
	if r, ok := errors.AsType[*registre.Refus](err); ok {
		return &refus{Code: r.Code, Detail: r.Detail}
	}
	return err
}

// decouverteFixe holds the discovery document, tableCodes the table of §16.2.
var (
	//go:embed donnees/decouverte.json
	decouverteFixe []byte
	//go:embed donnees/codes.csv
	tableCodes []byte
)

// reponseY is what FranceConnect does with one of its codes (§16.2).
type reponseY struct {
	statut  int
	erreur  string // OAuth error given to the FS when the person goes back to it
	message string // French
}

// codesY holds the codes that this simulation can produce.
var codesY = lireCodes()

func lireCodes() map[string]reponseY {
	out := map[string]reponseY{}
	for _, l := range registre.LireTable(tableCodes) {
		statut, err := strconv.Atoi(l["statut"])
		if err != nil {
			panic(err) // the table is ours: see registre.LireTable
		}
		out[l["code"]] = reponseY{statut, l["erreur"], l["message"]}
	}
	return out
}

// lireY gives what a code does; the OIDC engine's codes are known by their
// domain only.
func lireY(code string) reponseY {
	for _, c := range []string{code, code[:min(3, len(code))], "Y000000"} {
		if r, ok := codesY[c]; ok {
			return r
		}
	}
	return reponseY{}
}

// codeMoteur makes the code of an error of the OIDC engine: domain 04 and a
// hexadecimal suffix, stable for one error.
func codeMoteur(erreur string) string {
	h := sha256.Sum256([]byte(erreur))
	return "Y04" + strings.ToUpper(hex.EncodeToString(h[:3]))
}
