package server_test

import (
	"context"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// visiteur is a kind of visitor of comptes 1.2 and what makes it so. Each has
// an account and a web session of its own.
type visiteur struct {
	titre string

	structure string // "ici": where the objects are; "ailleurs", "close"
	habilite  bool
	referent  bool
	role      actor.Role
	cle       bool // the session was proved by a key

	inactif, sansTextes bool
	pause, code         time.Duration // since the last request, since the last code

	personne     bool
	proprietaire bool // nadia, who made the mandat
	invite       bool // whom the structure asks to join it

	id      ident.AidantID
	session ident.SessionID
	jeton   secret.Text
}

// lesVisiteurs are the columns of docs/acces.md: strangers first, so that what
// belongs to the last ones is still there when the others ask for it.
func lesVisiteurs() []*visiteur {
	return []*visiteur{
		{titre: "personne de connecté", personne: true},
		{titre: "compte désactivé, aidant et référent ici", structure: "ici", habilite: true, referent: true, inactif: true},
		{titre: "aidant et référent d'une structure fermée", structure: "close", habilite: true, referent: true},
		{titre: "aidant et référent ici, sans avoir accepté les textes", structure: "ici", habilite: true, referent: true, sansTextes: true},
		{titre: "aidant et référent ici, inactif depuis quinze minutes", structure: "ici", habilite: true, referent: true, pause: 15 * time.Minute, code: 20 * time.Minute},
		{titre: "aidant et référent ici, dernier code il y a cinq minutes", structure: "ici", habilite: true, referent: true, code: 5 * time.Minute},
		{titre: "aidant d'une autre structure", invite: true, structure: "ailleurs", habilite: true},
		{titre: "référent d'une autre structure", structure: "ailleurs", habilite: true, referent: true},
		{titre: "organisme de formation, utilisateur, avec une clé", structure: "ailleurs", role: actor.UtilisateurOF, cle: true},
		{titre: "organisme de formation, administration, avec une clé", structure: "ailleurs", role: actor.AdminOF, cle: true},
		{titre: "équipe, administration technique, sans clé", structure: "ailleurs", role: actor.AdminTechnique},
		{titre: "équipe, administration métier, avec une clé", structure: "ailleurs", role: actor.AdminMetier, cle: true},
		{titre: "équipe, administration technique, avec une clé", structure: "ailleurs", role: actor.AdminTechnique, cle: true},
		{titre: "référent non aidant ici", structure: "ici", referent: true},
		{titre: "aidant ici, à qui sont les objets", proprietaire: true, structure: "ici", habilite: true},
		{titre: "aidant et référent ici", structure: "ici", habilite: true, referent: true},
	}
}

// installe gives each visitor an account and a session: nadia's and hugo's are
// the demo's, the others are written as they are.
func (r *ronde) installe() []*visiteur {
	r.t.Helper()
	vs := lesVisiteurs()
	ctx := r.t.Context()
	r.orgs = map[string]ident.OrganisationID{"close": ident.New[ident.OrganisationID]()}
	ok(r.t, r.Server.DB.Update(ctx, func(tx *db.Tx) error {
		for where, cle := range map[string]string{"ici": "nadia", "ailleurs": "claire"} {
			all, err := aidant.Structures(ctx, tx, r.compte(cle))
			if err != nil {
				return err
			}
			r.orgs[where] = all[0]
		}
		return exec(ctx, tx, `INSERT INTO organisation (id, nom, nom_tri, siret, adresse, code_postal, ville, active, interne, date_creation)
			VALUES ($1,'Structure fermée','structure fermee','21800021900020','','80000','Valbrune',$2,$2,$3)`, r.orgs["close"], false, tx.Now)
	}))
	for i, v := range vs {
		v.id, v.session, v.jeton = ident.New[ident.AidantID](), ident.New[ident.SessionID](), secret.NewToken()
		switch {
		case v.personne:
		case v.proprietaire:
			v.id = r.compte("nadia")
		default:
			ok(r.t, r.Server.DB.Update(ctx, func(tx *db.Tx) error { return v.insert(ctx, tx, r.orgs[v.structure], i) }))
		}
	}
	return vs
}

// compte is the id of an account of the demo.
func (r *ronde) compte(cle string) ident.AidantID {
	r.t.Helper()
	id, found := ident.Parse[ident.AidantID](personneDe(r.t, r.Monde, cle))
	if !found {
		r.t.Fatalf("no account %s", cle)
	}
	return id
}

func exec(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	_, err := tx.Exec(ctx, query, args...)
	return err
}

// insert writes the account, its place, its roles, a factor, what it signed.
func (v *visiteur) insert(ctx context.Context, tx *db.Tx, org ident.OrganisationID, i int) error {
	email := string(rune('a'+i)) + "@visiteurs.example.org"
	err := exec(ctx, tx, `INSERT INTO aidant (id, prenom, nom, nom_tri, email, profession, actif, habilite, referent_non_aidant, date_creation, role_gestion)
		VALUES ($1,'Visiteur',$2,$2,$3,'',$4,$5,$6,$7,$8)`, v.id, email[:1], email, !v.inactif, v.habilite, v.referent && !v.habilite, tx.Now, v.role)
	if err == nil {
		err = exec(ctx, tx, `INSERT INTO appartenance (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`, ident.New[ident.OperationID](), v.id, org, tx.Now)
	}
	if err == nil && v.referent {
		err = exec(ctx, tx, `INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`, ident.New[ident.OperationID](), v.id, org, tx.Now)
	}
	if err == nil {
		err = exec(ctx, tx, `INSERT INTO facteur (id, aidant_id, genre, graine, pas_secondes, dernier_pas, derive, date_creation, date_confirmation)
			VALUES ($1,$2,'application',$3,30,0,0,$4,$4)`, ident.New[ident.FacteurID](), v.id, []byte("illisible"), tx.Now)
	}
	if v.sansTextes {
		return err
	}
	for _, t := range aidant.Textes {
		if err == nil {
			err = exec(ctx, tx, `INSERT INTO acceptation (aidant_id, document, version, empreinte, date) VALUES ($1,$2,$3,$4,$5)`, v.id, t.Document, t.Version, t.Empreinte(), tx.Now)
		}
	}
	return err
}

// rouvre puts the session of a visitor as it must be when the request arrives.
func (r *ronde) rouvre(v *visiteur) {
	r.t.Helper()
	if v.personne {
		return
	}
	ctx, moyen := r.t.Context(), "code"
	if v.cle {
		moyen = "cle"
	}
	ok(r.t, r.Server.DB.Update(ctx, func(tx *db.Tx) error {
		return exec(ctx, tx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, moyen, date_creation, date_expiration, date_otp, date_activite, echecs, droits)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,0,'')
			ON CONFLICT (id) DO UPDATE SET jeton_empreinte = excluded.jeton_empreinte, date_otp = excluded.date_otp, date_activite = excluded.date_activite, moyen = excluded.moyen, echecs = 0`,
			v.session, r.Config.Cles.Empreintes.Digest("connexion.session", v.jeton.Reveal()), v.id, r.orgs[v.structure], moyen,
			tx.Now.Add(-time.Hour), tx.Now.Add(time.Hour), tx.Now.Add(-v.code), tx.Now.Add(-v.pause))
	}))
}

// objets puts back what the owners may have ended, closed or answered.
func (r *ronde) objets(vs []*visiteur) {
	r.t.Helper()
	var invite ident.AidantID
	for _, v := range vs {
		if v.invite {
			invite = v.id
		}
	}
	ctx, nadia, referent := r.t.Context(), r.compte("nadia"), vs[len(vs)-1].id
	ok(r.t, r.Server.DB.Update(ctx, func(tx *db.Tx) error {
		far := tx.Now.Add(24 * time.Hour)
		return firstError(
			exec(ctx, tx, `INSERT INTO appareil (id, aidant_id, temoin_empreinte, navigateur, date_creation, date_connexion, date_expiration)
				VALUES ($1,$2,$3,'Firefox',$4,$4,$5) ON CONFLICT (id) DO NOTHING`, r.ids["appareil"], nadia, []byte("un autre"), tx.Now, far),
			exec(ctx, tx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, moyen, date_creation, date_expiration, date_otp, date_activite, echecs)
				VALUES ($1,$2,$3,$4,'code',$5,$6,$5,$5,0) ON CONFLICT (id) DO NOTHING`, r.ids["session"], []byte("une autre"), nadia, r.orgs["ici"], tx.Now, far),
			exec(ctx, tx, `INSERT INTO rattachement (id, organisation_id, referent_id, email, nouvel_email, aidant_id, etat, reponse, motif, date_creation)
				VALUES ($1,$2,$3,'invitation@visiteurs.example.org','',$4,'demandee','','',$5)
				ON CONFLICT (id) DO UPDATE SET etat = 'demandee', reponse = '', motif = '', date_reponse = NULL, date_fin = NULL`,
				r.ids["demande"], r.orgs["ici"], referent, invite, tx.Now),
			exec(ctx, tx, `INSERT INTO coreferent (id, organisation_id, referent_id, prenom, nom, profession, email, telephone, etat, reponse, date_creation)
				VALUES ($1,$2,$3,'Ada','Attendue','','ada@visiteurs.example.org','','demandee','',$4)
				ON CONFLICT (id) DO UPDATE SET etat = 'demandee', reponse = '', date_fin = NULL`, r.ids["coreferent"], r.orgs["ici"], referent, tx.Now),
		)
	}))
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
