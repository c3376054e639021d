package papier

import (
	"encoding/hex"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// ligneReferent is a mandat whose signed copy is missing.
type ligneReferent struct {
	Code, Aidant string
	Accord       consentement.Accord
}

type referentView struct {
	Now    time.Time
	Grace  int
	Lignes []ligneReferent
	Champs fault.Fields
	Code   string // as typed
	Avis   dsfr.Alerte
}

var avisReferent = map[string]dsfr.Alerte{
	"delai":     {Ton: dsfr.Succes, Texte: "Le délai est enregistré. Il vaut pour les mandats signés à partir de maintenant.", Role: "status"},
	"certifiee": {Ton: dsfr.Succes, Texte: "C’est noté : ce mandat peut servir.", Role: "status"},
}

func (h *Handlers) referentView(r *http.Request, a actor.Actor) (v referentView, err error) {
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v = referentView{Now: tx.Now.Time()}
		if v.Grace, err = consentement.Grace(ctx, tx, a.Organisation); err != nil {
			return err
		}
		v.Lignes, err = missingByCode(ctx, tx, a.Organisation)
		return err
	})
	return v, err
}

func (h *Handlers) showReferent(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.referentView(r, a)
	if err != nil {
		return err
	}
	v.Avis = avisReferent[r.URL.Query().Get("avis")]
	return web.Render(w, r, http.StatusOK, referentPage(h.Site, a, v))
}

func (h *Handlers) referentAgain(w http.ResponseWriter, r *http.Request, a actor.Actor, wrong error, code string) error {
	fields := fault.FieldsOf(wrong)
	if len(fields) == 0 {
		return wrong
	}
	v, err := h.referentView(r, a)
	if err != nil {
		return err
	}
	v.Champs, v.Code = fields, code
	return web.Render(w, r, http.StatusUnprocessableEntity, referentPage(h.Site, a, v))
}

// setGrace records how long a mandat on paper may serve without its copy.
func (h *Handlers) setGrace(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	n, err := consentement.ParseGrace(form.Get("grace"))
	if err != nil {
		return h.referentAgain(w, r, a, err, "")
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := consentement.SetGrace(ctx, tx, a.Organisation, a.Aidant, n); err != nil {
			return err
		}
		return h.Greffe.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Referent, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: fait.SetGracePapier{Jours: n, Aucun: n == 0},
		})
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, cheminReferent+"?avis=delai")
}

// certifyByCode records that the référent holds the paper with both
// signatures; the code printed on it says which mandat.
func (h *Handlers) certifyByCode(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	typed := form.Get("code")
	f := fault.Fields{}
	code, ok := mandat.ParseCode(typed)
	if !ok {
		f["code"] = "Saisissez les 12 signes du code imprimé sur le mandat."
	}
	if form.Get("certifie") == "" {
		f["certifie"] = "Cochez la case si vous avez sous les yeux les deux signatures."
	}
	if len(f) > 0 {
		return h.referentAgain(w, r, a, fault.Form(f), typed)
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := accordOfCode(ctx, tx, a.Organisation, code)
		if err != nil {
			return err
		}
		p, err := consentement.Seal(h.Champs, x.Objet, consentement.Contenu{
			Genre: consentement.Certification, Type: "text/plain", Aidant: a.Aidant, Octets: []byte("deux signatures vues par le référent sur le mandat " + mandat.FormatCode(code)),
		})
		if err != nil {
			return err
		}
		if _, err := consentement.Join(ctx, tx, a.Organisation, x.Mandat, []consentement.Piece{p}); err != nil {
			return err
		}
		return h.Greffe.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Referent, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Usager: x.Usager, Mandat: x.Mandat,
			Fait: fait.SignPapier{DateSignature: tx.Now, PreuveEmpreinte: hex.EncodeToString(p.Empreinte)},
		})
	})
	if err != nil {
		return h.referentAgain(w, r, a, err, typed)
	}
	return web.Redirect(w, r, cheminReferent+"?avis=certifiee")
}

func (v referentView) graces() dsfr.Choix {
	c := dsfr.Choix{Nom: "grace", Legende: "Un mandat sur papier peut servir sans sa copie signée", Erreur: v.Champs["grace"], Aide: "Passé ce délai, il est suspendu jusqu’à ce que la copie soit jointe. Les aidants reçoivent des rappels."}
	for n := 0; n <= 7; n++ {
		o := dsfr.Option{Valeur: string(rune('0' + n)), Libelle: "jamais : la copie d’abord (recommandé)", Choisi: n == v.Grace}
		switch n {
		case 0:
		case 1:
			o.Libelle = "pendant 1 jour"
		default:
			o.Libelle = "pendant " + string(rune('0'+n)) + " jours"
		}
		c.Options = append(c.Options, o)
	}
	return c
}

func (v referentView) lines() []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, l := range v.Lignes {
		m := mandat.Mandat{Accord: l.Accord}
		out = append(out, dsfr.Ligne{dsfr.Text(mandat.FormatCode(l.Code)), dsfr.Text(mandat.DateHeure(l.Accord.Creation)), dsfr.Text(l.Aidant), dsfr.Text(m.UsageAffiche(v.Now))})
	}
	return out
}
