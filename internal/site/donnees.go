package site

import "aidantsconnect/internal/web/dsfr"

// Donnee is one line of the page on personal data: what is kept, why, and for
// how long. Lieux names the columns, or the whole tables, where it is, so that
// a test compares the page with the schema (A-W83).
type Donnee struct {
	Quoi, Pourquoi, Duree string
	Lieux                 []string
}

// viePro is how long the data of a professional are kept.
const viePro = "3 ans après le dernier contact, puis 3 ans en archive"

// vieMandat is how long a mandat and what was done under it are kept.
const vieMandat = "6 ans après la fin du mandat"

// DonneesAides are those of the people helped.
var DonneesAides = []Donnee{
	{"Identité transmise par FranceConnect ; adresse électronique et téléphone", "Conclure et utiliser le mandat, prévenir la personne", "3 ans après la fin du dernier mandat, puis 3 ans en archive", nil},
	{"Mandat et preuve de l’accord", "Prouver le mandat", vieMandat, nil},
	{"Journal des actes, sans nom ni adresse", "Montrer que rien n’a été modifié", "Comme le mandat ; la ligne devient ensuite muette", nil},
}

// DonneesComptes are those of the people who sign in.
var DonneesComptes = []Donnee{
	{"Prénom, nom, profession", "Identifier qui agit ; les montrer à la structure et, dans le mandat, à la personne aidée", viePro, []string{"aidant.prenom", "aidant.nom", "aidant.nom_tri", "aidant.profession"}},
	{"Adresse électronique professionnelle", "Se connecter ; recevoir les messages du compte", viePro, []string{"aidant.email"}},
	{"Téléphone mobile professionnel, s’il est donné", "Aider qui a perdu son moyen de connexion", viePro + " ; effacé sur demande depuis le profil", []string{"aidant.telephone"}},
	{"Droits du compte : droit de mandat, rôle dans l’équipe du service", "Décider ce que la personne peut ouvrir", viePro, []string{"aidant.habilite", "aidant.referent_non_aidant", "aidant.role_gestion"}},
	{"État du compte : ouvert ou fermé, depuis quand, pour quelle raison", "Fermer l’accès au départ, rouvrir un compte", viePro, []string{"aidant.actif", "aidant.date_etat", "aidant.motif_etat"}},
	{"Dates d’ouverture, de dernière connexion, d’avertissement et de rappel", "Mettre en sommeil un compte qui ne sert pas, après l’avoir annoncé", viePro, []string{"aidant.date_creation", "aidant.date_connexion", "aidant.date_avertissement", "aidant.date_rappel", "aidant.date_archive", "aidant.date_effacement"}},
	{"Préférences de messages et premiers pas", "N’envoyer que les messages voulus ; guider la première visite", viePro, []string{"aidant.relances", "aidant.nouveautes", "premier_pas"}},
	{"Structures et rôles, avec leurs dates", "Savoir qui agissait pour qui, et quand", viePro, []string{"appartenance", "referent"}},
	{"Textes signés : lequel, quelle version, quand", "Prouver l’engagement", viePro, []string{"acceptation"}},
	{"Moyens de connexion : nature, dates, secret chiffré, retraits et leur raison", "Prouver que c’est bien la personne", "Tant que le compte est ouvert ; retraits : " + viePro, []string{"facteur", "facteur_attente", "facteur_cle", "facteur_defi", "facteur_essai", "facteur_invitation", "facteur_retrait", "facteur_secours"}},
	{"Connexions ouvertes et liens de connexion", "Tenir la session, la montrer à son titulaire", "24 heures au plus", []string{"session_web", "lien_connexion", "premiere_connexion"}},
	{"Compte ProConnect rattaché, s’il y en a un", "Se connecter par l’employeur", "Jusqu’à ce que la personne le détache", []string{"proconnect_compte"}},
	{"Historique des connexions : date, moyen, navigateur, empreinte du réseau", "Prévenir d’une connexion inhabituelle", "12 mois", []string{"empreinte_connexion"}},
	{"Navigateurs déjà utilisés", "Ne pas alerter à chaque connexion", "12 mois après la dernière connexion", []string{"appareil"}},
	{"Changement d’adresse demandé : ancienne et nouvelle", "Confirmer, ou annuler pendant sept jours", "7 jours", []string{"changement_courriel"}},
	{"Mandats conclus et démarches faites par la personne", "Rendre compte à la personne aidée", vieMandat, []string{"mandat", "mandat_fin", "mandat_document", "dossier_signature", "dossier_utilisation", "usage_mandat", "accord_piece", "accord_reglage", "demande_accord", "dialogue_sms"}},
	{"Actes de l’équipe du service sur le compte : lequel, qui, pourquoi", "Contrôler l’équipe elle-même", viePro, []string{"acte_gestion", "accord_gestion"}},
	{"Demandes d’un référent : rattacher un aidant, proposer un co-référent (identité, profession, adresse, téléphone), corriger la structure", "Y répondre, et pouvoir le montrer", viePro, []string{"rattachement", "rattachement_depart", "coreferent", "correction_structure"}},
	{"Adresses en cours de saisie par un référent, chiffrées", "Les garder d’une page à l’autre", "24 heures", []string{"ajout_brouillon"}},
	{"Demandes d’accès d’une personne aidée, et fins déclarées d’un mandat : qui les a enregistrées", "Montrer qui a répondu à la personne", vieMandat, []string{"acces_demande", "evenement_usager", "cessation"}},
	{"Ce qui sort de l’ordinaire dans les actes d’un compte : des nombres, et qui les a vus", "Demander une explication ; rien n’est sanctionné", "12 mois", []string{"detection_signalement"}},
	{"Tâches du service relancées à la main, et par qui", "Contrôler l’équipe elle-même", viePro, []string{"tache_relance"}},
	{"Notifications marquées comme lues", "Ne plus les montrer", viePro, []string{"notification_lecture"}},
	{"Listes de personnes que l’équipe du service importe : identité, profession, adresse, téléphone, chiffrés", "Montrer ce qui serait fait avant de le faire, et ce qui l’a été", "1 heure ; compte rendu : 1 mois", []string{"importation"}},
	{"Messages envoyés : adresse et texte chiffrés", "Prouver l’envoi, renvoyer un message perdu", "90 jours", []string{"message"}},
}

func dataRows(all []Donnee) []dsfr.Ligne {
	out := make([]dsfr.Ligne, len(all))
	for i, d := range all {
		out[i] = dsfr.Ligne{dsfr.Text(d.Quoi), dsfr.Text(d.Pourquoi), dsfr.Text(d.Duree)}
	}
	return out
}
