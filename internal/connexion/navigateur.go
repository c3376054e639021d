package connexion

import "strings"

// nom of a browser or of a system, and what betrays it in User-Agent. The first
// that matches is right: several pretend to be others.
type nom struct{ marque, nom string }

var (
	logiciels = []nom{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systemes = []nom{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"},
	}
)

// describeBrowser says in plain words what a browser says it is: « Firefox sur
// Windows ». It proves nothing, and no place is guessed (comptes 4.1).
func describeBrowser(userAgent string) string {
	logiciel, systeme := among(logiciels, userAgent), among(systemes, userAgent)
	switch {
	case logiciel == "" && systeme == "":
		return "Navigateur inconnu"
	case logiciel == "":
		return "Navigateur inconnu sur " + systeme
	case systeme == "":
		return logiciel
	}
	return logiciel + " sur " + systeme
}

func among(all []nom, s string) string {
	for _, n := range all {
		if strings.Contains(s, n.marque) {
			return n.nom
		}
	}
	return ""
}
