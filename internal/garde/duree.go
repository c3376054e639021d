package garde

import (
	"strconv"
	"strings"
	"time"
)

// Duree says the length in French, with what it runs from: « 6 ans après la
// fin du mandat ».
func (r Regle) Duree() string {
	return r.longueur() + " après " + strings.TrimSpace(r.Depuis)
}

func (r Regle) longueur() string {
	switch {
	case r.Ans > 0:
		return strconv.Itoa(r.Ans) + " ans"
	case r.Mois > 0:
		return strconv.Itoa(r.Mois) + " mois"
	case r.Temps == 365*jour:
		return "un an"
	case r.Temps == jour:
		return "un jour"
	}
	return strconv.Itoa(int(r.Temps/(24*time.Hour))) + " jours"
}

// Generale says it of an object whose start the page does not hold.
func (r Regle) Generale() string {
	return r.since(r.Accord + " pendant " + r.Duree())
}
