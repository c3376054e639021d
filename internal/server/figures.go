package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/franceconnect"
)

// figures are what an operator watches besides the requests: FranceConnect's
// calls, our clock, the uses, the keys. Labels are words of closed lists: no
// person, structure or démarche is in them.
type figures struct {
	calls    *prometheus.HistogramVec
	failures *prometheus.CounterVec
	skew     prometheus.Gauge
	uses     *prometheus.CounterVec
}

func newFigures(reg prometheus.Registerer, keys ages) *figures {
	f := &figures{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aidantsconnect_franceconnect_appel_secondes", Help: "Calls to FranceConnect when a person signs: time to the headers, by step and outcome.",
			Buckets: []float64{.05, .1, .2, .5, 1, 2, 5, 10},
		}, []string{"etape", "issue"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aidantsconnect_franceconnect_echecs_total", Help: "Connections of a person that failed, by step and key of the message shown.",
		}, []string{"etape", "cle"}),
		skew: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "aidantsconnect_franceconnect_ecart_secondes", Help: "How far our clock is ahead of FranceConnect's, at its last answer.",
		}),
		uses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aidantsconnect_utilisations_total", Help: "Uses of a mandat, by outcome and reason.",
		}, []string{"issue", "motif"}),
	}
	reg.MustRegister(f.calls, f.failures, f.skew, f.uses, keys)
	for _, i := range fournisseur.Issues() { // a figure that is missing looks like one that is well
		f.uses.WithLabelValues(string(i), "")
	}
	return f
}

// franceconnect is where our client tells its calls.
func (f *figures) franceconnect() franceconnect.Mesures {
	return franceconnect.Mesures{
		Appel: func(etape, issue string, d time.Duration) { f.calls.WithLabelValues(etape, issue).Observe(d.Seconds()) },
		Echec: func(etape, cle string) { f.failures.WithLabelValues(etape, cle).Inc() },
		Ecart: func(d time.Duration) { f.skew.Set(d.Seconds()) },
	}
}

// use counts how a use of a mandat ended.
func (f *figures) use(i fournisseur.Issue, m fournisseur.Motif) {
	f.uses.WithLabelValues(string(i), string(m)).Inc()
}

// ages tells at each reading how old the signing keys are.
type ages struct {
	cles  *cle.Trousseau
	clock func() time.Time
}

var ageDesc = prometheus.NewDesc("aidantsconnect_cle_age_secondes", "Age of our signing keys: since it signs, or since it was drawn when it does not sign yet.", []string{"usage", "etat"}, nil)

// Describe implements prometheus.Collector.
func (ages) Describe(ch chan<- *prometheus.Desc) { ch <- ageDesc }

// Collect implements prometheus.Collector. A retired key only verifies: its age
// says nothing.
func (a ages) Collect(ch chan<- prometheus.Metric) {
	now := a.clock()
	for _, k := range a.cles.All() {
		since := k.DateActivation
		switch k.Etat {
		case cle.Retiree:
			continue
		case cle.Suivante:
			since = k.DateCreation
		}
		ch <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, now.Sub(since).Seconds(), k.Usage, k.Etat)
	}
}
