package diagnostic

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/web"
)

// examineJournal looks at the journal as others see it: what we publish, who
// countersigns it, whom we countersign, who dates it.
func (e *examen) examineJournal(ctx context.Context) {
	e.chapter("Journal publié, témoins, dates")
	err := server.Publication(ctx, e.cfg, e.clock, func(h *transparence.Handlers) error {
		err := errors.Join(e.examinePublication(ctx, h), e.examineTemoins(ctx, h))
		return errors.Join(err, e.examineHorodatage(ctx, h))
	})
	if err != nil {
		e.unseen("Journal", "la base ne s'ouvre pas, ou ne se lit pas", "")
	}
}

// examinePublication: the journal at the public address is that of this base.
func (e *examen) examinePublication(ctx context.Context, h *transparence.Handlers) error {
	const sujet = "Journal publié"
	s := e.sonder(ctx, e.cfg.Origine+"/journal/checkpoint", nil)
	switch {
	case s.panne != "":
		e.mend(sujet, s.panne, "Les témoins, et qui suit le journal, lisent "+e.cfg.Origine+"/journal/ : le serveur frontal doit laisser passer ces adresses.")
		return nil
	case s.statut == http.StatusNotFound:
		e.unseen(sujet, "encore vide", "")
		return nil
	}
	vkeys, err := h.Journal.VerifierKeys()
	if err != nil {
		return err
	}
	known, err := transparence.Verifiers(vkeys)
	if err != nil {
		return err
	}
	p, err := transparence.FindPoint(string(s.corps), h.Journal.Origine(), known)
	if err == nil {
		err = h.DB.View(ctx, func(tx *db.Tx) error { return h.Continues(ctx, tx, p) })
	}
	if err != nil {
		e.mend(sujet, "ce que montre "+e.cfg.Origine+"/journal/checkpoint n'est pas le journal de cette base", "Le service qui répond a une autre base ou une autre clé, ou cette base a perdu la fin de son journal : voir « Sauvegarder et restaurer ».")
		return nil
	}
	e.ok(sujet, "%d lignes, celles de cette base", p.Taille)
	return nil
}

var pannesTemoin = map[string][2]string{
	transparence.EchecInjoignable: {"injoignable", "Vérifiez son adresse dans AC_JOURNAL_TEMOINS, ou prévenez son exploitant."},
	transparence.EchecRefus:       {"ne connaît pas notre journal", "Donnez à son exploitant la première clé de /journal/cles, et vérifiez l'adresse et la clé que vous avez de lui."},
	transparence.EchecDivergence:  {"A VU UN AUTRE JOURNAL QUE CELUI-CI", "Ne réparez rien : voir « Le journal ne se vérifie plus »."},
	transparence.EchecSignature:   {"répond autre chose que sa contresignature", "La clé que vous avez de lui dans AC_JOURNAL_TEMOINS n'est pas la sienne."},
}

// examineTemoins asks each witness, and reads what it did last.
func (e *examen) examineTemoins(ctx context.Context, h *transparence.Handlers) error {
	if len(h.Temoins) == 0 {
		e.unseen("Témoins", "aucun ne contresigne notre journal", "Sans témoin, deux journaux différents pourraient être montrés (AC_JOURNAL_TEMOINS).")
	}
	states, err := h.States(ctx)
	if err != nil {
		return err
	}
	for i, s := range states {
		sujet := "Témoin " + s.Nom
		kind := h.Temoins[i].Probe(ctx, h.Journal.Origine())
		if kind == "" && (s.Echec == transparence.EchecDivergence || s.Echec == transparence.EchecSignature) {
			kind = s.Echec
		}
		switch panne := pannesTemoin[kind]; {
		case panne[0] != "":
			e.mend(sujet, panne[0], panne[1])
		case s.Retard:
			e.mend(sujet, "répond, mais n'a pas contresigné nos dernières lignes", "Regardez la tâche journal_temoins : tourne-t-elle ?")
		case s.Date.IsZero():
			e.unseen(sujet, "répond, et n'a encore rien contresigné", "")
		default:
			e.ok(sujet, "répond, %d lignes contresignées, le %s", s.Taille, web.DateHeure(s.Date))
		}
	}
	seen, err := h.Witnessed(ctx)
	for _, p := range seen {
		if p.Taille == 0 {
			e.unseen("Nous, témoin de "+p.Origine, "il ne nous a encore rien demandé", "Donnez à son exploitant la dernière ligne de /journal/cles, avec "+e.cfg.Origine+"/temoin.")
			continue
		}
		e.ok("Nous, témoin de "+p.Origine, "%d lignes contresignées", p.Taille)
	}
	return err
}

// Ages past which a certified date, and a difference of clocks, are told.
const (
	ageDate   = 48 * time.Hour
	ecartDate = time.Minute
)

// examineHorodatage has something meaningless dated, and reads the last date.
func (e *examen) examineHorodatage(ctx context.Context, h *transparence.Handlers) error {
	const sujet = "Autorité d'horodatage"
	if h.Horodatage == nil {
		e.unseen(sujet, "aucune ne date notre journal", "Elle est facultative (AC_HORODATAGE_URL).")
		return nil
	}
	_, d, err := h.Horodatage.Ask(ctx, sha256.Sum256(secret.Random(sha256.Size)))
	ecart := d.Instant.Sub(e.clock()).Abs()
	switch {
	case errors.Is(err, horodatage.ErrMuette):
		e.mend(sujet, "elle ne répond pas", "Vérifiez AC_HORODATAGE_URL, et que cette machine peut la joindre.")
	case err != nil:
		e.mend(sujet, "sa réponse ne se vérifie pas", "Vérifiez que AC_HORODATAGE_AUTORITE contient le certificat racine de cette autorité, et que le sien n'a pas expiré.")
	case ecart > ecartDate:
		e.mend(sujet, "son heure et la nôtre diffèrent de "+ecart.Round(time.Second).String(), "L'une des deux est fausse : mettez cette machine à l'heure par NTP.")
	default:
		e.ok(sujet, "%s répond, sa réponse se vérifie", d.Autorite)
	}
	at, autorite, err := h.LastDate(ctx)
	switch age := e.clock().Sub(at.Time()); {
	case err != nil:
		return err
	case at.IsZero():
		e.unseen("Dernière date certifiée", "aucune encore", "")
	case age > ageDate:
		e.mend("Dernière date certifiée", "vieille de "+strconv.Itoa(int(age.Hours()/24))+" jours", "Regardez la tâche journal_horodatage.")
	default:
		e.ok("Dernière date certifiée", "le %s, par %s", web.DateHeure(at.Time()), autorite)
	}
	return nil
}
