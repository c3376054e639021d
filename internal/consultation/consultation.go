// Package consultation shows the journal to people: to the référents the acts
// of their structure, to the operator's team all of them. Each line is a French
// sentence with who and when, and « Vérifier cette ligne » proves it.
//
// A référent sees who acted, on what mandat and for what démarche; never who
// the person helped is (A-W15): the journal does not hold it, and the mandat's
// page is the aidants' only. An export carries the proof of every line.
//
// It owns no table and reads the journal. URLs: /espace-referent/journal/…,
// /gestion/journal/…. Journal: export.
package consultation

import (
	"fmt"
	"strings"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"
)

// presences in words, as a line says them.
var presences = map[string]string{
	fait.Present: "personne présente", fait.Telephone: "personne au téléphone", fait.Absent: "personne absente",
}

// motifs of the ends, in words.
var motifs = map[string]string{
	"revoque_usager": "la personne l'a voulu", "renonciation": "la structure a renoncé", "revoque_organisation": "la structure l'a arrêté",
	"demarches_accomplies": "les démarches sont faites", "expire": "la durée est écoulée", "remplace": "un mandat plus récent le remplace",
	"deces": "la personne est décédée", "protection": "une mesure de protection a commencé", "transfere": "transféré à une autre structure",
	"fermeture": "la structure a fermé",
	"perte":     "carte perdue", "casse": "carte cassée", "dysfonctionnement": "carte en panne", "depart": "départ", "erreur": "erreur", "autre": "autre raison",
	"referent": "par un référent", "gestion": "par l'équipe du service", "inactivite": "plus de connexion depuis six mois",
}

// etapes of what is noted of a person, in words.
var etapes = map[string]string{
	fait.EtapeDemandee: "noté par une structure", fait.EtapeValidee: "vérifié pour toutes les structures", fait.EtapeRefusee: "non confirmé", fait.EtapeAnnulee: "retiré",
}

// detail says in French what is particular to a line; "" when its name says all.
func detail(f fait.Fait) string {
	switch f := f.(type) {
	case fait.UseAutorisation:
		return join(quoted(f.Demarche), presences[f.Presence])
	case fait.CreateAttestation:
		return join(listed(f.Demarches), days(f.Jours))
	case fait.CreateAutorisation:
		return join(quoted(f.Demarche), days(f.Jours))
	case fait.InitRenewMandat:
		return join(listed(f.Demarches), days(f.Jours))
	case fait.CancelAutorisation:
		return join(quoted(f.Demarche), motifs[f.Motif])
	case fait.CancelMandat:
		return motifs[f.Motif]
	case fait.EndMandat:
		return motifs[f.Motif]
	case fait.EvenementUsager:
		return join(motifs[f.Motif], etapes[f.Etape])
	case fait.CardDissociation:
		return motifs[f.Motif]
	case fait.DeactivateAidant:
		return motifs[f.Cause]
	case fait.CreateOrganisation:
		return listed(f.Demarches)
	}
	return ""
}

func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

func quoted(d demarche.Demarche) string { return "« " + d.Fiche().TitreCourt + " »" }

func listed(ds []demarche.Demarche) string {
	var out []string
	for _, d := range ds {
		out = append(out, d.Fiche().TitreCourt)
	}
	return strings.Join(out, ", ")
}

func days(n int) string {
	if n == 1 {
		return "pour un jour"
	}
	return fmt.Sprintf("pour %d jours", n)
}
