package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"aidantsconnect/internal/croissance"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/machine"
)

// rapport is everything, for a program that compares.
type rapport struct {
	Machine     machine.Machine `json:"machine"`
	Date        string          `json:"date"`
	Court       bool            `json:"court"`
	Algorithmes algorithmes     `json:"algorithmes"`
	Preuve      preuve          `json:"preuve"`
	Bases       []mesures       `json:"bases"`
}

// mesures is what one database gave.
type mesures struct {
	Base         string       `json:"base"`
	Usagers      int          `json:"usagers_de_la_structure"`
	Mandats      int          `json:"mandats"`
	Limites      limites      `json:"limites"`
	Chargement   chargement   `json:"chargement"`
	Clients      []parClients `json:"clients"`
	Verification verification `json:"verification"`
	Programme    programme    `json:"programme"`

	Journal mesuresJournal `json:"journal"`
	Neutres mesuresNeutres `json:"reponses_neutres"`

	Listes    []croissance.Palier  `json:"listes"`
	Fermeture croissance.Fermeture `json:"fermeture"`
}

type chargement struct {
	Secondes      float64      `json:"secondes"`
	Verification  verification `json:"verification"`
	Rapprochement float64      `json:"rapprochement_s"`
}

// parClients is everything at one number of clients.
type parClients struct {
	Clients      int      `json:"clients"`
	Utilisations usages   `json:"utilisations"`
	Conclusions  resultat `json:"mandats_conclus"`
	Choix        resultat `json:"page_de_choix"`
	Recherche    resultat `json:"recherche"`
	Liste        resultat `json:"liste_des_usagers"`
}

// verification is a journal numbered and verified.
type verification struct {
	Lignes     int64   `json:"lignes"`
	Numeroter  float64 `json:"numerotees_par_seconde"`
	ParSeconde float64 `json:"verifiees_par_seconde"`
}

// verify numbers what waits and verifies the whole journal: what was measured
// was a service whose proofs hold.
func (b *banc) verify(ctx context.Context) (v verification, err error) {
	step(b.dialecte, "numérotation et vérification du journal")
	begin := time.Now()
	n, err := b.s.Journal.Sequence(ctx)
	if err != nil {
		return v, err
	}
	v.Numeroter = float64(n) / time.Since(begin).Seconds()
	begin = time.Now()
	var r journal.Report
	if r, err = b.s.Journal.Verify(ctx); err != nil {
		return v, err
	}
	if r.NombreFautes > 0 || r.EnAttente > 0 {
		return v, fmt.Errorf("the journal does not verify: %d faults, %d lines waiting", r.NombreFautes, r.EnAttente)
	}
	v.Lignes, v.ParSeconde = r.Taille, float64(r.Taille)/time.Since(begin).Seconds()
	return v, nil
}

// ratio is how much of what the disk allows the uses obtain.
func ratio(u usages, commits resultat) float64 {
	if u.Commits == 0 || commits.ParSeconde == 0 {
		return 0
	}
	return u.ParSeconde / (commits.ParSeconde / u.Commits)
}

func (m mesures) print(out io.Writer) {
	if m.Base != "" {
		m.printService(out)
	}
	if m.Journal.Base != "" {
		m.Journal.print(out)
	}
	if m.Neutres.Base != "" {
		m.Neutres.print(out)
	}
	croissance.Imprimer(out, m.Listes)
	m.Fermeture.Imprimer(out)
}

func (m mesures) printService(out io.Writer) {
	fmt.Fprintf(out, "\n%s : %d usagers dans la structure, %d mandats, %d lignes au journal\n\n", m.Base, m.Usagers, m.Mandats, m.Verification.Lignes)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, r resultat, more string) {
		if r.Nombre == 0 && r.Manque == "" {
			return // not asked
		}
		if r.Manque != "" {
			fmt.Fprintf(w, "%s\t%s\t\t\t\t\t\n", name, r.Manque)
			return
		}
		cpu := ""
		if r.CPU > 0 {
			cpu = fmt.Sprintf("%.2f ms", r.CPU)
		}
		fmt.Fprintf(w, "%s\t%.0f /s\t%.1f ms\t%.1f ms\t%s\t%s\t\n", name, r.ParSeconde, r.P50, r.P99, cpu, more)
	}
	fmt.Fprintf(w, "\tdébit\tp50\tp99\tprocesseur\t\t\n")
	row("limite : commits durables, 1 client", m.Limites.Commits[0], "")
	row(fmt.Sprintf("limite : commits durables, %d clients", parallele), m.Limites.Commits[1], "")
	row("limite : signatures ES256, tous les cœurs", m.Limites.Signatures, "")
	for i, c := range m.Clients {
		u := c.Utilisations
		name := func(what string) string { return fmt.Sprintf("%s, %d client(s)", what, c.Clients) }
		row(name("utilisations complètes"), u.resultat, fmt.Sprintf("%.2f commits, ratio %.0f %%, reprises %d", u.Commits, 100*ratio(u, m.Limites.Commits[i]), u.Reprises))
		row(name("  dont page de choix"), u.Choix, "")
		row(name("  dont /token"), u.Token, "")
		row(name("  dont /userinfo"), u.Userinfo, "")
		row(name("mandats conclus"), c.Conclusions, fmt.Sprintf("%.2f commits, reprises %d", c.Conclusions.Commits, c.Conclusions.Reprises))
		row(name("choisir la personne"), c.Choix, "")
		row(name("chercher la personne"), c.Recherche, "")
		row(name("liste des usagers"), c.Liste, "")
	}
	p := m.Programme
	if p.Manque == "" {
		row(fmt.Sprintf("programme entier, HTTP : utilisations, %d clients", parallele), p.Usages.resultat, "numérotation et messages compris")
		row("  dont page de choix", p.Usages.Choix, "")
		row("  dont /token", p.Usages.Token, "")
		row("  dont /userinfo", p.Usages.Userinfo, "")
	}
	_ = w.Flush()
	fmt.Fprintf(out, "\nChargement : %.0f s. Journal : %.0f lignes numérotées par seconde, %.0f vérifiées par seconde ; vérifié après les mesures.\n",
		m.Chargement.Secondes, m.Chargement.Verification.Numeroter, m.Chargement.Verification.ParSeconde)
	if p.Manque != "" {
		fmt.Fprintln(out, p.Manque)
		return
	}
	fmt.Fprintf(out, "Programme : prêt en %.0f ms (médiane de %d départs), mémoire %.0f Mio au repos, %.0f Mio au plus sous la charge.\n", p.Pret, len(p.Prets), p.Repos, p.Charge)
}
