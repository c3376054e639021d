package server_test

import (
	"path"

	"aidantsconnect/internal/signature"
)

// inconnu is an identifier of nothing.
const inconnu = "00000000-0000-7000-8000-000000000000"

// idsGestion are what stands for the wildcards of the back-office, which none
// of the visitors of the walk may see.
var idsGestion = map[string]string{"acte": "desactivation", "accord": inconnu, "message": inconnu, "importation": inconnu, "notification": inconnu, "genre": "E-01", "evenement": inconnu, "cessation": inconnu, "acces": inconnu, "tache": "conservation", "signalement": inconnu, "langue": "simple", "relecture": inconnu, "version": path.Base(signature.FicheURL())}
