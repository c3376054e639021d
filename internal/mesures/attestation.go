package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"aidantsconnect/internal/poids"
)

// preuve is what the evidence costs, without a database of its own.
type preuve struct {
	Attestations []resultat   `json:"attestations"` // document, PDF, record, seal, by kind of seal; nothing is written
	Voies        []poids.Voie `json:"octets_par_mandat"`
}

func proofs(ctx context.Context, dossier string, length time.Duration) (p preuve, err error) {
	for _, sorte := range poids.Sceaux() {
		make, err := poids.Fabrique(sorte)
		if err != nil {
			return p, err
		}
		r, err := repeat(ctx, nil, runtime.NumCPU(), length, func(int) error { return make() })
		if err != nil {
			return p, err
		}
		p.Attestations = append(p.Attestations, r)
	}
	p.Voies, err = poids.Voies(ctx, dossier)
	return p, err
}

func (p preuve) print(out io.Writer) {
	for i, r := range p.Attestations {
		fmt.Fprintf(out, "attestations par seconde (document, PDF, sceau : %s), tous les cœurs : %.0f, p50 %.1f ms, p99 %.1f ms, processeur %.1f ms\n", poids.Sceaux()[i], r.ParSeconde, r.P50, r.P99, r.CPU)
	}
	poids.Imprimer(out, p.Voies)
}
