package server

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/transparence"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/note"
)

// newPublication shows the journal, and makes this service the witness of
// others when it is asked to be.
func (cfg Config) newPublication(ctx context.Context, b base) (*transparence.Handlers, error) {
	h := &transparence.Handlers{DB: b.db, Journal: b.journal, Site: b.site, Clock: b.clock, Rythme: cfg.JournalRythme}
	c := outgoing.NewClient(10 * time.Second)
	for _, s := range cfg.JournalTemoins {
		t, err := transparence.NewTemoin(s, c)
		if err != nil {
			return nil, err
		}
		h.Temoins = append(h.Temoins, t)
	}
	if cfg.HorodatageURL != "" {
		racines, err := readRacines(cfg.HorodatageAutorite)
		if err != nil {
			return nil, err
		}
		h.Horodatage = &horodatage.Autorite{URL: cfg.HorodatageURL, Racines: racines, HTTP: outgoing.NewClient(30 * time.Second)}
	}
	if len(cfg.TemoinJournaux) == 0 {
		return h, nil
	}
	if err := b.cles.Ensure(ctx, cle.Temoin); err != nil {
		return nil, err
	}
	key, err := b.cles.Current(cle.Temoin)
	if err != nil {
		return nil, err
	}
	h.Temoin, err = transparence.NewCosignataire(cfg.NomTemoin(), key.Signer, cfg.TemoinJournaux)
	return h, err
}

// maxRacines bounds a file of trusted certificates.
const maxRacines = 1 << 20

func readRacines(path string) (*x509.CertPool, error) {
	b, err := readBounded(path, maxRacines)
	if err != nil {
		return nil, fmt.Errorf("read the certificates of the timestamp authority: %w", err)
	}
	return horodatage.ReadRacines(b)
}

// Publication gives fn the published journal of that configuration, as the
// commands see it.
func Publication(ctx context.Context, cfg Config, clock func() time.Time, fn func(*transparence.Handlers) error) error {
	b, err := open(ctx, cfg, Options{Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	h, err := cfg.newPublication(ctx, b)
	if err == nil {
		err = fn(h)
	}
	return errors.Join(err, b.db.Close())
}

// mailPoint sends the checkpoint of the day to those who keep it elsewhere: a
// journal rewritten whole, with its keys, is caught by any copy of what it was.
func (s *Server) mailPoint(ctx context.Context) (n int, err error) {
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		n = 0
		note, err := s.Journal.Checkpoint(ctx, tx)
		if err != nil || note == "" {
			return err
		}
		day := tx.Now.Time().Format(time.DateOnly)
		for _, to := range s.cfg.JournalDestinataires {
			if err := s.Outbox.Queue(ctx, tx, s.pointMessage(day, note, to)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// genrePoint is the mail of the checkpoint of the day.
const genrePoint = "journal_point"

func (s *Server) pointMessage(day, note, to string) outbox.Message {
	return outbox.Message{
		Cle: genrePoint + "/" + day + "/" + fait.Empreinte([]byte(to)), Genre: genrePoint, Destinataire: to, Sujet: "Point de contrôle du journal, " + day,
		Texte: "Voici où en est le journal aujourd'hui. Gardez ce message : il prouve, plus tard, que rien de ce qui précède n'a été changé.\n\n" + note +
			"\nPour vérifier que le journal continue celui-ci :\naidantsconnect journal follow " + s.cfg.Origine + "/journal\n",
	}
}

// modelePoint shows that mail with a checkpoint made up.
func (s *Server) modelePoint(now db.Time) []outbox.Modele {
	note := "exemple.example.org/journal\n1204\nBase64DeLaRacine=\n\n— exemple.example.org/journal Base64DeLaSignature=\n"
	return []outbox.Modele{{
		Genre: genrePoint, Quand: "chaque jour, si des destinataires sont configurés", Vers: "ceux qui gardent le journal ailleurs",
		Exemples: []outbox.Message{s.pointMessage(now.Time().Format(time.DateOnly), note, "temoin@example.org")},
	}}
}

// retardMax is how long a line may wait for its number: past it the task fails,
// so that somebody looks.
const retardMax = time.Minute

func (s *Server) checkBacklog(ctx context.Context) (int, error) {
	n, age, err := s.Publie.Backlog(ctx)
	if err == nil && age > retardMax {
		err = fmt.Errorf("%d lines of the journal wait for their number, the oldest for %s", n, age.Round(time.Second))
	}
	return n, err
}

// retard tells at each reading how late the numbering of the journal is.
type retard struct {
	publie    *transparence.Handlers
	rapproche *rapprochement.Handlers
}

var (
	retardDesc  = prometheus.NewDesc("aidantsconnect_journal_retard_secondes", "Age of the oldest line of the journal that waits for its number.", nil, nil)
	dateDesc    = prometheus.NewDesc("aidantsconnect_journal_horodatage_age_secondes", "Age of the last date that the timestamp authority certified; absent when none is configured, or before the first.", nil, nil)
	ecartsDesc  = prometheus.NewDesc("aidantsconnect_journal_ecarts", "Kinds of gap between the journal and the tables, by the last daily comparison; absent before the first.", nil, nil)
	attenteDesc = prometheus.NewDesc("aidantsconnect_journal_attente", "Lines of the journal that wait for their number.", nil, nil)
)

// Describe implements prometheus.Collector.
func (retard) Describe(ch chan<- *prometheus.Desc) {
	ch <- retardDesc
	ch <- attenteDesc
	ch <- dateDesc
	ch <- ecartsDesc
}

// Collect implements prometheus.Collector. Without the database there is no
// figure, and /sante/pret says why.
func (r retard) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	n, age, err := r.publie.Backlog(ctx)
	if err != nil {
		return
	}
	ch <- prometheus.MustNewConstMetric(retardDesc, prometheus.GaugeValue, age.Seconds())
	ch <- prometheus.MustNewConstMetric(attenteDesc, prometheus.GaugeValue, float64(n))
	if p, ok, err := r.rapproche.Last(ctx); err == nil && ok {
		ch <- prometheus.MustNewConstMetric(ecartsDesc, prometheus.GaugeValue, float64(p.Sortes))
	}
	if r.publie.Horodatage == nil {
		return
	}
	if at, _, err := r.publie.LastDate(ctx); err == nil && !at.IsZero() {
		ch <- prometheus.MustNewConstMetric(dateDesc, prometheus.GaugeValue, r.publie.DB.Now().Sub(at).Seconds())
	}
}

// JournalReceipt prints the receipt of a line.
func JournalReceipt(ctx context.Context, cfg Config, ligne string, w io.Writer) error {
	id, ok := ident.Parse[ident.LigneID](ligne)
	if !ok {
		return fault.Form(fault.Fields{"ligne": "Ce n'est pas l'identifiant d'une ligne."})
	}
	return withBase(ctx, cfg, func(b base) error {
		h, err := cfg.newPublication(ctx, b)
		if err != nil {
			return err
		}
		var r transparence.Recu
		err = b.db.View(ctx, func(tx *db.Tx) (err error) { r, err = h.Receipt(ctx, tx, id); return err })
		if fault.Is(err, fault.NotFound) {
			return fault.Form(fault.Fields{"ligne": "Le journal n'a pas cette ligne."})
		}
		if err != nil {
			return err
		}
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})
}

// JournalVerifyReceipt verifies a receipt offline and says in French what it
// proves. vkeys are the keys trusted, autorite the file of the certificates of
// the timestamp authority, "" for none.
func JournalVerifyReceipt(path string, vkeys []string, autorite string, w io.Writer) error {
	known, err := transparence.Verifiers(vkeys)
	if err != nil || len(vkeys) == 0 {
		return fault.Form(fault.Fields{"cle": "Donnez la clé publique du journal (nom+empreinte+clé), celle que publie l'exploitant."})
	}
	b, err := readBounded(path, transparence.MaxRecu)
	if err != nil {
		return err
	}
	c, err := transparence.CheckReceipt(b, known)
	if errors.Is(err, transparence.ErrRecu) {
		_, err = fmt.Fprintln(w, "Ce fichier n'est pas un reçu.")
		return errors.Join(ErrACorriger, err)
	}
	if err != nil {
		_, err = fmt.Fprintln(w, "FAUX : ce reçu ne prouve pas sa ligne, ou aucune des clés données ne l'a signé.")
		return errors.Join(journal.ErrAltere, err)
	}
	contenu := c.Recu.Contenu
	if c.Efface {
		contenu = "effacé ; la ligne reste prouvée"
	}
	_, err = fmt.Fprintf(w, "VRAI. Ligne %d du journal %s, parmi %d.\n%s, le %s.\nDétail : %s\n", c.Rang+1, c.Point.Origine, c.Point.Taille, c.Libelle(), c.Recu.Instant, contenu)
	if err != nil || c.Recu.Horodatage == nil {
		return err
	}
	return sayDate(c, known, autorite, w)
}

// sayDate says what the certified date of a receipt is worth.
func sayDate(c transparence.Constat, known note.Verifiers, autorite string, w io.Writer) error {
	if autorite == "" {
		_, err := fmt.Fprintln(w, "Ce reçu porte aussi une date certifiée par un tiers. Pour la vérifier : --autorite FICHIER, les certificats de ce tiers.")
		return err
	}
	racines, err := readRacines(autorite)
	if err != nil {
		return fault.Form(fault.Fields{"autorite": "Il faut un fichier lisible de certificats en PEM."})
	}
	d, err := c.CheckDate(known, racines)
	if err != nil {
		_, err = fmt.Fprintln(w, "FAUX : la date de ce reçu n'est pas certifiée par cette autorité.")
		return errors.Join(journal.ErrAltere, err)
	}
	_, err = fmt.Fprintf(w, "Date certifiée par %s : la ligne existait le %s (UTC).\n", d.Autorite, d.Instant.Format(time.DateTime))
	return err
}

// sayDates verifies every certified date of the database and says so.
func sayDates(ctx context.Context, d *db.DB, autorite string, w io.Writer) error {
	var racines *x509.CertPool
	if autorite != "" {
		var err error
		if racines, err = readRacines(autorite); err != nil {
			return fault.Form(fault.Fields{"autorite": "Il faut un fichier lisible de certificats en PEM."})
		}
	}
	n, fausses, err := transparence.CheckDates(ctx, d, racines)
	switch {
	case err != nil || n == 0:
		return err
	case racines == nil:
		_, err = fmt.Fprintf(w, "Dates certifiées : %d, non vérifiées. Pour les vérifier : --autorite FICHIER.\n", n)
	case len(fausses) == 0:
		_, err = fmt.Fprintf(w, "Dates certifiées : %d, toutes justes.\n", n)
	default:
		_, err = fmt.Fprintf(w, "Dates certifiées : %d, dont %d FAUSSES (points de contrôle %v).\n", n, len(fausses), fausses)
		err = errors.Join(journal.ErrAltere, err)
	}
	return err
}

// JournalVerifyPoint tells whether the journal of the database continues a
// checkpoint kept elsewhere: what to do when a backup was put back.
func JournalVerifyPoint(ctx context.Context, cfg Config, path string, w io.Writer) error {
	b, err := readBounded(path, transparence.MaxRecu)
	if err != nil {
		return err
	}
	return withBase(ctx, cfg, func(base base) error {
		h, err := cfg.newPublication(ctx, base)
		if err != nil {
			return err
		}
		vkeys, err := h.Journal.VerifierKeys()
		if err != nil {
			return err
		}
		known, err := transparence.Verifiers(vkeys)
		if err != nil {
			return err
		}
		kept, err := transparence.FindPoint(string(b), h.Journal.Origine(), known)
		if err != nil {
			_, err = fmt.Fprintln(w, "Ce fichier ne contient pas de point de contrôle signé par ce journal.")
			return errors.Join(ErrACorriger, err)
		}
		err = base.db.View(ctx, func(tx *db.Tx) error { return h.Continues(ctx, tx, kept) })
		if errors.Is(err, transparence.ErrIncoherent) {
			_, say := fmt.Fprintf(w, "CE JOURNAL NE CONTINUE PAS le point gardé (%d lignes) : des lignes ont été perdues ou changées depuis.\n%v\n", kept.Taille, err)
			return errors.Join(journal.ErrAltere, say)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "Ce journal continue le point gardé : les %d premières lignes sont les mêmes.\n", kept.Taille)
		return err
	})
}

func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// SuiviJournal is what the command line asks to follow a journal.
type SuiviJournal struct {
	URL, Fichier string
	Cles         []string
	Intervalle   time.Duration
	UneFois      bool
}

// JournalFollow follows a journal published elsewhere.
func JournalFollow(ctx context.Context, in SuiviJournal, w io.Writer) error {
	s := transparence.Suivi{Lecteur: transparence.NewLecteur(in.URL, outgoing.NewClient(30*time.Second)), Cles: in.Cles, Fichier: in.Fichier, Sortie: w}
	var err error
	if in.UneFois {
		err = s.Once(ctx)
	} else {
		err = s.Watch(ctx, max(in.Intervalle, time.Second))
	}
	if errors.Is(err, transparence.ErrIncoherent) {
		return errors.Join(err, journal.ErrAltere)
	}
	return err
}
