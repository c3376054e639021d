package main

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/diagnostic"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
)

const description = "Aidants Connect : aider une personne à faire ses démarches en ligne, avec un mandat."

// commandes is the command line, as the help shows it.
type commandes struct {
	Serve      serveCmd      `cmd:"" help:"Lance le service : pages, tâches et messages."`
	Demo       demoCmd       `cmd:"" help:"Lance la démonstration sur cette machine, avec un FranceConnect simulé."`
	Migrate    migrateCmd    `cmd:"" help:"Met la base de données au schéma de ce programme."`
	Config     configCmd     `cmd:"" help:"Affiche la configuration en vigueur, sans les secrets, et ses erreurs."`
	Diagnostic diagnosticCmd `cmd:"" help:"Compare la configuration au FranceConnect qu'elle nomme et dit quoi réparer (code de sortie 1 s'il y a lieu)."`
	Cles       struct {
		Generate clesGenerateCmd `cmd:"" help:"Tire les clés au hasard et les affiche, prêtes pour l'environnement."`
		List     clesListCmd     `cmd:"" help:"Liste les clés de signature et leur état."`
		Rotate   clesRotateCmd   `cmd:"" help:"Tire la clé de signature suivante, publiée aussitôt et qui signera 20 minutes plus tard."`
	} `cmd:"" help:"Clés du service."`
	Journal struct {
		Verify  journalVerifyCmd  `cmd:"" help:"Recalcule tout le journal et dit s'il est intact (code de sortie 1 sinon) ; avec --receipt, vérifie un reçu, hors ligne."`
		Receipt journalReceiptCmd `cmd:"" help:"Affiche le reçu d'une ligne, qui la prouve à qui que ce soit."`
		Follow  journalFollowCmd  `cmd:"" help:"Suit un journal publié ailleurs et alerte s'il cesse de continuer ce qu'il était (code de sortie 1)."`
	} `cmd:"" help:"Journal infalsifiable."`
	Attestation struct {
		Verify attestationVerifyCmd `cmd:"" help:"Contrôle hors ligne un mandat en PDF ou son enregistrement signé (code de sortie 1 s'il est refusé)."`
	} `cmd:"" help:"Mandats signés."`
	Organisation struct {
		Create organisationCreateCmd `cmd:"" help:"Enregistre une structure et affiche son identifiant."`
		List   organisationListCmd   `cmd:"" help:"Liste les structures."`
	} `cmd:"" help:"Structures habilitées."`
	Aidant struct {
		Create aidantCreateCmd `cmd:"" help:"Ouvre un compte et affiche son identifiant, puis le secret de l'application de codes s'il est tiré ici."`
		List   aidantListCmd   `cmd:"" help:"Liste les comptes."`
	} `cmd:"" help:"Comptes des aidants et des référents."`
	Carte struct {
		Import carteImportCmd `cmd:"" help:"Met en stock les cartes à codes d'un fichier : toutes, ou aucune si une ligne est refusée."`
	} `cmd:"" help:"Cartes à codes."`
	Equipe struct {
		Create equipeCreateCmd `cmd:"" help:"Fait entrer une personne dans l'équipe de l'exploitant et l'invite à s'enrôler."`
		List   equipeListCmd   `cmd:"" help:"Liste l'équipe."`
	} `cmd:"" help:"Équipe de l'exploitant, qui ouvre la gestion."`
	Message struct {
		List     messageListCmd     `cmd:"" help:"Liste les modèles de messages."`
		Show     messageShowCmd     `cmd:"" help:"Affiche un modèle, avec des données inventées."`
		File     messageFileCmd     `cmd:"" help:"Liste ce qui attend, échoue ou est abandonné."`
		Relancer messageRelancerCmd `cmd:"" help:"Remet en file un message abandonné."`
	} `cmd:"" help:"Messages envoyés par le programme."`
	Tache struct {
		List     tacheListCmd     `cmd:"" help:"Liste ce que le programme fait de lui-même : état, dernier et prochain passage, dernière erreur."`
		Relancer tacheRelancerCmd `cmd:"" help:"Fait passer une tâche sans attendre son heure."`
	} `cmd:"" help:"Tâches du programme."`
}

type serveCmd struct{ server.Config }

// Run serves until it is asked to stop.
func (s *serveCmd) Run(c *console) error {
	if err := c.lecture.Check(&s.Config); err != nil {
		return err
	}
	return server.Serve(c, s.Config, slog.New(slog.NewJSONHandler(c.stderr, nil)))
}

// demoCmd takes its configuration itself: its own values, and every AC_
// variable that is set.
type demoCmd struct {
	Play     bool   `help:"Joue tout le parcours seule, sur une base temporaire, puis s'arrête."`
	JSON     bool   `name:"json" help:"Une fois prête, n'écrit qu'une ligne JSON sur la sortie standard."`
	Port     int    `default:"3000" placeholder:"N" help:"Port ; 0 en prend un libre, avec une base temporaire."`
	Database string `placeholder:"URL" help:"Joue la démonstration sur cette base : postgres://…"`
	Neuf     bool   `help:"Repart d'une base vide."`
}

// Run plays or serves the demonstration.
func (d *demoCmd) Run(c *console) error {
	return demo.Run(c, demo.Options{Play: d.Play, JSON: d.JSON, Port: d.Port, Database: d.Database, Neuf: d.Neuf}, c.stdout, c.stderr)
}

type migrateCmd struct{ server.Config }

// Run needs the database's address only.
func (m *migrateCmd) Run(c *console) error {
	if err := c.lecture.CheckOnly(&m.Config, "AC_BASE"); err != nil {
		return err
	}
	return server.Migrate(c, m.Config)
}

type configCmd struct{ server.Config }

// Run prints even a wrong configuration: one reads it to repair it.
func (f *configCmd) Run(c *console) error {
	if err := f.Print(c.stdout); err != nil {
		return err
	}
	return c.lecture.Check(&f.Config)
}

type diagnosticCmd struct{ server.Config }

// Run needs a configuration that stands; the world may not.
func (d *diagnosticCmd) Run(c *console) error {
	if err := c.lecture.Check(&d.Config); err != nil {
		return err
	}
	return diagnostic.Run(c, d.Config, diagnostic.Options{}, c.stdout)
}

type clesGenerateCmd struct{}

// Run prints five fresh keys.
func (clesGenerateCmd) Run(c *console) error {
	_, err := fmt.Fprintln(c.stdout, strings.Join(server.NewCles().Variables(), "\n"))
	return err
}

type clesListCmd struct{ server.Config }

// Run lists the signing keys.
func (l *clesListCmd) Run(c *console) error {
	if err := c.lecture.Check(&l.Config); err != nil {
		return err
	}
	return server.ListCles(c, l.Config, c.stdout)
}

type clesRotateCmd struct {
	server.Config
	Usage string `placeholder:"USAGE" help:"fi_es256, fi_rs256, attestation ou journal."`
}

// Run orders the next signing key of a usage.
func (r *clesRotateCmd) Run(c *console) error {
	if err := c.lecture.Check(&r.Config); err != nil {
		return err
	}
	return server.RotateCle(c, r.Config, r.Usage, c.stdout)
}

type journalVerifyCmd struct {
	server.Config
	Receipt  string   `placeholder:"FICHIER" help:"Vérifie ce reçu, sans base ni réseau."`
	Point    string   `placeholder:"FICHIER" help:"Dit si le journal de cette base continue ce point de contrôle, gardé ailleurs."`
	Cle      []string `placeholder:"CLÉ" help:"Clé publique du journal, pour un reçu : celle que publie l'exploitant."`
	Autorite string   `placeholder:"FICHIER" help:"Certificats (PEM) de l'autorité d'horodatage : vérifie aussi les dates qu'elle a certifiées."`
}

// Run needs the database; with the keys of the service it trusts them rather
// than those the database shows.
func (j *journalVerifyCmd) Run(c *console) error {
	if j.Receipt != "" {
		return server.JournalVerifyReceipt(j.Receipt, j.Cle, j.Autorite, c.stdout)
	}
	if j.Point != "" {
		if err := c.lecture.Check(&j.Config); err != nil {
			return err
		}
		return server.JournalVerifyPoint(c, j.Config, j.Point, c.stdout)
	}
	err := c.lecture.CheckOnly(&j.Config, "AC_BASE")
	if err == nil && !j.Cles.Champs.IsZero() {
		err = c.lecture.Check(&j.Config)
	}
	if err != nil {
		return err
	}
	return server.JournalVerify(c, j.Config, j.Autorite, c.stdout)
}

type journalReceiptCmd struct {
	server.Config
	Ligne string `arg:"" help:"Identifiant de la ligne."`
}

// Run prints a receipt.
func (j *journalReceiptCmd) Run(c *console) error {
	if err := c.lecture.Check(&j.Config); err != nil {
		return err
	}
	return server.JournalReceipt(c, j.Config, j.Ligne, c.stdout)
}

// journalFollowCmd needs no configuration: anybody follows a journal.
type journalFollowCmd struct {
	URL        string        `arg:"" help:"Adresse du journal : https://aidants.exemple.fr/journal"`
	Fichier    string        `default:"journal-suivi.json" placeholder:"CHEMIN" help:"Où garder ce qui a été vu : gardez ce fichier."`
	Cle        []string      `placeholder:"CLÉ" help:"Clé publique du journal ; sans elle, celles qu'il montre à la première visite."`
	Intervalle time.Duration `default:"5m" placeholder:"DURÉE" help:"Temps entre deux visites."`
	UneFois    bool          `help:"Une seule visite."`
}

// Run follows until the journal diverges.
func (f *journalFollowCmd) Run(c *console) error {
	return server.JournalFollow(c, server.SuiviJournal{URL: f.URL, Fichier: f.Fichier, Cles: f.Cle, Intervalle: f.Intervalle, UneFois: f.UneFois}, c.stdout)
}

type attestationVerifyCmd struct {
	Fichier  string `arg:"" help:"PDF du mandat, ou enregistrement signé (.json)."`
	Cles     string `name:"cles" required:"" placeholder:"FICHIER" help:"Clés publiques du service, gardées dans un fichier : https://aidants.exemple.fr/.well-known/aidants-connect/cles.json"`
	Autorite string `placeholder:"FICHIER" help:"Certificats (PEM) de l'autorité qui certifie l'exploitant : contrôle aussi à qui est le sceau du PDF, s'il en a un."`
}

// Run needs neither the database nor the network, and no configuration.
func (a *attestationVerifyCmd) Run(c *console) error {
	file, err := readAll(a.Fichier)
	if err != nil {
		return err
	}
	keys, err := readAll(a.Cles)
	if err != nil {
		return err
	}
	var racines *x509.CertPool
	if a.Autorite != "" {
		b, err := readAll(a.Autorite)
		if err != nil {
			return err
		}
		if racines, err = horodatage.ReadRacines(b); err != nil {
			return fmt.Errorf("%s : il faut des certificats en PEM", a.Autorite)
		}
	}
	v, err := attestation.VerifyFile(file, keys, racines)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, strings.Join(v.Summary(), "\n"))
	return err
}

// readAll reads a file named on the command line, 32 MiB at most.
func readAll(name string) ([]byte, error) {
	const most = 32 << 20
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("lecture de %s : %w", name, err)
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s est trop grand pour être une attestation", name)
	}
	return os.ReadFile(name)
}

type organisationCreateCmd struct {
	server.Config
	Nom        string   `placeholder:"NOM" help:"Nom de la structure."`
	Siret      string   `placeholder:"14 CHIFFRES" help:"Numéro SIRET."`
	Adresse    string   `placeholder:"RUE" help:"Numéro et voie."`
	CodePostal string   `placeholder:"5 CHIFFRES" help:"Code postal."`
	Ville      string   `placeholder:"COMMUNE" help:"Commune."`
	Perimetre  []string `placeholder:"DÉMARCHE,…" help:"Démarches permises ; toutes si rien n'est dit."`
	Interne    bool     `help:"Structure de l'exploitant, hors des chiffres publics."`
}

// Run records a structure.
func (o *organisationCreateCmd) Run(c *console) error {
	if err := c.lecture.Check(&o.Config); err != nil {
		return err
	}
	in := organisation.Nouvelle{Nom: o.Nom, Siret: o.Siret, Adresse: o.Adresse, CodePostal: o.CodePostal, Ville: o.Ville, Interne: o.Interne}
	for _, s := range o.Perimetre {
		d, ok := demarche.Parse(s)
		if !ok {
			return fault.Form(fault.Fields{"perimetre": fmt.Sprintf("« %s » n'est pas une démarche. Elles sont : %s.", s, demarche.CSV(demarche.Keys()))})
		}
		in.Perimetre = append(in.Perimetre, d)
	}
	return server.CreateOrganisation(c, o.Config, in, c.stdout)
}

type organisationListCmd struct{ server.Config }

// Run lists the structures.
func (o *organisationListCmd) Run(c *console) error {
	if err := c.lecture.Check(&o.Config); err != nil {
		return err
	}
	return server.ListOrganisations(c, o.Config, c.stdout)
}

type aidantCreateCmd struct {
	server.Config
	Prenom       string `placeholder:"PRÉNOM" help:"Prénom."`
	Nom          string `placeholder:"NOM" help:"Nom."`
	Email        string `placeholder:"COURRIEL" help:"Adresse nominative."`
	Profession   string `placeholder:"MÉTIER" help:"Profession."`
	Organisation string `placeholder:"ID|SIRET" help:"Structure : identifiant ou SIRET."`
	Referent     bool   `help:"Référent de cette structure."`
	NonAidant    bool   `help:"Référent sans droit de conclure des mandats."`
	TotpSecret   string `placeholder:"BASE32" help:"Secret de l'application de codes, pour la mise en route ; tiré au hasard et affiché si rien n'est dit."`
}

// Run opens an account.
func (a *aidantCreateCmd) Run(c *console) error {
	if err := c.lecture.Check(&a.Config); err != nil {
		return err
	}
	return server.CreateAidant(c, a.Config, server.NouvelAidant{
		Nouveau:   aidant.Nouveau{Prenom: a.Prenom, Nom: a.Nom, Email: a.Email, Profession: a.Profession, Referent: a.Referent, NonAidant: a.NonAidant},
		Structure: a.Organisation, TOTP: secret.Text(a.TotpSecret),
	}, c.stdout)
}

type aidantListCmd struct{ server.Config }

// Run lists the accounts.
func (a *aidantListCmd) Run(c *console) error {
	if err := c.lecture.Check(&a.Config); err != nil {
		return err
	}
	return server.ListAidants(c, a.Config, c.stdout)
}

type carteImportCmd struct {
	server.Config
	Fichier string `arg:"" placeholder:"FICHIER" help:"CSV de deux colonnes : numéro de la carte, secret en hexadécimal."`
	Essai   bool   `help:"Dit ce qui serait fait, sans rien changer."`
}

// Run imports cards.
func (i *carteImportCmd) Run(c *console) error {
	if err := c.lecture.Check(&i.Config); err != nil {
		return err
	}
	f, err := os.Open(i.Fichier)
	if err != nil {
		return fault.Form(fault.Fields{"fichier": "Ce fichier ne s'ouvre pas."})
	}
	defer f.Close()
	return server.ImportCards(c, i.Config, server.ImportCartes{Fichier: f, Essai: i.Essai, Progress: c.stderr}, c.stdout)
}
