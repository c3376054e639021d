// Package papier follows the mandats signed on paper until their signed copy is
// there: copies joined, certifications by an aidant or a référent, proofs set
// aside, the structure's grace, reminders (mandats.md 2.3; besoins L-01, L-28).
//
// In law: two copies are signed, one for each party (Code civil, art. 1375).
// Until the structure holds its own, nothing proves the agreement and the mandat
// cannot be used, unless the structure gave itself a few days of grace.
//
// It owns no table: consentement writes its own within the transactions of here.
// URLs: /espace-aidant/mandats/{mandat}/accord and …/papier, /espace-aidant/accords/,
// /espace-referent/accords/.
// Journal: sign_papier, cancel_papier, set_grace_papier, view_mandat.
//
// It concludes no mandat (signature does) and decides nothing of when one can
// be used (consentement does).
package papier

import "time"

// GenreCopie is the reminder of the signed copies that are missing.
const GenreCopie = "E-58"

// rappelsApres are the ages, since the signature, at which an aidant is
// reminded of a signed copy that is missing.
var rappelsApres = [...]time.Duration{24 * time.Hour, 3 * 24 * time.Hour, 6 * 24 * time.Hour}
