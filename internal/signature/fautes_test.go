package signature_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/simulateur"
)

// issue is what our screens answer to a fault of FranceConnect: the advice of
// §16.1, and what becomes of FranceConnect's own session.
type issue struct {
	cle    string
	sortie string // how the session of FranceConnect is left
}

// How FranceConnect's session is left.
const (
	deconnectee = "logged out"  // an ID token came: its logout was passed through
	ouverte     = "left open"   // no ID token: nothing to log out with, said (FS-36)
	refusee     = "hint denied" // FranceConnect refuses the hint that it sent itself, said
	sansDossier = "restart"     // the answer is nobody's: the restart page
)

// dit is the beginning of an advice, up to what it is filled with.
func dit(cle string) string { return strings.SplitN(franceconnect.Avis(cle), "{", 2)[0] }

// issues gives the answer expected to every fault of an answer that the
// simulation knows. The logout that does not come back refuses nothing: it is
// TestLogoutNotConfirmed's.
func issues() map[simulateur.Faute]issue {
	const verif = franceconnect.CleVerification
	out := map[simulateur.Faute]issue{
		simulateur.FauteSansIss:  {verif, ouverte},
		simulateur.FauteAutreIss: {verif, ouverte},
		simulateur.FauteState:    {franceconnect.CleReprise, sansDossier},

		simulateur.FauteCodeRejoue: {franceconnect.CleDelai, ouverte},
		simulateur.FauteLente:      {franceconnect.CleIndisponible, ouverte},
		simulateur.FauteErreur500:  {franceconnect.ClePanne, ouverte},
		simulateur.FauteTronquee:   {franceconnect.ClePanne, ouverte},
		simulateur.FauteCoupure:    {franceconnect.CleIndisponible, ouverte},

		simulateur.FauteLente.SurUserinfo():     {franceconnect.CleIndisponible, deconnectee},
		simulateur.FauteErreur500.SurUserinfo(): {franceconnect.ClePanne, deconnectee},
		simulateur.FauteTronquee.SurUserinfo():  {franceconnect.ClePanne, deconnectee},
		simulateur.FauteCoupure.SurUserinfo():   {franceconnect.CleIndisponible, deconnectee},
		simulateur.FauteAutreSub:                {verif, deconnectee},
		simulateur.FauteJSON:                    {verif, deconnectee},
	}
	// FranceConnect's own end of session does not know a token that it did not
	// sign, or that names another issuer or client.
	for _, f := range []simulateur.Faute{simulateur.FauteCle, simulateur.FauteKid, simulateur.FauteAlg, simulateur.FauteIss, simulateur.FauteAud} {
		out[f] = issue{verif, refusee}
		out[f.SurUserinfo()] = issue{verif, deconnectee}
	}
	for _, f := range []simulateur.Faute{simulateur.FauteExpire, simulateur.FauteSansIat, simulateur.FauteSansSub} {
		out[f] = issue{verif, deconnectee}
		out[f.SurUserinfo()] = issue{verif, deconnectee}
	}
	for _, f := range []simulateur.Faute{simulateur.FauteNonce, simulateur.FauteAtHash, simulateur.FauteSansAcr} {
		out[f] = issue{verif, deconnectee}
	}
	return out
}

// For each fault, our screen shows the advice, nothing is created (FS-24), the
// form is kept (FS-12), and the session of FranceConnect is closed or said to
// be open (FS-13 to FS-17, FS-30, FS-36).
func TestEachFailureOfTheLeg(t *testing.T) {
	known := issues()
	for _, f := range simulateur.Fautes() {
		if _, ok := known[f]; !ok && f != simulateur.FauteDeconnexion {
			t.Errorf("%s has no expected answer", f)
		}
	}
	each(t, func(t *testing.T, b *banc, _ *navigateur) {
		usual := b.h.FC
		for f, want := range known {
			t.Run(string(f), func(t *testing.T) {
				n := b.connecte(alix)
				defer func(outer *testing.T) { b.t = outer }(b.t)
				b.t = t
				start := n.prepare("SHORT", "papiers", "argent")
				if strings.HasSuffix(string(f), string(simulateur.FauteLente)) { // it answers after a minute
					b.h.FC = b.franceconnect(func(c *franceconnect.Config) { c.HTTP = outgoing.NewClient(time.Second) })
				}
				b.sim.Injecter(f)
				n.subir(start, want)
				b.sim.Injecter()
				b.h.FC = usual
				b.rienCree()
				n.garde(start)
			})
		}
		b.h.FC = usual
		n := b.connecte(alix)
		start := n.prepare("SHORT", "papiers", "argent")
		b.sim.Injecter(simulateur.FauteNonce)
		n.subir(start, known[simulateur.FauteNonce])
		b.sim.Injecter()
		n.logout(n.identify(n.garde(start), "ordinaire")).want(t, http.StatusOK, "Récapitulatif", "Papiers", "Argent") // the same dossier goes on
	})
}

// subir plays the leg with the fault on, and checks what the screen says.
func (n *navigateur) subir(start page, want issue) page {
	n.b.t.Helper()
	p := n.identify(start, "ordinaire")
	switch want.sortie {
	case sansDossier:
		return p.want(n.b.t, http.StatusGone, dit(want.cle), "Recommencer")
	case ouverte:
		return p.want(n.b.t, http.StatusOK, "La connexion n’a pas abouti", dit(want.cle), ditSession, "Relancer FranceConnect")
	case refusee:
		p.want(n.b.t, http.StatusBadRequest, "Y000400")
		return n.get(start.url.RequestURI()).want(n.b.t, http.StatusOK, "La connexion n’a pas abouti", dit(want.cle), ditDeconnexion)
	}
	if !strings.HasPrefix(p.url.Host, "fc.") {
		n.b.t.Errorf("the logout is not passed through: %s", p.url)
	}
	p = n.logout(p).want(n.b.t, http.StatusOK, "La connexion n’a pas abouti", dit(want.cle), "Relancer FranceConnect")
	if strings.Contains(p.text, ditSession) || strings.Contains(p.text, ditDeconnexion) {
		n.b.t.Error("a warning after a complete logout")
	}
	return p
}

// rienCree: no person, no identity, no mandat, nothing said to anybody.
func (b *banc) rienCree() {
	b.t.Helper()
	for what, query := range map[string]string{
		"usagers":   `SELECT count(*) FROM usager`,
		"identites": `SELECT count(*) FROM identite`,
		"mandats":   `SELECT count(*) FROM mandat`,
		"dossiers":  `SELECT count(*) FROM dossier_signature WHERE usager_id IS NOT NULL OR statut NOT IN ('ouvert', 'chez_franceconnect')`,
		"lines":     `SELECT count(*) FROM journal_ligne WHERE action IN ('create_usager', 'franceconnect_usager', 'update_identite_usager', 'create_attestation')`,
	} {
		if k := b.count(query); k != 0 {
			b.t.Errorf("%d %s", k, what)
		}
	}
}

// garde: the form still holds what was typed, and the leg can start again.
func (n *navigateur) garde(start page) page {
	n.b.t.Helper()
	id := start.url.Query().Get("dossier")
	form := n.get(signature.CheminCreation+"?dossier="+id).want(n.b.t, http.StatusOK, "Créer un mandat")
	var kept []string
	for _, in := range all(form.doc, "input") {
		for _, a := range in.Attr {
			if a.Key == "checked" {
				kept = append(kept, attr(in, "value"))
			}
		}
	}
	if got := strings.Join(kept, ","); got != "papiers,argent,SHORT,ecran,present" {
		n.b.t.Errorf("the form holds %q", got)
	}
	return n.get(start.url.RequestURI()).want(n.b.t, http.StatusOK, "Papiers", "Argent", "FranceConnect")
}

// Two answers of FranceConnect in parallel, the same one: one is consumed, the
// other leads to the restart page (§18.3, FS-10).
func TestParallelCallbacks(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.Path, signature.CheminRetour) {
				return http.ErrUseLastResponse
			}
			return nil
		}
		answer := n.identify(n.prepare("SHORT", "papiers"), "ordinaire").header.Get("Location")
		n.c.CheckRedirect = nil
		q := n.still()
		statuses := make([]int, 4)
		var wg sync.WaitGroup
		for i := range statuses {
			wg.Go(func() { statuses[i] = q.do(http.MethodGet, answer, nil).status })
		}
		wg.Wait()
		got := map[int]int{}
		for _, s := range statuses {
			got[s]++
		}
		if got[http.StatusSeeOther] != 1 || got[http.StatusGone] != 3 {
			t.Errorf("statuses %v", got)
		}
		if k := b.count(`SELECT count(*) FROM usager`); k != 1 {
			t.Errorf("%d usagers", k)
		}
	})
}

// FS-32: an identity that comes from our own FI is refused, FranceConnect is
// logged out of, and the page says whose account is wanted.
func TestOwnIdentityIsALoop(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		b.h.FC = b.franceconnect(func(c *franceconnect.Config) { c.FIUid = "fi-demo" }) // the test FI is taken for ours
		p := n.logout(n.identify(n.prepare("SHORT", "papiers", "argent"), "ordinaire"))
		p.want(t, http.StatusOK, dit(franceconnect.CleBoucle), "Relancer FranceConnect")
		b.rienCree()
	})
}

// FS-02: only a POST of the dossier's own form starts the leg, and only from
// our site.
func TestOnlyTheFormStartsTheLeg(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		start := n.prepare("SHORT", "papiers")
		n.get(start.url.RequestURI()).want(t, http.StatusOK, "Connexion de la personne") // a link starts nothing
		form := url.Values{"dossier": {start.url.Query().Get("dossier")}}
		req, err := http.NewRequest(http.MethodPost, b.origine+signature.CheminAller, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		resp, err := n.still().c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("another site starts the leg: %d", resp.StatusCode)
		}
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE statut = 'chez_franceconnect'`); k != 0 {
			t.Error("a leg was started")
		}
		n.press(start, "FranceConnect", nil)
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE statut = 'chez_franceconnect'`); k != 1 {
			t.Error("the form starts nothing")
		}
	})
}

// FS-37: the logout goes through pages with a button, without script; no page
// of ours holds a frame, and none may be put in one.
func TestLogoutNeedsNoScriptNorFrame(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		start := n.prepare("SHORT", "papiers")
		p := n.identify(start, "ordinaire")
		pressed := 0
		for ; strings.HasPrefix(p.url.Host, "fc."); pressed++ {
			p = n.press(p, "Continuer", nil)
		}
		if pressed == 0 {
			t.Error("no page of FranceConnect was shown: was the logout silent?")
		}
		for _, p := range []page{start, p} {
			if len(all(p.doc, "iframe"))+len(all(p.doc, "frame"))+len(all(p.doc, "object")) > 0 {
				t.Errorf("%s holds a frame", p.url.Path)
			}
			if csp := p.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") {
				t.Errorf("%s: %s", p.url.Path, csp)
			}
		}
	})
}
