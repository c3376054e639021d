package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/textos"
)

// figures are what an operator watches besides the requests: FranceConnect's
// calls, our clock, the uses, the keys. Labels are words of closed lists: no
// person, structure or démarche is in them.
type figures struct {
	calls    *prometheus.HistogramVec
	failures *prometheus.CounterVec
	skew     prometheus.Gauge
	uses     *prometheus.CounterVec
	messages *prometheus.CounterVec
	retours  *prometheus.CounterVec
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
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aidantsconnect_messages_essais_total", Help: "Tries to send a message, by channel and outcome: sent, to be tried again, given up.",
		}, []string{"canal", "issue"}),
	}
	f.retours = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "aidantsconnect_sms_retours_total", Help: "Calls of the provider of text messages: answers as they read, deliveries, and what was not believed or not known.",
	}, []string{"issue"})
	for _, i := range textos.Issues {
		f.retours.WithLabelValues(i)
	}
	reg.MustRegister(f.calls, f.failures, f.skew, f.uses, f.messages, f.retours, keys)
	for _, canal := range outbox.Canaux {
		for _, issue := range outbox.Issues {
			f.messages.WithLabelValues(canal, issue)
		}
	}
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

// sms counts the calls of the provider of text messages.
func (f *figures) sms(issue string) { f.retours.WithLabelValues(issue).Inc() }

// message counts how a try to send a message ended.
func (f *figures) message(canal, issue string) { f.messages.WithLabelValues(canal, issue).Inc() }

// file tells at each reading how the queue of the messages is.
type file struct{ s *Server }

var (
	fileDesc   = prometheus.NewDesc("aidantsconnect_messages_file", "Messages that are not sent: waiting, being sent, given up.", []string{"etat"}, nil)
	attendDesc = prometheus.NewDesc("aidantsconnect_message_attente_secondes", "Age of the oldest message that is not sent; 0 when none waits.", nil, nil)
)

// Describe implements prometheus.Collector.
func (file) Describe(ch chan<- *prometheus.Desc) { ch <- fileDesc; ch <- attendDesc }

// Collect implements prometheus.Collector. Without the database there is no
// figure, and /sante/pret says why.
func (x file) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var f outbox.File
	var age time.Duration
	err := x.s.DB.View(ctx, func(tx *db.Tx) (err error) {
		f, err = x.s.Outbox.Count(ctx, tx)
		if !f.PlusAncien.IsZero() {
			age = max(0, tx.Now.Time().Sub(f.PlusAncien.Time()))
		}
		return err
	})
	if err != nil {
		return
	}
	for etat, n := range map[string]int{"en_file": f.EnFile, "en_cours": f.EnCours, "abandonne": f.Echecs} {
		ch <- prometheus.MustNewConstMetric(fileDesc, prometheus.GaugeValue, float64(n), etat)
	}
	ch <- prometheus.MustNewConstMetric(attendDesc, prometheus.GaugeValue, age.Seconds())
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
