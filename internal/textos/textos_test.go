package textos

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

// The grammar of mandats.md 13.4: spaces, one final period and the case do not
// count; nothing but the exact word agrees.
func TestRead(t *testing.T) {
	for message, want := range map[string]Mot{
		"Oui": MotAccord, "  Oui  .  ": MotAccord, "OUI": MotAccord, "oui.": MotAccord, "\u00a0oui\n": MotAccord, "OuI .": MotAccord,
		"Non": MotRefus, "non.": MotRefus, " NON ": MotRefus, "Stop": MotArret, "STOP.": MotArret, "stop ": MotArret,
		"Oui;": MotAutre, "Oui non": MotAutre, "Oui !": MotAutre, "oui..": MotAutre, "O u i": MotAutre, "ok": MotAutre, "": MotAutre, ".": MotAutre, "Ouí": MotAutre, "« oui »": MotAutre, "oui, mais non": MotAutre, "1": MotAutre,
	} {
		if got := Read(message, "Oui"); got != want {
			t.Errorf("%q reads %q, not %q", message, got, want)
		}
	}
	if Read("d'accord", "Oui") != MotAutre || Read("ACCEPTE", "Accepte") != MotAccord || Read("oui", "Accepte") != MotAutre {
		t.Error("the word of the configuration")
	}
	for _, s := range []string{"", "o", "non", "Stop", "d’accord", "oui!", strings.Repeat("a", 13), "é"} {
		if _, err := ParseMotAccord(s); err == nil {
			t.Errorf("%q may agree", s)
		}
	}
	if s, err := ParseMotAccord(" Oui "); err != nil || s != "Oui" {
		t.Error("Oui may not agree")
	}
}

// What an answer does, at each stage, in time and late, before and after the
// signature: every case.
func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	mots := []Mot{MotAccord, MotRefus, MotArret, MotAutre}
	for _, c := range []struct {
		what string
		d    Dialogue
		want [4]Effet // oui, non, stop, other
	}{
		{"before the question", Dialogue{Statut: Recapitulatif}, [4]Effet{Rien, Refuse, Refuse, Rien}},
		{"asked", Dialogue{Statut: Question}, [4]Effet{Consent, Refuse, Refuse, Redemander}},
		{"asked again", Dialogue{Statut: Question, Relances: 1}, [4]Effet{Consent, Refuse, Refuse, Rien}},
		{"too late", Dialogue{Statut: Question, Limite: now}, [4]Effet{Tard, Tard, Arreter, Rien}},
		{"too late, told", Dialogue{Statut: Clos, Relances: 2}, [4]Effet{Rien, Rien, Arreter, Rien}},
		{"closed", Dialogue{Statut: Clos}, [4]Effet{Tard, Tard, Arreter, Rien}},
		{"agreed", Dialogue{Statut: Accord}, [4]Effet{Rien, Contredire, Refuse, Rien}},
		{"agreed, contradicted", Dialogue{Statut: Accord, Contredit: true}, [4]Effet{Rien, Rien, Refuse, Rien}},
		{"refused", Dialogue{Statut: Refus}, [4]Effet{Rien, Rien, Arreter, Rien}},
		{"stopped", Dialogue{Statut: Arret}, [4]Effet{}},
		{"signed", Dialogue{Statut: Accord, Mandat: ident.New[ident.MandatID]()}, [4]Effet{Rien, Contredire, Revoque, Rien}},
		{"signed, stopped", Dialogue{Statut: Arret, Mandat: ident.New[ident.MandatID]()}, [4]Effet{}},
	} {
		if c.d.Limite.IsZero() {
			c.d.Limite = now.Add(time.Millisecond)
		}
		for i, m := range mots {
			if got := c.d.Judge(m, now); got != c.want[i] {
				t.Errorf("%s, %s: %q, not %q", c.what, m, got, c.want[i])
			}
		}
	}
}

// A call is believed by its signature, fresh and over this very body, or by the
// network it comes from; by both when both are set; never when none is.
func TestAuthentic(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	key, body := secret.Text(strings.Repeat("k", SecretMin)), []byte(`{"message":"OUI"}`)
	call := func(signature string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, CheminRetour, nil)
		r.Header.Set(EnTete, signature)
		return r
	}
	good := Sign(key, body, now)
	for what, c := range map[string]struct {
		r         Retour
		signature string
		body      string
		want      bool
	}{
		"signed":         {Retour{Secret: key}, good, string(body), true},
		"nothing set":    {Retour{}, good, string(body), false},
		"not signed":     {Retour{Secret: key}, "", string(body), false},
		"another key":    {Retour{Secret: key}, Sign(key+"x", body, now), string(body), false},
		"another body":   {Retour{Secret: key}, good, `{"message":"NON"}`, false},
		"old":            {Retour{Secret: key}, Sign(key, body, now.Add(-tolerance-time.Second)), string(body), false},
		"ahead":          {Retour{Secret: key}, Sign(key, body, now.Add(tolerance+time.Second)), string(body), false},
		"moved instant":  {Retour{Secret: key}, strings.Replace(good, "t=1", "t=2", 1), string(body), false},
		"no hexadecimal": {Retour{Secret: key}, "t=1,v1=zz", string(body), false},
		"from elsewhere": {Retour{Reseaux: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, good, string(body), false},
	} {
		if got := c.r.authentic(call(c.signature), []byte(c.body), now); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	r := Retour{Reseaux: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	if !r.within(netip.MustParseAddr("::ffff:192.0.2.7")) || r.within(netip.MustParseAddr("198.51.100.1")) {
		t.Error("networks")
	}
}

// What providers send, in JSON or as a form; numbers may be texts, and what
// cannot be read is empty.
func TestParse(t *testing.T) {
	e := parse([]byte(`{"originatorAddress":33612345678,"message":"Oui","smsMTCorrelationId":"x","messageId":null,"autre":{"a":1}}`), "application/json")
	if e.de != "33612345678" || e.message != "Oui" || e.lien != "x" || e.id != "" {
		t.Errorf("%+v", e)
	}
	e = parse([]byte("originatorAddress=%2B33612345678&message=Oui+%C3%A9&smsMTCorrelationId=x"), "application/x-www-form-urlencoded; charset=utf-8")
	if e.de != "+33612345678" || e.message != "Oui é" {
		t.Errorf("%+v", e)
	}
	if e = parse([]byte(`{"errorCode":0,"correlationId":"x"}`), ""); e.erreur != "0" || e.remise != "x" || e.de != "" {
		t.Errorf("%+v", e)
	}
	for _, bad := range []string{"", "[]", "null", "{", "\xff", `"x"`} {
		if parse([]byte(bad), "application/json") != (entree{}) {
			t.Errorf("%q read", bad)
		}
	}
	for given, want := range map[string]string{"33612345678": "+33612345678", "+33612345678": "+33612345678", "0612345678": "+33612345678", "508410560": "+508410560"} {
		if got, ok := number(given); !ok || got != want {
			t.Errorf("%s is %s", given, got)
		}
	}
	if _, ok := number("pas un numéro"); ok {
		t.Error("a bad number passes")
	}
}

// Without a provider, or without a way to know its calls, nothing is offered.
func TestNotOffered(t *testing.T) {
	sends := &outbox.Outbox{Config: outbox.Config{SMS: outbox.Dossier{Chemin: t.TempDir()}}}
	key := Retour{Secret: secret.Text(strings.Repeat("k", SecretMin))}
	if (&Handlers{Outbox: &outbox.Outbox{}, Retour: key}).Possible() || (&Handlers{Outbox: sends}).Possible() || (*Handlers)(nil).Possible() {
		t.Error("offered without its means")
	}
	if !(&Handlers{Outbox: sends, Retour: key}).Possible() {
		t.Error("not offered")
	}
}
