package transparence_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"

	"golang.org/x/mod/sumdb/note"
)

// receipt makes the receipt of an act, as a file.
func (m *monde) receipt(op ident.OperationID) (b []byte, err error) {
	m.t.Helper()
	id := m.line(op)
	m.view(func(ctx context.Context, tx *db.Tx) error {
		var r transparence.Recu
		r, err = m.Receipt(ctx, tx, id)
		if err == nil {
			b, err = json.MarshalIndent(r, "", " ")
		}
		return nil
	})
	return b, err
}

func TestReceipt(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		m.serve()
		op := m.grow(5)
		m.grow(3)
		b, err := m.receipt(op)
		ok(t, err)
		known := m.known()
		c, err := transparence.CheckReceipt(b, known)
		if err != nil || c.Rang != 4 || c.Point.Taille != 8 || c.Efface || c.Libelle() != "Utilisation d'une autorisation" || !strings.Contains(c.Recu.Contenu, "papiers") {
			t.Errorf("receipt: %+v, %v", c, err)
		}
		// It still proves its line when the journal has grown.
		m.grow(40)
		if _, err := transparence.CheckReceipt(b, known); err != nil {
			t.Errorf("an older receipt: %v", err)
		}
		m.tampered(b, known)
		m.erased(op, known)
	})
}

// tampered changes each part in turn: nothing of it goes unseen.
func (m *monde) tampered(b []byte, known note.Verifiers) {
	m.t.Helper()
	var parts map[string]any
	ok(m.t, json.Unmarshal(b, &parts))
	for name, value := range parts {
		text, isText := value.(string)
		if !isText || text == "" {
			m.t.Fatalf("%s is %v", name, value)
		}
		for _, other := range []any{nil, "", "x", text + " ", flip(text), 7} {
			parts[name] = other
			changed, err := json.Marshal(parts)
			ok(m.t, err)
			if _, err := transparence.CheckReceipt(changed, known); !errors.Is(err, transparence.ErrRecu) && !errors.Is(err, transparence.ErrFaux) {
				m.t.Errorf("%s changed to %v: %v", name, other, err)
			}
		}
		parts[name] = value
	}
	for _, s := range []string{"", "{}", "[]", "null", strings.Repeat("a", transparence.MaxRecu+1), `{"format":"aidants-connect/recu@1"}`} {
		if _, err := transparence.CheckReceipt([]byte(s), known); !errors.Is(err, transparence.ErrRecu) {
			m.t.Errorf("%.20q: %v", s, err)
		}
	}
	if _, err := transparence.CheckReceipt(b, note.VerifierList()); !errors.Is(err, transparence.ErrFaux) {
		m.t.Errorf("the key of another log: %v", err)
	}
	for body, want := range map[string]int{string(b): 200, strings.Replace(string(b), "papiers", "travail", 1): 422, "autre chose": 422} {
		r, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.URL+transparence.CheminRecu, strings.NewReader(url.Values{"recu": {body}}.Encode()))
		ok(m.t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, page, err := transparence.Read(client(), r)
		if err != nil || status != want || strings.Contains(string(page), "Ce reçu est vrai") != (want == 200) {
			m.t.Errorf("page for %.40q: %d, %v", body, status, err)
		}
	}
}

// flip changes one letter in the middle, which stays of the same kind.
func flip(s string) string {
	b := []byte(s)
	i := len(b) / 2
	for b[i] == '=' || b[i] == '\n' || b[i] == '-' || b[i] == '"' {
		i--
	}
	switch b[i] {
	case '9':
		b[i] = '8'
	case 'f', 'z', 'Z':
		b[i]--
	default:
		b[i]++
	}
	return string(b)
}

// erased: without its content the line is proved all the same, and says so.
func (m *monde) erased(op ident.OperationID, known note.Verifiers) {
	m.t.Helper()
	id := m.line(op)
	ok(m.t, m.db.Update(m.t.Context(), func(tx *db.Tx) error { return m.Journal.EraseContent(m.t.Context(), tx, id) }))
	b, err := m.receipt(op)
	ok(m.t, err)
	c, err := transparence.CheckReceipt(b, known)
	if err != nil || !c.Efface || strings.Contains(string(b), "papiers") {
		m.t.Errorf("after the content was erased: %+v, %v", c, err)
	}
}

func TestReceiptOfAWaitingLine(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		op := m.grow(1)
		id := m.line(op)
		ok(t, d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := m.Receipt(t.Context(), tx, ident.New[ident.LigneID]())
			if err == nil {
				t.Error("a receipt of no line")
			}
			return nil
		}))
		if _, err := m.receipt(op); err != nil || id.IsZero() {
			t.Errorf("a numbered line: %v", err)
		}
	})
}

func FuzzCheckReceipt(f *testing.F) {
	f.Add([]byte(`{"format":"aidants-connect/recu@1","ligne":"0","sel":"AA==","preuve":"c2sp.org/tlog-proof@v1\nindex 1\n\nx"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := transparence.CheckReceipt(b, note.VerifierList()); err == nil {
			t.Fatal("proved by nobody's signature")
		}
	})
}
