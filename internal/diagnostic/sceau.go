package diagnostic

import (
	"time"

	"aidantsconnect/internal/web"
)

// sursisSceau is how long before its end a certificate is to be renewed.
const sursisSceau = 30 * 24 * time.Hour

// examineSceau says with whose certificate the documents are sealed, and for
// how long.
func (e *examen) examineSceau() {
	const sujet = "Sceau de l'exploitant"
	e.chapter("Documents")
	now := e.clock()
	c, err := e.cfg.Sceau(now)
	if err != nil {
		e.mend(sujet, "son certificat ne peut pas sceller", "« aidantsconnect config » dit pourquoi (AC_SCEAU_CERTIFICAT, AC_SCEAU_CLE).")
		return
	}
	if c == nil {
		e.unseen(sujet, "aucun certificat : les documents sont scellés par la clé du service seule", "Il est facultatif (AC_SCEAU_CERTIFICAT).")
		return
	}
	who := c.Identite()
	if who.Fin.Sub(now) < sursisSceau {
		e.mend(sujet, "le certificat de "+who.Nom+" finit le "+web.DateHeure(who.Fin), "Renouvelez-le. Après cette date, les documents n'auront que le sceau du service ; ceux d'avant restent vérifiables.")
		return
	}
	e.ok(sujet, "certificat de %s, certifié par %s, valable jusqu'au %s, empreinte %s", who.Nom, who.Emetteur, web.DateHeure(who.Fin), who.Empreinte)
}
