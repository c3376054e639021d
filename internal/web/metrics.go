package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests by route pattern and status. Labels are patterns and
// never what a client sent, so their number is bounded.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
}

// NewMetrics makes a registry with the process's own figures.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aidantsconnect_requetes_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "statut"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aidantsconnect_requete_secondes", Help: "Time to answer, by route.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5},
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.latency, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Registry lets other packages add their figures.
func (m *Metrics) Registry() prometheus.Registerer { return m.registry }

// Handler shows the figures; the server mounts it on a listener of its own.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) observe(q *request, status int, d time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(q.pattern, strconv.Itoa(status)).Inc()
	m.latency.WithLabelValues(q.pattern).Observe(d.Seconds())
}
