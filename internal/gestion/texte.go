package gestion

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// columns writes aligned lines for the command line.
func columns(w io.Writer, write func(line func(cells ...any))) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write(func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				_, _ = fmt.Fprint(t, "\t")
			}
			_, _ = fmt.Fprint(t, c)
		}
		_, _ = fmt.Fprintln(t)
	})
	return t.Flush()
}

// WriteModeles writes the catalogue of the messages.
func WriteModeles(w io.Writer, all []outbox.Modele) error {
	return columns(w, func(line func(...any)) {
		line("MODÈLE", "VERS", "PART QUAND")
		for _, m := range all {
			line(m.Genre, m.Vers, m.Quand)
		}
	})
}

// WriteModele writes one text in every variant, with data made up.
func WriteModele(w io.Writer, all []outbox.Modele, genre string) error {
	i := slices.IndexFunc(all, func(m outbox.Modele) bool { return strings.EqualFold(m.Genre, genre) })
	if i < 0 {
		return fault.Form(fault.Fields{"genre": "Aucun modèle n'a ce numéro : « aidantsconnect message list » les donne tous."})
	}
	for _, m := range all[i].Exemples {
		if _, err := fmt.Fprintf(w, "Objet : %s\n\n%s\n----\n", m.Sujet, m.Texte); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes what is not sent: neither the texts nor whole addresses.
func WriteFile(ctx context.Context, tx *db.Tx, o *outbox.Outbox, w io.Writer) error {
	var all []outbox.Etat
	for _, s := range []outbox.Situation{outbox.EnAttente, outbox.EnEchec, outbox.Mort} {
		list, _, err := o.List(ctx, tx, outbox.Filtre{Situation: s, Limite: 500})
		if err != nil {
			return err
		}
		all = append(all, list...)
	}
	return columns(w, func(line func(...any)) {
		line("IDENTIFIANT", "ÉCRIT LE", "MODÈLE", "VERS", "ÉTAT", "ESSAIS", "ERREUR")
		for _, m := range all {
			line(m.ID, web.DateHeure(m.DateCreation.Time()), m.Genre, m.Vers, m.Situation.Libelle(), m.Essais, m.Erreur)
		}
	})
}

// WriteEquipe writes the operator's team.
func WriteEquipe(ctx context.Context, tx *db.Tx, w io.Writer) error {
	list, err := aidant.Equipe(ctx, tx)
	if err != nil {
		return err
	}
	keys := make([]string, len(list))
	for i, m := range list {
		moyens, err := facteur.Load(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		keys[i] = "non"
		if slices.ContainsFunc(moyens.Facteurs, func(f facteur.Facteur) bool { return f.Genre == facteur.Passkey }) {
			keys[i] = "oui"
		}
	}
	return columns(w, func(line func(...any)) {
		line("IDENTIFIANT", "ÉTAT", "RÔLE", "CLÉ D'ACCÈS", "COURRIEL", "NOM")
		for i, m := range list {
			state := "actif"
			if !m.Actif {
				state = "désactivé"
			}
			line(m.ID, state, string(m.Role), keys[i], m.Email, m.NomComplet())
		}
	})
}
