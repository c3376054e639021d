package acces

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
)

// Ligne is a row as it is given: the column, in words, and what it holds.
type Ligne []Valeur

// Valeur is one column of one row. The file gives dates as programs read them
// (ISO 8601), the page as people do, at the hour of Paris.
type Valeur struct {
	Nom    string `json:"nom"`
	Valeur string `json:"valeur"`
	Lu     string `json:"-"` // on the page, when it is said otherwise there
}

// Instant is a value of another package's table.
func Instant(nom string, t time.Time) Valeur {
	return Valeur{nom, t.UTC().Format(time.RFC3339), web.DateHeure(t)}
}

// Ecrit is the value on the page.
func (v Valeur) Ecrit() string {
	if v.Lu != "" {
		return v.Lu
	}
	return v.Valeur
}

// source is a table of the copy. Its statement takes the person and the
// structure ($1, $2), or the mandat ($1).
type source struct {
	table    string
	titre    string
	colonnes string // name, and kind when it is not text: "date:i" an instant, "né le:d" a calendar day, "n:n" a number, "b:b" yes or no, "v:v" a word of ours, "u:u" why a use ended, "c:c" an Insee code
	texte    string
	service  bool // of the service, and of no structure: left out of a structure's copy
}

// parPersonne are the tables that name the person. Identifiers of others,
// digests and secrets are not data about the person: they are not read.
//
// reads: usager, identite, usager_contact, evenement_usager, mandat_relation, usage_recent, dossier_signature, dossier_utilisation, demande_accord, dialogue_sms, organisation
var parPersonne = []source{
	{
		table: "usager", titre: "Votre enregistrement", service: true, colonnes: "identifiant;identifiant donné à FranceConnect;première identification:i",
		texte: `SELECT id, sub, date_creation FROM usager WHERE id = $1`,
	},
	{
		table: "identite", titre: "Votre identité, telle que FranceConnect l’a donnée", service: true,
		colonnes: "version:n;prénoms;nom de naissance;nom d’usage;sexe:v;date de naissance:d;commune de naissance:c;pays de naissance:c;adresse électronique;reçue le:i",
		texte:    `SELECT version, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email, date_creation FROM identite WHERE usager_id = $1 ORDER BY version`,
	},
	{
		table: "usager_contact", titre: "Vos coordonnées", colonnes: "structure;adresse électronique;téléphone;changées le:i",
		texte: `SELECT o.nom, c.email, c.telephone, c.date_modification FROM usager_contact c JOIN organisation o ON o.id = c.organisation_id WHERE c.usager_id = $1 AND (c.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY o.nom_tri, o.id`,
	},
	{
		table: "mandat_relation", titre: "Vos relations avec les structures", colonnes: "structure;mandats signés:n;dernière signature:i;nom, pour les listes;noms et date, pour la recherche",
		texte: `SELECT o.nom, r.signatures, r.date_maj, r.nom_tri, r.recherche_tri FROM mandat_relation r JOIN organisation o ON o.id = r.organisation_id WHERE r.usager_id = $1 AND (r.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY o.nom_tri, o.id`,
	},
	{
		table: "usage_recent", titre: "Dernière aide reçue", colonnes: "structure;date:i",
		texte: `SELECT o.nom, x.date FROM usage_recent x JOIN organisation o ON o.id = x.organisation_id WHERE x.usager_id = $1 AND (x.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY o.nom_tri, o.id`,
	},
	{
		table: "dossier_signature", titre: "Préparations de mandats", colonnes: "structure;sorte:v;démarches:v;durée:v;téléphone;étape:v;ouverte le:i;dernier changement:i",
		texte: `SELECT o.nom, d.type, d.demarches, d.duree, d.telephone, d.statut, d.date_creation, d.date_statut FROM dossier_signature d JOIN organisation o ON o.id = d.organisation_id WHERE d.usager_id = $1 AND (d.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY d.date_creation, d.id`,
	},
	{
		table: "dossier_utilisation", titre: "Utilisations demandées à FranceConnect, étape par étape", colonnes: "structure;démarche:v;présence:v;données demandées:v;étape:v;pourquoi:u;commencée le:i;dernier changement:i",
		texte: `SELECT o.nom, d.demarche, d.presence, d.scope, d.statut, d.motif, d.date_creation, d.date_statut FROM dossier_utilisation d JOIN organisation o ON o.id = d.organisation_id WHERE d.usager_id = $1 AND (d.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY d.date_creation, d.id`,
	},
	{
		table: "evenement_usager", titre: "Décès et mesures de protection notés", colonnes: "noté par;nature:v;su par:v;arrivé le:i;noté le:i;où cela en est:v;pourquoi:v;décidé le:i",
		texte: `SELECT o.nom, e.motif, e.source, e.date_effet, e.date_connue, e.statut, e.verification, e.date_decision FROM evenement_usager e JOIN organisation o ON o.id = e.organisation_id WHERE e.usager_id = $1 AND (e.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY e.date_connue, e.id`,
	},
	{
		table: "demande_accord", titre: "Demandes d’accord envoyées à distance", colonnes: "structure;moyen:v;présence:v;démarches:v;durée:v;voie:v;étape:v;preuve:v;envoyée le:i;lue le:i;dernier changement:i",
		texte: `SELECT o.nom, d.moyen, d.presence, d.demarches, d.duree, d.voie, d.statut, d.piece_genre, d.date_creation, d.date_lecture, d.date_statut FROM demande_accord d JOIN organisation o ON o.id = d.organisation_id
			WHERE (d.usager_id = $1 OR d.attendu_id = $1) AND (d.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY d.date_creation, d.id`,
	},
	{
		table: "dialogue_sms", titre: "Accord demandé par SMS", colonnes: "structure;démarches:v;durée:v;étape:v;relances:n;NON reçu après l’accord:b;commencé le:i;dernier changement:i",
		texte: `SELECT o.nom, d.demarches, d.duree, d.statut, d.relances, d.contredit, d.date_creation, d.date_statut FROM dialogue_sms d JOIN organisation o ON o.id = d.organisation_id
			WHERE d.usager_id = $1 AND (d.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY d.date_creation, d.demande_id`,
	},
	{
		table: "acces_demande", titre: "Vos demandes d’accès", colonnes: "réponse par;vérification:v;reçue le:d;enregistrée le:i;copie donnée le:i",
		texte: `SELECT COALESCE(o.nom, 'l’équipe du service'), d.verification, d.recue, d.date_creation, d.date_remise FROM acces_demande d LEFT JOIN organisation o ON o.id = d.organisation_id WHERE d.usager_id = $1 AND (d.organisation_id = $2 OR $2 = '` + zero + `') ORDER BY d.date_creation, d.id`,
	},
}

// parMandat are the tables that say something of one mandat.
//
// reads: mandat, autorisation, mandat_fin, revocation_ecrite, cessation_echec, certificat_fin, accord, accord_piece, usage_mandat, renouvellement, rappel_echeance, verification_consultation
var parMandat = []source{
	{
		table: "mandat", titre: "Mandat", colonnes: "identifiant;signé le:i;fin prévue:i;durée:v;à distance:b;téléphone;prénoms;nom de naissance;nom d’usage;sexe:v;date de naissance:d;commune de naissance:c;pays de naissance:c;adresse électronique;structure;SIRET;adresse;code postal;ville;code de vérification;papier:v;papier signé le:i",
		texte: `SELECT id, date_creation, date_expiration, duree, a_distance, telephone, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
			organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville, code_public, papier_statut, papier_date FROM mandat WHERE id = $1`,
	},
	{
		table: "autorisation", titre: "Démarches du mandat", colonnes: "démarche:v;fin prévue:i;arrêtée le:i;pourquoi:v",
		texte: `SELECT demarche, date_expiration, fin, fin_motif FROM autorisation WHERE mandat_id = $1 ORDER BY demarche`,
	},
	{
		table: "mandat_fin", titre: "Fins", colonnes: "raison:v;tout le mandat:b;dite par:v;effet:i;connue le:i",
		texte: `SELECT motif, entier, canal, date_effet, date_connue FROM mandat_fin WHERE mandat_id = $1 ORDER BY date_connue, operation_id`,
	},
	{
		table: "revocation_ecrite", titre: "Révocations que vous avez écrites à l’équipe du service", colonnes: "reçue le;enregistrée le:i",
		texte: `SELECT r.recue, f.date_connue FROM revocation_ecrite r JOIN mandat_fin f ON f.mandat_id = r.mandat_id AND f.operation_id = r.operation_id WHERE r.mandat_id = $1 ORDER BY f.date_connue, r.operation_id`,
	},
	{
		table: "cessation_echec", titre: "Transfert qui n’a pas été fait", colonnes: "pourquoi:v",
		texte: `SELECT raison FROM cessation_echec WHERE mandat_id = $1 ORDER BY cessation_id`,
	},
	{
		table: "certificat_fin", titre: "Certificats de la fin", colonnes: "code;démarche:v;scellé le:i",
		texte: `SELECT c.code_public, COALESCE(a.demarche, ''), c.date_creation FROM certificat_fin c LEFT JOIN autorisation a ON a.id = c.autorisation_id WHERE c.mandat_id = $1 ORDER BY c.date_creation, c.code_public`,
	},
	{
		table: "accord", titre: "Votre accord", colonnes: "moyen:v;présence:v;démarches:v;durée:v;donné le:i;vaut jusqu’au:i;rappels pour la copie:n",
		texte: `SELECT moyen, presence, demarches, duree, date_creation, limite, rappels FROM accord WHERE mandat_id = $1`,
	},
	{
		table: "accord_piece", titre: "Preuves de votre accord", colonnes: "identifiant;nature:v;page:n;type:v;octets:n;recueillie le:i;effacée le:i;annulée le:i;raison de l’annulation:v",
		texte: `SELECT id, genre, rang, type_contenu, taille, date_creation, date_effacement, date_annulation, annulation_motif FROM accord_piece WHERE mandat_id = $1 ORDER BY rang, id`,
	},
	{
		table: "usage_mandat", titre: "Ce qui a été fait en votre nom", colonnes: "date:i;démarche:v;présence:v",
		texte: `SELECT date, demarche, presence FROM usage_mandat WHERE mandat_id = $1 ORDER BY date, operation_id`,
	},
	{
		table: "renouvellement", titre: "Renouvellement", colonnes: "mandat renouvelé;rang sans connexion:n;élargi:b;date:i",
		texte: `SELECT predecesseur_id, rang, elargi, date_creation FROM renouvellement WHERE mandat_id = $1`,
	},
	{
		table: "rappel_echeance", titre: "Rappels avant la fin", colonnes: "à qui:v;fin annoncée:i;messages:n;date:i",
		texte: `SELECT cible, date_expiration, messages, date FROM rappel_echeance WHERE mandat_id = $1 ORDER BY cible`,
	},
	{
		table: "verification_consultation", titre: "Vérifications publiques du mandat", colonnes: "minute:i;sorte:v;nombre:n",
		texte: `SELECT minute, objet, nombre FROM verification_consultation WHERE mandat_id = $1 ORDER BY minute, objet`,
	},
}

// rows reads what a source holds; an empty column is left out.
func (s source) rows(ctx context.Context, tx *db.Tx, args ...any) ([]Ligne, error) {
	texte := s.texte
	if !strings.Contains(texte, "$2") {
		args = args[:1]
	}
	rs, err := tx.Query(ctx, texte, args...)
	columns := strings.Split(s.colonnes, ";")
	out, err := db.Collect(rs, err, func(sc db.Scanner) (Ligne, error) {
		dest := make([]any, len(columns))
		for i, c := range columns {
			switch {
			case strings.HasSuffix(c, ":i"):
				dest[i] = new(db.Time)
			case strings.HasSuffix(c, ":n"):
				dest[i] = new(sql.NullInt64)
			case strings.HasSuffix(c, ":b"):
				dest[i] = new(sql.NullBool)
			default:
				dest[i] = new(sql.NullString)
			}
		}
		if err := sc.Scan(dest...); err != nil {
			return nil, err
		}
		var l Ligne
		for i, c := range columns {
			if v := words(dest[i]); v != "" {
				name, kind, _ := strings.Cut(c, ":")
				l = append(l, Valeur{name, inWords(v, kind), asRead(dest[i], kind)})
			}
		}
		return l, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s of a person: %w", s.table, err)
	}
	return out, nil
}

// asRead is a date as the page writes it; "" for what is not a date.
func asRead(v any, kind string) string {
	switch v := v.(type) {
	case *db.Time:
		return web.DateHeure(v.Time())
	case *sql.NullString:
		if kind == "d" {
			return web.DateCivile(v.String)
		}
	}
	return ""
}

// words is a value as it is given; "" for none.
func words(v any) string {
	switch v := v.(type) {
	case *db.Time:
		if !v.IsZero() {
			return v.Time().UTC().Format(time.RFC3339)
		}
	case *sql.NullInt64:
		if v.Valid {
			return fmt.Sprint(v.Int64)
		}
	case *sql.NullBool:
		if v.Valid && v.Bool {
			return "oui"
		} else if v.Valid {
			return "non"
		}
	case *sql.NullString:
		return v.String
	}
	return ""
}
