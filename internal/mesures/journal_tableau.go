package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

func (m mesuresJournal) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s : le journal\n\n", m.Base)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "une ligne par acte, numérotée chaque seconde\tlignes/s\tacte p50\tacte p99\tretard p50\tretard p99\tretard max\treprises\t\n")
	for _, d := range m.Debits {
		fmt.Fprintf(w, "%d écrivain(s), %d nœud(s)\t%.0f\t%.2f ms\t%.1f ms\t%.0f ms\t%.0f ms\t%.0f ms\t%d\t\n",
			d.Ecrivains, d.Noeuds, d.Bout, d.Actes.P50, d.Actes.P99, d.RetardP50, d.RetardP99, d.RetardMax, d.Actes.Reprises)
	}
	_ = w.Flush()
	fmt.Fprintln(out)
	fmt.Fprintf(w, "preuves, un client\tinclusion p50\tinclusion p99\tcohérence p50\tcohérence p99\tchargé en\t\n")
	for _, t := range m.Tailles {
		fmt.Fprintf(w, "journal de %d lignes\t%.2f ms\t%.2f ms\t%.2f ms\t%.2f ms\t%.0f s\t\n",
			t.Taille, t.Inclusion.P50, t.Inclusion.P99, t.Coherence.P50, t.Coherence.P99, t.Chargement)
	}
	_ = w.Flush()
	fmt.Fprintln(out)
	fmt.Fprintf(w, "contre une simple table, un client\tjournal p50\ttable p50\tde plus\tacte réel p50\tpart\t\n")
	for _, a := range m.Actes {
		part := "non mesurée"
		if a.ActeReel > 0 {
			part = fmt.Sprintf("%.1f %%", 100*a.Part)
		}
		fmt.Fprintf(w, "acte de %d ligne(s)\t%.2f ms\t%.2f ms\t%.2f ms\t%.1f ms\t%s\t\n", a.Lignes, a.Journal.P50, a.Table.P50, a.Surcout, a.ActeReel, part)
	}
	_ = w.Flush()
	fmt.Fprintf(out, "\n%d lignes : %.0f ajoutées par seconde en grands actes, %.0f numérotées par seconde, %.0f vérifiées par seconde, %.0f octets par ligne.\n",
		m.Lignes, m.Ajout, m.Numerote, m.Verifie, m.Octets)
}
