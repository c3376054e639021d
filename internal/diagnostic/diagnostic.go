// Package diagnostic checks a configuration against the FranceConnect that it
// names, against our own public address and the witnesses and the timestamp
// authority of our journal, and says in French what is right,
// what to mend and how, and what cannot be seen from here. It owns no table,
// serves no URL, redeems no code and signs nobody in.
package diagnostic

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/server"
)

// verdict is what a check concludes.
type verdict string

// The verdicts, as they are printed.
const (
	enOrdre   verdict = "ok"
	aCorriger verdict = "à corriger"
	horsVue   verdict = "ne se vérifie pas d'ici"
)

// constat is one line of a diagnostic.
type constat struct {
	verdict verdict
	sujet   string
	detail  string
	remede  string // how to mend it, or where to look
}

// chapitre is a part of a diagnostic.
type chapitre struct {
	titre    string
	constats []constat
}

// examen compares a configuration with the world that it names. It redeems no
// code and signs nobody in; it opens the database as every command does.
type examen struct {
	cfg    server.Config
	http   *http.Client
	clock  func() time.Time
	cles   []cle.Cle // nil: the database could not be read
	decouv decouverte
	out    []chapitre
}

// Delays of a diagnostic: one call, and the whole.
const (
	delaiSonde      = 8 * time.Second
	delaiDiagnostic = 2 * time.Minute
)

// Options are for tests: zero is the machine's clock and network.
type Options struct {
	Clock func() time.Time
	HTTP  *http.Client
}

// Run checks a configuration against the FranceConnect that it names,
// our own public address, our keys and our clients, and says in French what is
// right, what to mend and how, and what cannot be checked from here. It never
// prints a secret. The error is server.ErrACorriger when something is to mend.
func Run(ctx context.Context, cfg server.Config, o Options, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, delaiDiagnostic)
	defer cancel()
	e := &examen{cfg: cfg, http: o.HTTP, clock: o.Clock}
	if e.clock == nil {
		e.clock = server.Now
	}
	if e.http == nil {
		e.http = outgoing.NewClient(delaiSonde)
	}
	// An answer that redirects is one to judge, never to follow.
	judge := *e.http
	judge.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.http = &judge

	e.examineBase(ctx)
	e.examineDecouverte(ctx)
	e.examineClesFC(ctx)
	e.examineAutorisation(ctx)
	e.examineSecret(ctx)
	e.examineProConnect(ctx)
	e.examineOrigine(ctx)
	e.examineClients(ctx)
	e.examineCles()
	e.examineJournal(ctx)
	e.examineSceau()
	e.direLeReste()
	return e.print(w)
}

// chapter opens a part; what follows is in it.
func (e *examen) chapter(titre string) { e.out = append(e.out, chapitre{titre: titre}) }

func (e *examen) add(c constat) {
	last := &e.out[len(e.out)-1]
	last.constats = append(last.constats, c)
}

func (e *examen) ok(sujet, format string, a ...any) {
	e.add(constat{verdict: enOrdre, sujet: sujet, detail: fmt.Sprintf(format, a...)})
}

func (e *examen) mend(sujet, detail, remede string) {
	e.add(constat{aCorriger, sujet, detail, remede})
}

func (e *examen) unseen(sujet, detail, remede string) {
	e.add(constat{horsVue, sujet, detail, remede})
}

// examineBase reads the keys, and whether the database is at the schema of this
// program.
func (e *examen) examineBase(ctx context.Context) {
	e.chapter("Base de données")
	keys, err := server.Keys(ctx, e.cfg, e.clock)
	if err != nil {
		// The message may quote the address of the database: it is not shown.
		e.mend("Base", "elle ne s'ouvre pas, ou n'est pas au schéma de ce programme", "Vérifiez AC_BASE et les clés AC_CLE_…, puis lancez « aidantsconnect migrate ».")
		return
	}
	e.cles = keys
	e.ok("Base", "ouverte, au schéma de ce programme")
}

// direLeReste names what only FranceConnect's side knows.
func (e *examen) direLeReste() {
	e.chapter("À vérifier dans l'espace des partenaires de FranceConnect")
	e.unseen("Adresse de retour de déconnexion", e.cfg.Origine+"/logout-callback/", "Elle doit être déclarée ainsi, à la barre près. Un essai complet le montre : le récapitulatif ne doit pas dire que la déconnexion n'est pas confirmée.")
	e.unseen("Exclusion de notre propre fournisseur d'identité", "pour le service qui signe les mandats", "Demandez-la : sans elle, une identité venue d'un mandat pourrait en signer un autre.")
	e.unseen("Page d'information de FranceConnect", "elle doit être montrée à la personne", "Ne demandez pas l'inscription à la liste qui la saute.")
	e.unseen("Adresses et secret de notre fournisseur d'identité", "tels que FranceConnect les a enregistrés", "Comparez-les à ce que donne docs/exploitation.md ; l'adresse de déconnexion doit être en https.")
	e.unseen("Trajet de FranceConnect vers nous", "pare-feu, filtrage, certificat vu de chez eux", "Ne filtrez ni par adresse ni par certificat. Un essai complet le montre : Y020026 ou Y020027 disent qu'il ne passe pas.")
}

// print writes the diagnostic and its sum.
func (e *examen) print(w io.Writer) error {
	var b strings.Builder
	n := map[verdict]int{}
	for _, c := range e.out {
		fmt.Fprintf(&b, "\n%s\n", c.titre)
		for _, k := range c.constats {
			n[k.verdict]++
			fmt.Fprintf(&b, "  [%s] %s : %s\n", k.verdict, k.sujet, cmp.Or(k.detail, "-"))
			if k.remede != "" {
				fmt.Fprintf(&b, "      → %s\n", k.remede)
			}
		}
	}
	fmt.Fprintf(&b, "\nBilan : %d ok, %d à corriger, %d hors de vue d'ici.\n", n[enOrdre], n[aCorriger], n[horsVue])
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if n[aCorriger] > 0 {
		return server.ErrACorriger
	}
	return nil
}
