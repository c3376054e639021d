package referent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

const (
	ajout        = "/espace-referent/aidant/ajouter/"
	demandes     = "/espace-referent/aidants/?onglet=demandes"
	deClaire     = "claire.montagnac@tilleuls.example.org"
	deNadia      = "nadia.ferroukhi@valbrune.example.org"
	deDePersonne = "personne.inconnue@nulle-part.example.org"
)

var reJeton = regexp.MustCompile(`name="jeton" value="([^"]+)"`)

// tape goes through the pages up to the recap, and gives its token.
func (m *monde) tape(qui, adresses string) string {
	m.t.Helper()
	m.post(qui, ajout+"profil/", url.Values{"profil": {"formes"}}).leads(ajout + "aidants-formes/")
	m.post(qui, ajout+"aidants-formes/", url.Values{"adresses": {adresses}}).leads(ajout + "confirmation/")
	p := m.get(qui, ajout+"confirmation/").want(http.StatusOK, "Vérifier et confirmer")
	return reJeton.FindStringSubmatch(p.corps)[1]
}

func (m *monde) task(fn func(context.Context, *db.Tx) (int, error)) (n int) {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = fn(ctx, tx)
		return err
	})
	return n
}

func (m *monde) demande(email string) (id ident.RattachementID, etat string) {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, etat FROM rattachement WHERE email = $1 ORDER BY date_creation DESC, id DESC LIMIT 1`, email).Scan(&id, &etat)
	})
	return id, etat
}

// The pages of the wizard, their mistakes, going back.
func TestAjoutPages(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.get("rene", ajout+"confirmation/").leads(ajout + "profil/")
		m.post("rene", ajout+"profil/", nil).want(http.StatusUnprocessableEntity, "Choisissez une situation")
		m.post("rene", ajout+"profil/", url.Values{"profil": {"non_formes"}}).leads(ajout + "aidants-non-formes/")
		m.get("rene", ajout+"aidants-non-formes/").want(http.StatusOK, "Écrivez à l’équipe du service")
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {"ana\n" + deNadia + "\n" + deNadia}}).want(http.StatusUnprocessableEntity, "Ligne 1 : ce n’est pas", "Ligne 3 : cette adresse est déjà dans la liste")
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {deNadia}}).want(http.StatusUnprocessableEntity, "Ligne 1 : cette personne est déjà dans votre structure", deNadia)
		old := m.tape("rene", deDePersonne)
		m.get("rene", ajout+"aidants-formes/").want(http.StatusOK, deDePersonne)
		m.get("hugo", ajout+"confirmation/").leads(ajout + "profil/")
		jeton := m.tape("rene", deDePersonne+"\n"+deClaire)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {old}, "nouvel_email": {"", ""}}).want(http.StatusConflict)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {deDePersonne, "pas une adresse"}}).want(http.StatusUnprocessableEntity, "C’est la même adresse", "adresse électronique valide, ou laissez vide")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {"", "autre.adresse@tilleuls.example.org"}}), travail...)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}}).leads(ajout + "profil/")
		m.get("rene", demandes).want(http.StatusOK, deDePersonne, deClaire, "Demandes en cours (2)")
		m.get("rene", ajout+"aidants-formes/").want(http.StatusOK)
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {deClaire}}).want(http.StatusUnprocessableEntity, "déjà en cours")
		if m.lines("change_structure") != 2 || m.count(`SELECT count(*) FROM ajout_brouillon`) != 0 {
			t.Error("a line is missing, or a draft is left")
		}
	})
}

// No page tells whether an address is known elsewhere, before, during or after
// (A-W74): the pages of an unknown address and of another structure's aidant
// are the same but for the address.
func TestAjoutIsNoOracle(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`UPDATE aidant SET habilite = false, referent_non_aidant = true WHERE id = $1`, m.ids["claire"])
		pages := func(adresse string) (out []string) {
			jeton := m.tape("rene", adresse)
			mask := strings.NewReplacer(adresse, "X", jeton, "J")
			out = append(out, mask.Replace(m.get("rene", ajout+"confirmation/").main()))
			r := m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {""}})
			out = append(out, r.lieu)
			id, _ := m.demande(adresse)
			list := func() {
				mask := strings.NewReplacer(adresse, "X", id.String(), "I")
				out = append(out, mask.Replace(m.get("rene", demandes).main()))
			}
			list()
			m.task(m.Server.Demandes.Tell)
			list()
			m.exec(`DELETE FROM rattachement WHERE id = $1`, id)
			return out
		}
		unknown, notAidant := pages(deDePersonne), pages(deClaire)
		if n := m.mails("E-46"); n != 0 {
			t.Errorf("%d mails to somebody who is no aidant", n)
		}
		m.exec(`UPDATE aidant SET habilite = true, referent_non_aidant = false WHERE id = $1`, m.ids["claire"])
		known := pages(deClaire)
		m.exec(`UPDATE aidant SET actif = false WHERE id = $1`, m.ids["claire"])
		closed := pages(deClaire)
		for i := range unknown {
			if unknown[i] != known[i] || unknown[i] != closed[i] || unknown[i] != notAidant[i] {
				t.Errorf("page %d tells them apart", i)
			}
		}
		if n := m.mails("E-46"); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}

// Thirty addresses a day, then 429 (A-W74).
func TestAjoutIsLimited(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		list := func(prefix string) url.Values {
			var b strings.Builder
			for i := range 15 {
				b.WriteString(prefix + string(rune('a'+i)) + "@nulle-part.example.org\n")
			}
			return url.Values{"adresses": {b.String()}}
		}
		for _, p := range []string{"un", "deux"} {
			m.post("rene", ajout+"aidants-formes/", list(p)).leads(ajout + "confirmation/")
		}
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {deClaire}}).want(http.StatusTooManyRequests)
		m.post("hugo", ajout+"aidants-formes/", url.Values{"adresses": {deClaire}}).leads(ajout + "confirmation/")
	})
}

// decide answers a request as somebody of the operator's team would.
func (m *monde) decide(ctx context.Context, tx *db.Tx, g demande.Genre, of fmt.Stringer, d demande.Decision) error {
	id, _ := ident.Parse[ident.OperationID](of.String())
	s := m.Server.Demandes.Decisions()
	x, err := s.Load(ctx, tx, g, id)
	if err != nil {
		return err
	}
	return s.Decide(ctx, tx, compte.Auteur{Initiateur: journal.Admin, Aidant: m.ids["nadia"]}, x, d)
}

var accepte = demande.Decision{Accepte: true, Motif: demande.Appel}

// The whole way: asked, told, agreed, validated. Only what the aidant chose to
// leave ends (A-W13).
func TestRattachement(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		jeton := m.tape("rene", deClaire)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {"claire.m@valbrune.example.org"}}).leads(demandes)
		id, _ := m.demande(deClaire)
		page := "/espace-aidant/rattachements/" + id.String() + "/"
		m.get("claire", page).want(http.StatusNotFound)
		if m.task(m.Server.Demandes.Tell) != 1 || m.task(m.Server.Demandes.Tell) != 0 || m.mails("E-46") != 1 {
			t.Error("the aidant is not told once")
		}
		m.get("nadia", page).want(http.StatusNotFound)
		m.post("nadia", page, url.Values{"reponse": {"oui"}}).want(http.StatusNotFound)
		m.get("claire", page).want(http.StatusOK, "Maison France services de Valbrune", "René Auberville", "Je quitte Centre social des Tilleuls", "claire.m@valbrune.example.org")
		m.post("claire", page, nil).want(http.StatusUnprocessableEntity, "Choisissez une réponse")
		ctx := t.Context()
		validate := func() error {
			return m.Server.DB.Update(ctx, func(tx *db.Tx) error { return m.decide(ctx, tx, demande.DeRattachement, id, accepte) })
		}
		if err := validate(); !fault.Is(err, fault.NotFound) {
			t.Errorf("validated before the person agreed: %v", err)
		}
		testkit.FailEachStatement(t, m.Server.DB, m.failing("claire", page, url.Values{"reponse": {"oui"}, "quittee": {m.orgs["claire"].String(), m.orgs["rene"].String()}}), travail...)
		m.get("claire", page).want(http.StatusOK, "Vous avez accepté")
		m.post("claire", page, url.Values{"reponse": {"non"}}).want(http.StatusNotFound)
		m.get("rene", demandes).want(http.StatusOK, "Acceptée par la personne")
		m.post("rene", "/espace-referent/demande-changement-structure/"+id.String()+"/annuler/", nil).want(http.StatusNotFound)
		m.update(func(ctx context.Context, tx *db.Tx) error {
			n, _, err := demande.CountToDecide(ctx, tx)
			if n.Total() != 1 || n[demande.DeRattachement] != 1 {
				t.Errorf("%+v", n)
			}
			return err
		})
		testkit.FailEachStatement(t, m.Server.DB, validate, travail...)
		if n := m.count(`SELECT count(*) FROM appartenance WHERE aidant_id = $1 AND date_fin IS NULL AND organisation_id = $2`, m.ids["claire"], m.orgs["rene"]); n != 1 {
			t.Error("not attached")
		}
		if n := m.count(`SELECT count(*) FROM appartenance WHERE aidant_id = $1 AND date_fin IS NULL`, m.ids["claire"]); n != 1 {
			t.Error("the structure she leaves is not left")
		}
		if n := m.count(`SELECT count(*) FROM aidant WHERE email = $1`, deClaire); n != 1 {
			t.Error("a référent's word changed an address")
		}
		m.get("rene", demandes).want(http.StatusOK, "Validée")
	})
}

// A no stays unseen until the delay, when all that waits ends alike; a request
// that ended blocks nothing (A-W37).
func TestRattachementRefusedAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		jeton := m.tape("rene", deClaire+"\n"+deDePersonne)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {"", ""}}).leads(demandes)
		m.task(m.Server.Demandes.Tell)
		id, _ := m.demande(deClaire)
		page := "/espace-aidant/rattachements/" + id.String() + "/"
		m.post("claire", page, url.Values{"reponse": {"non"}}).leads(page)
		m.get("claire", page).want(http.StatusOK, "Vous avez refusé")
		m.get("rene", demandes).want(http.StatusOK, "En attente").lacks("Sans suite</p>")
		if n := m.task(m.Server.Demandes.CloseOld); n != 0 {
			t.Errorf("%d closed too early", n)
		}
		m.Horloge.Avancer(demande.DelaiRattachement)
		if a, b := m.task(m.Server.Demandes.CloseOld), m.task(m.Server.Demandes.CloseOld); a != 2 || b != 0 {
			t.Errorf("%d then %d closed", a, b)
		}
		m.connecte("rene")
		m.get("rene", demandes).want(http.StatusOK, "Demandes en cours (0)")
		m.get("rene", "/espace-referent/").want(http.StatusOK, "2 demandes ont reçu une réponse")
		jeton = m.tape("rene", deClaire)
		m.post("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {""}}).leads(demandes)
		id, etat := m.demande(deClaire)
		if etat != "demandee" {
			t.Error(etat)
		}
		m.post("claire", "/espace-referent/demande-changement-structure/"+id.String()+"/annuler/", nil)
		if _, etat := m.demande(deClaire); etat != "demandee" {
			t.Error("another structure's référent cancelled it")
		}
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", "/espace-referent/demande-changement-structure/"+id.String()+"/annuler/", url.Values{}), travail...)
		if _, etat := m.demande(deClaire); etat != "annulee" {
			t.Error(etat)
		}
	})
}

// A member of another structure of the same référent joins at once.
func TestAjoutImmediat(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`, ident.New[ident.OperationID](), m.ids["rene"], m.orgs["claire"], db.At(testkit.Start))
		jeton := m.tape("rene", deClaire)
		m.get("rene", ajout+"confirmation/").want(http.StatusOK, "dans une autre de vos structures")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", ajout+"confirmation/", url.Values{"jeton": {jeton}, "nouvel_email": {""}}), travail...)
		m.get("rene", m.fiche("claire")).want(http.StatusOK, "Claire Montagnac", "Aussi membre de", "Centre social des Tilleuls")
		if m.mails("E-03") != 1 || m.lines("add_membership") != 1 {
			t.Errorf("%d %d", m.mails("E-03"), m.lines("add_membership"))
		}
		m.exec(`UPDATE aidant SET habilite = false WHERE id = $1`, m.ids["claire"])
		m.exec(`UPDATE appartenance SET date_fin = $2 WHERE aidant_id = $1 AND organisation_id = $3`, m.ids["claire"], db.At(testkit.Start), m.orgs["rene"])
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {deClaire}}).want(http.StatusUnprocessableEntity, "n’est pas habilitée")
	})
}

// A co-référent who is no aidant: asked, decided, answered; cancelled; asked
// again.
func TestCoreferent(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		const page = "/espace-referent/referents/demander/"
		form := url.Values{"prenom": {"Ana"}, "nom": {"Belmonte"}, "profession": {"directrice"}, "email": {"ana.belmonte@valbrune.example.org"}, "telephone": {"0612345678"}}
		m.get("rene", page).want(http.StatusOK, "Demander un co-référent")
		m.post("rene", page, url.Values{"prenom": {"Ana"}}).want(http.StatusUnprocessableEntity, "Indiquez le nom", `value="Ana"`)
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page, form), travail...)
		m.post("rene", page, form).want(http.StatusUnprocessableEntity, "déjà en cours")
		m.get("rene", "/espace-referent/referents/").want(http.StatusOK, "Ana Belmonte", "En attente")
		id := func() (id ident.CoreferentID) {
			m.update(func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT id FROM coreferent WHERE etat = 'demandee'`).Scan(&id)
			})
			return id
		}
		ctx := t.Context()
		if err := m.Server.DB.Update(ctx, func(tx *db.Tx) error {
			return m.decide(ctx, tx, demande.DeCoreferent, ident.New[ident.CoreferentID](), accepte)
		}); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		x := id()
		m.update(func(ctx context.Context, tx *db.Tx) error {
			return m.decide(ctx, tx, demande.DeCoreferent, x, demande.Decision{Motif: demande.Inexact, Reponse: "Il faut une adresse à son nom."})
		})
		m.get("rene", "/espace-referent/referents/").want(http.StatusOK, "Il faut une adresse à son nom.")
		m.post("rene", page, form).leads("/espace-referent/referents/")
		x = id()
		m.post("rene", "/espace-referent/referents/demande/"+x.String()+"/annuler/", nil).leads("/espace-referent/referents/")
		m.post("rene", page, form).leads("/espace-referent/referents/")
		x = id()
		testkit.FailEachStatement(t, m.Server.DB, func() error {
			return m.Server.DB.Update(ctx, func(tx *db.Tx) error { return m.decide(ctx, tx, demande.DeCoreferent, x, accepte) })
		}, travail...)
		m.get("rene", "/espace-referent/referents/").want(http.StatusOK, "Référent, sans droit de conclure des mandats", "Validée")
		if n := m.count(`SELECT count(*) FROM aidant WHERE email = 'ana.belmonte@valbrune.example.org' AND referent_non_aidant`); n != 1 {
			t.Error("no account")
		}
		if n := m.lines("change_coreferent"); n != 6 {
			t.Errorf("%d lines", n)
		}
	})
}

// A correction is proposed, and changes nothing before it is accepted.
func TestCorrection(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		const page = "/espace-referent/organisation/correction/"
		form := url.Values{"nom": {"Maison France services"}, "adresse": {"4 place du Marché"}, "code_postal": {"80000"}, "ville": {"Valbrune"}}
		m.get("rene", page).want(http.StatusOK, "3 place du Marché")
		m.post("rene", page, url.Values{"nom": {"Maison France services de Valbrune"}, "adresse": {"3 place du Marché"}, "code_postal": {"80000"}, "ville": {"Valbrune"}}).want(http.StatusUnprocessableEntity, "Rien ne change")
		m.post("rene", page, url.Values{"code_postal": {"8"}}).want(http.StatusUnprocessableEntity, "code postal de 5 chiffres")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page, form), travail...)
		m.post("hugo", page, form).want(http.StatusUnprocessableEntity, "attend déjà une réponse")
		m.get("rene", "/espace-referent/organisation/").want(http.StatusOK, "4 place du Marché", "3 place du Marché", "Annuler cette proposition")
		var id ident.CorrectionID
		read := func() {
			m.update(func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT id FROM correction_structure WHERE etat = 'demandee'`).Scan(&id)
			})
		}
		read()
		m.post("claire", page+"annuler/", url.Values{"correction": {id.String()}}).want(http.StatusNotFound)
		m.post("rene", page+"annuler/", url.Values{"correction": {id.String()}}).leads("/espace-referent/organisation/")
		m.post("rene", page, form).leads("/espace-referent/organisation/")
		read()
		ctx := t.Context()
		testkit.FailEachStatement(t, m.Server.DB, func() error {
			return m.Server.DB.Update(ctx, func(tx *db.Tx) error { return m.decide(ctx, tx, demande.DeCorrection, id, accepte) })
		}, travail...)
		m.get("rene", "/espace-referent/organisation/").want(http.StatusOK, "4 place du Marché", "Validée").lacks("3 place du Marché")
		if n := m.lines("update_organisation"); n != 1 {
			t.Errorf("%d lines", n)
		}
	})
}

// A draft is forgotten after a day.
func TestDraftsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.tape("rene", deDePersonne)
		if n := m.task(demande.PurgeBrouillons); n != 0 {
			t.Error("too early")
		}
		m.Horloge.Avancer(24 * time.Hour)
		if n := m.task(demande.PurgeBrouillons); n != 1 {
			t.Errorf("%d", n)
		}
		m.get("rene", ajout+"confirmation/").leads(web.CheminConnexion)
	})
}
