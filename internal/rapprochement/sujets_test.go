package rapprochement_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/testkit"
)

// acteurs are who the gaps are about: an aidant, a structure that has another
// one beside it, somebody helped.
type acteurs struct {
	m                          *testkit.Monde
	nadia, claire, zoe         ident.AidantID
	ici, ailleurs              ident.OrganisationID
	usager                     ident.UsagerID
	mandat                     ident.MandatID
	dossier                    ident.DossierID
	operation, texte, instants string
}

func readActeurs(t *testing.T, m *testkit.Monde) (a acteurs) {
	t.Helper()
	a.m, a.operation, a.texte, a.instants = m, quoted(ident.New[ident.OperationID]()), "'"+strings.Repeat("0", 64)+"'", "'"+db.At(testkit.Start).String()+"'"
	for i, role := range []actor.Role{actor.AdminTechnique, actor.AdminMetier} {
		err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
			in := gestion.Entrant{Prenom: "Zoé", Nom: "Équipe", Email: fmt.Sprintf("zoe%d@exploitant.example.org", i), Role: role, Commande: gestion.Commande{Par: "essai", Raison: "essai"}}
			if err := tx.QueryRow(t.Context(), `SELECT organisation_id FROM appartenance LIMIT 1`).Scan(&in.Organisation); err != nil {
				return err
			}
			who, _, err := m.Server.Gestion.BringIn(t.Context(), tx, in)
			a.zoe = who.ID
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(t, m); got != nil {
		t.Fatalf("a team: %v", got)
	}
	err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		for who, to := range map[string]*ident.AidantID{"nadia": &a.nadia, "claire": &a.claire} {
			p, err := m.Parcours(who)
			if err != nil {
				return err
			}
			if err := tx.QueryRow(t.Context(), `SELECT id FROM aidant WHERE email = $1`, p.Compte.Courriel).Scan(to); err != nil {
				return err
			}
		}
		err := tx.QueryRow(t.Context(), `SELECT id, organisation_id, usager_id, dossier_id FROM mandat WHERE dossier_id IS NOT NULL`).Scan(&a.mandat, &a.ici, &a.usager, &a.dossier)
		if err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `SELECT organisation_id FROM appartenance WHERE aidant_id = $1`, a.claire).Scan(&a.ailleurs)
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// line appends a line that no act goes with.
func (a acteurs) line(f fait.Fait, change func(*journal.Entry)) func(context.Context, *db.Tx) error {
	e := journal.Entry{Initiateur: journal.Admin, Aidant: a.zoe, Concerne: a.nadia, Organisation: a.ici, Fait: f}
	if change != nil {
		change(&e)
	}
	return func(ctx context.Context, tx *db.Tx) error { return a.m.Server.Journal.Append(ctx, tx, e) }
}

// sql writes rows behind the program. {x} is a new identifier.
func (a acteurs) sql(q string, names ...any) func(context.Context, *db.Tx) error {
	q = strings.ReplaceAll(fmt.Sprintf(q, names...), "{x}", quoted(ident.New[ident.OperationID]()))
	q = strings.ReplaceAll(q, "{t}", a.instants)
	return func(ctx context.Context, tx *db.Tx) error {
		for statement := range strings.SplitSeq(q, ";") {
			n, err := tx.Exec(ctx, statement)
			if err == nil && n == 0 {
				err = fmt.Errorf("nothing done by %s", statement)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func (a acteurs) row(table, where string, changed map[string]string) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error { return copyRow(ctx, tx, table, where, changed) }
}

func id() string { return quoted(ident.New[ident.OperationID]()) }

// subjects alters each part that is not of the mandats.
func subjects(t *testing.T, m *testkit.Monde) []subject {
	t.Helper()
	a := readActeurs(t, m)
	return []subject{
		{"mandats encore", a.mandats()},
		{"structures", a.structures()},
		{"comptes", a.comptes()},
		{"places", a.places()},
		{"facteurs", a.facteurs()},
		{"personnes", a.personnes()},
		{"conservation", a.conservation()},
		{"demandes", a.demandes()},
		{"équipe", a.equipe()},
	}
}

func (a acteurs) mandats() []gap {
	return []gap{
		{kind: "copie_annulee_sans_ligne", write: a.sql(`INSERT INTO accord_piece (id, mandat_id, genre, rang, type_contenu, taille, empreinte, aidant_id, date_creation, date_effacement, date_annulation, annulation_motif, annulation_aidant_id)
			SELECT {x}, mandat_id, 'certification', 9, 'text/plain', 1, empreinte, aidant_id, {t}, {t}, {t}, 'autre', aidant_id FROM accord_piece WHERE genre = 'copie'`)},
		{kind: "transfert_sans_ligne", write: a.row("mandat_fin", "mandat_id = "+quoted(a.mandat)+" AND motif <> 'transfere' AND operation_id = (SELECT y.operation_id FROM mandat_fin y ORDER BY y.operation_id LIMIT 1)", map[string]string{"operation_id": id(), "motif": "'transfere'"})},
		{kind: "ligne_sans_transfert", write: a.line(fait.TransferMandat{Avant: a.ici, Apres: a.ailleurs, DocumentEmpreinte: fait.Empreinte(nil), Motif: "fusion"}, func(e *journal.Entry) {
			e.Usager, e.Mandat, e.Operation = a.usager, a.mandat, ident.New[ident.OperationID]()
		})},
	}
}

func (a acteurs) structures() []gap {
	return []gap{
		{kind: "ligne_sans_perimetre", write: a.sql(`DELETE FROM organisation_demarche WHERE organisation_id = %s`, quoted(a.ailleurs))},
		{kind: "perimetre_sans_ligne", write: a.line(fait.UpdatePerimetreOrganisation{Apres: []demarche.Demarche{demarche.Papiers}}, nil)},
		{kind: "structure_etat", write: a.sql(`UPDATE organisation SET active = false WHERE id = %s`, quoted(a.ailleurs))},
		{kind: "delai_papier_different", write: a.sql(`INSERT INTO accord_reglage (organisation_id, grace_jours, aidant_id, date_maj) VALUES (%s, 7, %s, {t})`, quoted(a.ici), quoted(a.nadia))},
	}
}

func (a acteurs) comptes() []gap {
	stranger := func(e *journal.Entry) { e.Concerne = ident.New[ident.AidantID]() }
	return []gap{
		{kind: "ligne_sans_compte", write: a.line(fait.CreateAidant{}, stranger)},
		{kind: "compte_efface_sans_ligne", write: a.row("aidant", "id = "+quoted(a.nadia), map[string]string{"id": id(), "email": "'efface@exemple.fr'", "date_effacement": a.instants, "date_archive": a.instants})},
		{kind: "-compte_efface_sans_ligne ligne_sans_effacement_compte ligne_sans_passage", write: func(ctx context.Context, tx *db.Tx) error {
			for range 2 { // one for the row above, one of nobody
				if err := a.line(fait.EraseAidant{Motif: "conservation"}, stranger)(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		}},
		{kind: "compte_etat", write: a.sql(`UPDATE aidant SET actif = false WHERE id = %s`, quoted(a.claire))},
		{kind: "compte_droit", write: a.sql(`UPDATE aidant SET habilite = false WHERE id = %s`, quoted(a.claire))},
		{kind: "compte_role", write: a.sql(`UPDATE aidant SET role_gestion = 'admin_metier' WHERE id = %s`, quoted(a.claire))},
		{kind: "texte_sans_ligne", write: a.sql(`INSERT INTO acceptation (aidant_id, document, version, empreinte, date) VALUES (%s, 'cgu', '9', %s, {t})`, quoted(a.claire), a.texte)},
		{kind: "ligne_sans_texte", write: a.line(fait.AcceptCGU{Document: "cgu", Version: "8", Empreinte: fait.Empreinte(nil)}, nil)},
	}
}

func (a acteurs) places() []gap {
	of := func(table string) string { return table }
	return []gap{
		{kind: "place_sans_ligne", write: a.sql(`INSERT INTO `+of("appartenance")+` (id, aidant_id, organisation_id, date_debut) VALUES ({x}, %s, %s, {t})`, quoted(a.nadia), quoted(a.ailleurs))},
		{kind: "ligne_sans_place", write: a.line(fait.AddMembership{}, func(e *journal.Entry) { e.Concerne = a.claire })},
		{kind: "depart_sans_ligne", write: a.sql(`UPDATE appartenance SET date_fin = {t} WHERE aidant_id = %s AND organisation_id = %s`, quoted(a.claire), quoted(a.ailleurs))},
		{kind: "ligne_sans_depart", write: a.line(fait.EndMembership{Motif: "depart"}, nil)},
		{kind: "referent_sans_ligne", write: a.sql(`INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ({x}, %s, %s, {t})`, quoted(a.nadia), quoted(a.ici))},
		{kind: "ligne_sans_referent", write: a.line(fait.DesignateReferent{}, func(e *journal.Entry) { e.Concerne = a.claire })},
		{kind: "fin_referent_sans_ligne", write: a.sql(`UPDATE referent SET date_fin = {t} WHERE aidant_id = %s AND organisation_id = %s`, quoted(a.nadia), quoted(a.ici))},
		{kind: "ligne_sans_fin_referent", write: a.line(fait.EndReferent{Motif: "depart"}, func(e *journal.Entry) { e.Concerne = a.claire })},
	}
}

func (a acteurs) facteurs() []gap {
	serie := fait.CardAssociation{Genre: fait.FacteurCarte, NumeroSerie: "GADT77"}
	return []gap{
		{kind: "facteur_sans_ligne", write: a.row("facteur", "aidant_id = "+quoted(a.nadia), map[string]string{"id": id()})},
		{kind: "ligne_sans_facteur", write: a.line(fait.ConfirmFacteur{Genre: fait.FacteurPasskey}, nil)},
		{kind: "stock_sans_ligne", write: a.sql(`INSERT INTO carte (id, numero_serie, graine, en_service, date_creation, date_modification)
			SELECT {x}, 'GADT88', graine, true, {t}, {t} FROM facteur WHERE aidant_id = %s LIMIT 1`, quoted(a.claire))},
		{kind: "ligne_sans_stock", write: a.line(fait.ImportCard{NumeroSerie: "GADT99"}, nil)},
		{kind: "carte_sans_ligne", write: a.row("facteur", "aidant_id = "+quoted(a.claire), map[string]string{"id": id(), "genre": "'carte'", "carte_id": "(SELECT c.id FROM carte c)", "date_confirmation": "NULL"})},
		{kind: "carte_validee_sans_ligne", write: a.sql(`UPDATE facteur SET date_confirmation = {t} WHERE genre = 'carte'`)},
		{kind: "ligne_sans_carte", write: a.line(serie, nil)},
		{kind: "ligne_sans_validation", write: a.line(fait.CardValidation(serie), nil)},
		{kind: "proconnect_sans_ligne", write: a.sql(`INSERT INTO proconnect_compte (issuer, sub_empreinte, aidant_id, date_creation) SELECT 'x', graine, aidant_id, {t} FROM facteur WHERE genre = 'carte'`)},
		{kind: "ligne_sans_proconnect", write: a.line(fait.LinkProConnect{}, nil)},
		{kind: "secours_sans_ligne", write: a.sql(`INSERT INTO facteur_secours (id, aidant_id, code_empreinte, date_creation, date_expiration) SELECT {x}, aidant_id, graine, {t}, {t} FROM facteur WHERE genre = 'carte'`)},
	}
}

func (a acteurs) personnes() []gap {
	about := func(e *journal.Entry) {
		e.Initiateur, e.Usager, e.Operation = journal.Aidant, a.usager, ident.New[ident.OperationID]()
	}
	of := "id = " + quoted(a.usager)
	return []gap{
		{kind: "personne_sans_ligne", write: a.row("usager", of, map[string]string{"id": id(), "sub": "'autre'", "sub_fc_empreinte": "(SELECT f.graine FROM facteur f ORDER BY f.id LIMIT 1)"})},
		{kind: "ligne_sans_personne", write: a.line(fait.CreateUsager{}, func(e *journal.Entry) { e.Usager = ident.New[ident.UsagerID]() })},
		{kind: "identite_sans_ligne", write: a.row("identite", "usager_id = "+quoted(a.usager)+" AND version = 1", map[string]string{"id": id(), "version": "90"})},
		{kind: "evenement_sans_ligne", write: a.sql(`INSERT INTO evenement_usager (id, usager_id, organisation_id, aidant_id, motif, source, date_effet, date_connue, statut)
			VALUES ({x}, %s, %s, %s, 'deces', 'proche', {t}, {t}, 'signale')`, quoted(a.usager), quoted(a.ici), quoted(a.nadia))},
		{kind: "ligne_sans_evenement", write: a.line(fait.EvenementUsager{Motif: "deces", Etape: fait.EtapeDemandee}, about)},
		{kind: "ligne_sans_gel", write: a.line(fait.HoldUsager{Motif: "enquete"}, about)},
		{kind: "gel_sans_ligne", write: func(ctx context.Context, tx *db.Tx) error {
			// The hold above is lifted, and another is set behind the program, of another person.
			return a.sql(`INSERT INTO conservation_gel (id, usager_id, motif, pose_par, date_debut) SELECT {x}, u.id, 'enquete', %s, {t} FROM usager u WHERE u.sub = 'autre'`, quoted(a.zoe))(ctx, tx)
		}},
		{kind: "acces_sans_ligne", write: a.sql(`INSERT INTO acces_demande (id, usager_id, organisation_id, aidant_id, verification, recue, date_creation) VALUES ({x}, %s, %s, %s, 'piece', '2026-01-01', {t})`,
			quoted(a.usager), quoted(a.ici), quoted(a.nadia))},
		{kind: "ligne_sans_acces", write: a.line(fait.ExportUsager{Etape: fait.EtapeProduit, Verification: "piece"}, about)},
	}
}

func (a acteurs) conservation() []gap {
	run := ident.New[ident.OperationID]()
	passage := `INSERT INTO conservation_passage (id, debut, fin, archives, mandats, usagers, comptes, geles, echecs, empreinte) VALUES (%s, {t}, {t}, 0, %d, 0, 0, 0, 0, '')`
	return []gap{
		{kind: "purge_sans_ligne", before: 6 * 365 * 24 * time.Hour, write: a.line(fait.CreateAttestation{Demarches: []demarche.Demarche{demarche.Papiers}, Jours: 31, DocumentEmpreinte: fait.Empreinte(nil)}, func(e *journal.Entry) {
			e.Usager, e.Mandat, e.Operation = a.usager, ident.New[ident.MandatID](), ident.New[ident.OperationID]()
		})},
		{kind: "-purge_sans_ligne ligne_sans_purge ligne_sans_passage", write: a.line(fait.PurgeRetention{Donnees: "mandat", Lignes: 5}, nil)},
		{kind: "passage_sans_ligne", write: a.sql(passage, id(), 2)},
		{kind: "ligne_sans_passage", write: func(ctx context.Context, tx *db.Tx) error {
			if err := a.sql(passage, quoted(run), 0)(ctx, tx); err != nil {
				return err
			}
			return a.line(fait.EraseUsager{Motif: "conservation"}, func(e *journal.Entry) { e.Usager, e.Operation = ident.New[ident.UsagerID](), run })(ctx, tx)
		}},
	}
}

func (a acteurs) demandes() []gap {
	demande := `INSERT INTO demande_accord (id, dossier_id, organisation_id, aidant_id, moyen, presence, texte_empreinte, demarches, duree, voie, statut, date_creation, date_statut, date_limite)
		SELECT %s, %s, %s, %s, 'courrier', 'absent', f.graine, 'papiers', 'MONTH', 'courrier', '%s', {t}, {t}, {t} FROM facteur f ORDER BY f.id LIMIT 1`
	known := ident.New[ident.OperationID]()
	return []gap{
		{kind: "demande_sans_ligne", write: a.sql(`INSERT INTO coreferent (id, organisation_id, referent_id, prenom, nom, profession, email, telephone, etat, reponse, date_creation)
			VALUES ({x}, %s, %s, 'x', 'x', 'x', 'x@example.org', '', 'demandee', '', {t})`, quoted(a.ici), quoted(a.nadia))},
		{kind: "ligne_sans_demande", write: a.line(fait.ChangeCorrection{Demande: ident.New[ident.OperationID]().String(), Etape: fait.EtapeDemandee}, nil)},
		{kind: "accord_sans_ligne", write: a.sql(demande, id(), quoted(a.dossier), quoted(a.ici), quoted(a.nadia), "envoyee")},
		{kind: "accord_etat", write: func(ctx context.Context, tx *db.Tx) error {
			if err := a.sql(demande, quoted(known), quoted(a.dossier), quoted(a.ici), quoted(a.nadia), "refusee")(ctx, tx); err != nil {
				return err
			}
			return a.line(fait.AskAccord{
				Demarches: []demarche.Demarche{demarche.Papiers}, Jours: 31, Moyen: "courrier", Presence: fait.Absent, Voie: "courrier", Demande: known.String(), TexteEmpreinte: fait.Empreinte(nil),
			}, nil)(ctx, tx)
		}},
	}
}

func (a acteurs) equipe() []gap {
	nowhere := ident.New[ident.OperationID]()
	about := func(e *journal.Entry) { e.Operation = nowhere }
	return []gap{
		{kind: "notification_sans_ligne", write: a.sql(`INSERT INTO notification (id, genre, destinataires, titre, corps, auteur_id, date_creation, courriel_fini) VALUES ({x}, 'alerte', 'tous', 'x', 'x', %s, {t}, true)`, quoted(a.zoe))},
		{kind: "ligne_sans_notification", write: a.line(fait.PublishNotification{Notification: nowhere.String(), Genre: "alerte", Public: "tous"}, nil)},
		{kind: "relecture_sans_ligne", write: a.sql(`INSERT INTO traduction_relecture (id, langue, empreinte, relecteur, qualite, pose_par, date_creation) VALUES ({x}, 'pus', %s, 'x', 'locuteur', %s, {t})`, a.texte, quoted(a.zoe))},
		{kind: "ligne_sans_relecture", write: a.line(fait.ReviewTraduction{Langue: "pus", Empreinte: fait.Empreinte(nil), Qualite: "locuteur"}, about)},
		{kind: "signalement_sans_ligne", write: a.sql(`INSERT INTO detection_signalement (id, regle, organisation_id, sujet, periode, valeur, reference, date_creation, vu_gestion, date_gestion) VALUES ({x}, 'hors_norme', %s, '', '2026-01', 1, 1, {t}, %s, {t})`, quoted(a.ici), quoted(a.zoe))},
		{kind: "relance_sans_ligne", write: a.sql(`INSERT INTO tache_relance (id, nom, motif, auteur_id, date) VALUES ({x}, 'messages', 'essai', %s, {t})`, quoted(a.zoe))},
		{kind: "ligne_sans_relance", write: a.line(fait.ReplayTache{Tache: "messages", Motif: "essai"}, about)},
		{kind: "import_sans_ligne", write: a.sql(`INSERT INTO importation (id, genre, etat, auteur_id, ajouts, modifications, inchangees, refusees, motif, date_creation, date_fin) VALUES ({x}, 'personnes', 'faite', %s, 1, 0, 0, 0, 'reprise', {t}, {t})`, quoted(a.zoe))},
		{kind: "-import_sans_ligne ligne_sans_import", write: func(ctx context.Context, tx *db.Tx) error {
			more := a.line(fait.ImportAidants{Ajouts: 1}, nil)
			return errors.Join(more(ctx, tx), more(ctx, tx)) // one for the row above, one of nothing
		}},
	}
}

// told: the task fails, keeps what it found, and writes once to each person of
// the team; the next day's comparison writes again.
func told(t *testing.T, m *testkit.Monde, want int) {
	t.Helper()
	mails := func() (n int) {
		err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM message WHERE genre = 'journal_ecarts'`).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, after := range []struct {
		wait  time.Duration
		mails int
	}{{0, 2}, {time.Minute, 2}, {24 * time.Hour, 4}} {
		m.Horloge.Avancer(after.wait)
		if n, err := m.Server.Rapproche.Check(t.Context()); n != want || err == nil || !strings.Contains(err.Error(), "mandat_sans_ligne") {
			t.Errorf("the task found %d: %v", n, err)
		}
		if got := mails(); got != after.mails {
			t.Errorf("%d mails, want %d", got, after.mails)
		}
	}
	p, ok, err := m.Server.Rapproche.Last(t.Context())
	if err != nil || !ok || len(p.Ecarts) != want || p.Sortes != want {
		t.Errorf("the report: %v %v %+v", ok, err, p)
	}
	for _, e := range p.Ecarts {
		if !strings.Contains(strings.Join(rapprochement.Genres(), " "), e.Genre) {
			t.Errorf("an unknown kind was kept: %+v", e)
		}
	}
}
