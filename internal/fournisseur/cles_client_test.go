package fournisseur_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/testkit"

	"github.com/go-jose/go-jose/v4"
)

// destinataire is a client that publishes the keys to encrypt for it.
type destinataire struct {
	*httptest.Server
	reads   atomic.Int64
	answer  atomic.Pointer[http.HandlerFunc] // nil: the keys
	private map[string]any                   // by kid
}

var destKeys = sync.OnceValues(func() (map[string]any, error) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	oaep, err := rsa.GenerateKey(rand.Reader, 2048)
	return map[string]any{"ec": ec, "rsa": oaep}, err
})

func newDestinataire(t testing.TB) *destinataire {
	t.Helper()
	keys, err := destKeys()
	check(t, err)
	d := &destinataire{private: keys}
	doc := d.document(t)
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.reads.Add(1)
		if h := d.answer.Load(); h != nil {
			(*h)(w, r)
			return
		}
		_, _ = w.Write(doc)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *destinataire) document(t testing.TB) []byte {
	t.Helper()
	doc, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: d.private["ec"].(*ecdsa.PrivateKey).Public(), KeyID: "ec", Use: "enc", Algorithm: oidc.ECDHES},
		{Key: d.private["rsa"].(*rsa.PrivateKey).Public(), KeyID: "rsa", Use: "enc", Algorithm: oidc.RSAOAEP256},
	}})
	check(t, err)
	return doc
}

// does makes it answer otherwise; nil: the keys again.
func (d *destinataire) does(h http.HandlerFunc) {
	if h == nil {
		d.answer.Store(nil)
		return
	}
	d.answer.Store(&h)
}

// open decrypts what was sent to it.
func (d *destinataire) open(t testing.TB, raw string) (plain []byte, h jose.Header) {
	t.Helper()
	jwe, err := jose.ParseEncryptedCompact(raw, []jose.KeyAlgorithm{jose.ECDH_ES, jose.RSA_OAEP_256}, []jose.ContentEncryption{jose.A256GCM})
	check(t, err)
	plain, err = jwe.Decrypt(d.private[jwe.Header.KeyID])
	check(t, err)
	return plain, jwe.Header
}

func (d *destinataire) client() oidc.Registration {
	return oidc.Registration{
		ClientID: "chiffre", IDTokenEncAlg: oidc.ECDHES, IDTokenEncEnc: oidc.A256GCM, JWKSURI: d.URL + "/keys",
	}
}

// FI-64: kept 10 minutes at most, read again ahead of need, read within an
// answer only when nothing is kept.
func TestClientKeysAreKept(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	d := newDestinataire(t)
	client := d.client()
	c := fournisseur.NewClesClients(clock.Now, testkit.Log(t))
	ctx := t.Context()
	get := func(wantReads int64) {
		t.Helper()
		before := d.reads.Load()
		keys, err := c.For(ctx, client)
		if err != nil || !keys.Serves(client) {
			t.Fatalf("no key: %v", err)
		}
		if n := d.reads.Load() - before; n != wantReads {
			t.Errorf("%d readings, want %d", n, wantReads)
		}
	}
	get(1) // the cache is empty
	clock.Advance(10*time.Minute - time.Second)
	get(0)
	clock.Advance(time.Second)
	get(1) // too old to be used
	// With Refresh each minute or so, no answer ever reads.
	for range 60 {
		c.Refresh(ctx, oidc.Registrations{client, {ClientID: "autre"}})
		clock.Advance(61 * time.Second)
		get(0)
	}
	if n := d.reads.Load(); n > 2+60/4 {
		t.Errorf("%d readings in an hour", n)
	}
	// It fails: what is kept serves until its end, then nothing does.
	d.does(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	for range 5 {
		c.Refresh(ctx, oidc.Registrations{client})
		get(0)
		clock.Advance(time.Minute)
	}
	clock.Advance(6 * time.Minute)
	if _, err := c.For(ctx, client); !fault.Is(err, fault.Unavailable) {
		t.Errorf("keys past their end: %v", err)
	}
	d.does(nil)
	get(1)
	// Nothing is read for a client without encryption, even with no cache at all.
	var none *fournisseur.ClesClients
	if keys, err := none.For(ctx, oidc.Registration{ClientID: "clair", JWKSURI: d.URL}); err != nil || keys.Serves(client) {
		t.Errorf("a client without encryption: %v", err)
	}
}

// A document that cannot serve is never kept in place of one that does.
func TestClientKeysRefused(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	d := newDestinataire(t)
	client := d.client()
	for name, h := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no key": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) },
		"another status": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write(d.document(t))
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/autre", http.StatusFound) },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"keys":[],"x":"`))
			_, _ = w.Write(make([]byte, 1<<20))
		},
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"keys"`))
		},
	} {
		d.does(nil)
		c := fournisseur.NewClesClients(clock.Now, testkit.Log(t))
		if _, err := c.For(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		d.does(h)
		clock.Advance(5 * time.Minute)
		c.Refresh(t.Context(), oidc.Registrations{client})
		if keys, err := c.For(t.Context(), client); err != nil || !keys.Serves(client) {
			t.Errorf("%s: the good keys were dropped: %v", name, err)
		}
		empty := fournisseur.NewClesClients(clock.Now, testkit.Log(t))
		if _, err := empty.For(t.Context(), client); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Answers that need the same keys at once share one reading; one that is given
// up does not stop it for the others.
func TestClientKeysReadOnce(t *testing.T) {
	d := newDestinataire(t)
	client := d.client()
	arrived, release := make(chan struct{}), make(chan struct{})
	doc := d.document(t)
	d.does(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = w.Write(doc)
	})
	c := fournisseur.NewClesClients(testkit.NewClock(testkit.Start).Now, testkit.Log(t))
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 4)
	go func() { _, err := c.For(ctx, client); errs <- err }()
	<-arrived
	cancel()
	if err := <-errs; !fault.Is(err, fault.Unavailable) {
		t.Errorf("given up: %v", err)
	}
	for range 3 {
		go func() { _, err := c.For(t.Context(), client); errs <- err }()
	}
	close(release)
	for range 3 {
		check(t, <-errs)
	}
	if n := d.reads.Load(); n != 1 {
		t.Errorf("%d readings", n)
	}
}

// A client that never answers costs an answer 2 s and not the 5 s of its end.
func TestClientKeysSilent(t *testing.T) {
	t.Parallel()
	d := newDestinataire(t)
	d.does(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := fournisseur.NewClesClients(testkit.NewClock(testkit.Start).Now, testkit.Log(t))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.For(ctx, d.client()); !fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		t.Errorf("got %v, %v", err, ctx.Err())
	}
}
