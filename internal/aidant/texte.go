package aidant

import (
	"crypto/sha256"
	_ "embed" // the frozen texts
	"encoding/hex"
)

//go:embed textes/cgu-1.0.html
var cguHTML string

// Texte is a versioned text that people accept (comptes 6). A text is never
// edited once published: a change is a new version.
type Texte struct {
	Document string // "cgu"
	Version  string
	HTML     string
}

// CGU is the version of the terms of use in force.
var CGU = Texte{Document: "cgu", Version: "1.0", HTML: cguHTML}

// Empreinte is the SHA-256 of the text, in hexadecimal.
func (t Texte) Empreinte() string {
	h := sha256.Sum256([]byte(t.HTML))
	return hex.EncodeToString(h[:])
}
