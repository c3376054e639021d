package connexion

import (
	"time"

	"aidantsconnect/internal/limite"
)

// What is asked of the sign-in from one address (comptes 5): it slows down, and
// shuts nobody out.
var (
	signInPerMinute = limite.Regle{Nom: "connexion.minute", N: 30, Fenetre: time.Minute}
	signInPerHour   = limite.Regle{Nom: "connexion.heure", N: 300, Fenetre: time.Hour}
)
