package acces

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// The addresses.
const (
	CheminReferent = "/espace-referent/acces/"
	CheminGestion  = "/gestion/acces/"
	maxForm        = 4 << 10
)

// Handlers answers the people who ask what is held about them.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Champs  *secret.Box // opens the proofs
	Site    web.Site

	// Conserve tells what the retention holds of a person: its package is of the
	// rank of this one.
	Conserve func(ctx context.Context, tx *db.Tx, id ident.UsagerID) ([]Table, error)
}

// espace is where a demand is answered: a structure, or the whole service.
type espace struct {
	chemin string
	tout   bool
}

var (
	structure = espace{chemin: CheminReferent}
	service   = espace{chemin: CheminGestion, tout: true}
)

// Mount puts the URLs of the package in their spaces. Recording a demand and
// reading a copy ask a fresh code.
func (h *Handlers) Mount(m *web.Mux) {
	m.Referent("GET "+CheminReferent, h.show(structure))
	m.Referent("POST "+CheminReferent, h.ask(structure), web.CodeFrais)
	m.Referent("GET "+CheminReferent+"{acces}/", h.copy(structure, page), web.CodeFrais)
	m.Referent("GET "+CheminReferent+"{acces}/donnees.json", h.copy(structure, file), web.CodeFrais)
	m.Gestion("GET "+CheminGestion, metier(h.show(service)))
	m.Gestion("POST "+CheminGestion, metier(h.ask(service)), web.CodeFrais)
	m.Gestion("GET "+CheminGestion+"{acces}/", metier(h.copy(service, page)), web.CodeFrais)
	m.Gestion("GET "+CheminGestion+"{acces}/donnees.json", metier(h.copy(service, file)), web.CodeFrais)
}

// metier leaves everybody but the administration of the métier outside: the
// technical roles have no business with the people helped.
func metier(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if a.Role != actor.AdminMetier {
			return fault.New(fault.NotFound, "pas_metier")
		}
		return f(w, r, a)
	}
}

// scope is the structure that answers; zero for the whole service.
func (e espace) scope(a actor.Actor) ident.OrganisationID {
	if e.tout {
		return ident.OrganisationID{}
	}
	return a.Organisation
}

func (e espace) initiateur() journal.Initiateur {
	if e.tout {
		return journal.Admin
	}
	return journal.Referent
}

func (e espace) whose(a actor.Actor) string {
	if e.tout {
		return "tout le service, archive comprise"
	}
	return a.OrganisationNom
}

// vue is the register and the form.
type vue struct {
	Site     web.Site
	Actor    actor.Actor
	Espace   espace
	Saisie   Saisie
	Champs   fault.Fields
	Demandes []Demande
	Now      db.Time
}

func (h *Handlers) show(e espace) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		return h.render(w, r, vue{Actor: a, Espace: e})
	}
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, v vue) error {
	v.Site = h.Site
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.Demandes, err = register(ctx, tx, v.Espace.scope(v.Actor))
		return err
	})
	if err != nil {
		return err
	}
	if v.Saisie.Recue == "" && len(v.Champs) == 0 {
		v.Saisie.Recue = today(v.Now)
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, registerPage(v))
}

func today(now db.Time) string { return web.Paris(now.Time()).Format(jour) }

// ask records a demand, and leads to its copy.
func (h *Handlers) ask(e espace) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		form, err := web.Form(r, maxForm)
		if err != nil {
			return err
		}
		v := vue{Actor: a, Espace: e, Saisie: Saisie{form.Get("code"), form.Get("verification"), form.Get("recue")}}
		v.Champs = v.Saisie.check(today(h.DB.Now()))
		code, ok := mandat.ParseCode(v.Saisie.Code)
		if !ok {
			v.Champs["code"] = "Saisissez le code imprimé sur un mandat de la personne, par exemple 7K2M-09QX-3F4T."
		}
		if len(v.Champs) > 0 {
			return h.render(w, r, v)
		}
		d := Demande{ID: ident.New[ident.OperationID](), Organisation: e.scope(a), Aidant: a.Aidant, Verification: Verification(v.Saisie.Verification), Recue: v.Saisie.Recue}
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.record(ctx, tx, e, a, d, code) })
		if f := fault.FieldsOf(err); len(f) > 0 {
			v.Champs = f
			return h.render(w, r, v)
		}
		if err != nil {
			return err
		}
		return web.Redirect(w, r, e.chemin+d.ID.String()+"/")
	}
}

// record writes a demand. A code that the space may not open is nobody's.
func (h *Handlers) record(ctx context.Context, tx *db.Tx, e espace, a actor.Actor, d Demande, code string) error {
	m, err := mandat.OfCode(ctx, tx, code)
	if err == nil && !e.tout && (m.Organisation != a.Organisation || m.Archived(tx.Now.Time())) {
		err = fault.New(fault.NotFound, "mandat_introuvable")
	}
	if fault.Is(err, fault.NotFound) {
		return fault.Form(fault.Fields{"code": "Aucun mandat que vous pouvez ouvrir ne porte ce code."})
	}
	if err != nil {
		return err
	}
	d.Usager = m.Usager
	if err := insert(ctx, tx, d); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, line(e, a, d, fait.ExportUsager{Etape: fait.EtapeProduit, Verification: string(d.Verification)}))
}

func line(e espace, a actor.Actor, d Demande, f fait.ExportUsager) journal.Entry {
	return journal.Entry{Initiateur: e.initiateur(), Aidant: a.Aidant, Organisation: d.Organisation, Session: a.Session, Operation: d.ID, Usager: d.Usager, Fait: f}
}

// answer gives a copy, in one of its forms.
type answer func(w http.ResponseWriter, r *http.Request, v copieVue) error

// copieVue is a copy on its page.
type copieVue struct {
	Site    web.Site
	Actor   actor.Actor
	Espace  espace
	Demande Demande
	Copie   Copie
}

// copy gives the copy of a demand, to who recorded it, for one day.
func (h *Handlers) copy(e espace, give answer) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		id, err := web.PathID[ident.OperationID](r, "acces")
		if err != nil {
			return err
		}
		v := copieVue{Site: h.Site, Actor: a, Espace: e}
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			if v.Demande, err = load(ctx, tx, id, e.scope(a), a.Aidant); err != nil {
				return err
			}
			if v.Copie, err = h.gather(ctx, tx, v.Demande, e.whose(a)); err != nil {
				return err
			}
			if err := markGiven(ctx, tx, id); err != nil {
				return err
			}
			return h.Journal.Append(ctx, tx, line(e, a, v.Demande, fait.ExportUsager{Etape: fait.EtapeTelecharge, Verification: string(v.Demande.Verification), Lignes: v.Copie.Rows()}))
		})
		if err != nil {
			return err
		}
		return give(w, r, v)
	}
}

func page(w http.ResponseWriter, r *http.Request, v copieVue) error {
	return web.Render(w, r, http.StatusOK, copiePage(v))
}

func file(w http.ResponseWriter, _ *http.Request, v copieVue) error {
	w.Header().Set("Content-Disposition", `attachment; filename="donnees-personnelles.json"`)
	return web.JSON(w, http.StatusOK, v.Copie)
}
