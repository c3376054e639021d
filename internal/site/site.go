// Package site serves the public pages: what the service is, for whom, the
// legal pages, and the health of the program (comptes 10, 16.2).
//
// It owns no table and appends nothing to the journal.
// URLs: /, /aide/code-franceconnect/, /accessibilite/, /mentions-legales/,
// /politique_confidentialite/, /plan-du-site/, /robots.txt,
// /.well-known/security.txt, /sitemap.xml, /csp/, /sante/vivant, /sante/pret, and
// the former addresses that bookmarks hold.
package site

// Exploitant names who operates the service; these are settings, since the
// program is not the operator (L-40).
type Exploitant struct {
	Responsable string // controller of the personal data
	DPO         string // how to reach the data protection officer
	Contact     string // mail address of help
}

// orUnknown says plainly that a setting is missing rather than inventing it.
func orUnknown(s string) string {
	if s == "" {
		return "non renseigné par l'exploitant"
	}
	return s
}
