package db_test

import (
	"encoding/json"
	"testing"
	"time"

	"aidantsconnect/internal/db"

	"pgregory.net/rapid"
)

func TestTimeTextOrderIsTimeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) db.Time {
			// From year 1 to year 9999, by nanosecond.
			return db.At(time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(t, label),
				rapid.Int64Range(0, 999_999_999).Draw(t, label+" ns")))
		}
		a, b := draw("a"), draw("b")
		if a.Before(b) != (a.String() < b.String()) || a.Equal(b) != (a == b) {
			t.Fatalf("%s and %s are not ordered as their texts", a, b)
		}
		var back db.Time
		if err := back.Scan(a.String()); err != nil || back != a {
			t.Fatalf("%s came back as %s (%v)", a, back, err)
		}
	})
}

func TestTimeScan(t *testing.T) {
	at := db.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	for _, src := range []any{at.String(), []byte(at.String()), at.Time(), at.Time().In(time.FixedZone("", 3600))} {
		var got db.Time
		if err := got.Scan(src); err != nil || got != at {
			t.Errorf("%T: %s, %v", src, got, err)
		}
	}
	for _, src := range []any{"2026-03-02", "2026-03-02T09:00:00Z", "2026-03-02 09:00:00.000Z", int64(0)} {
		var got db.Time
		if err := got.Scan(src); err == nil {
			t.Errorf("%v was taken for the instant %s", src, got)
		}
	}
	got := at
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("NULL: %s, %v", got, err)
	}
	if v, err := got.Value(); v != nil || err != nil {
		t.Errorf("the zero instant: %v, %v", v, err)
	}
}

func TestTimeJSON(t *testing.T) {
	for _, want := range []db.Time{{}, db.At(time.Date(2026, 3, 2, 9, 0, 0, 1e6, time.UTC))} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got db.Time
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s came back as %s (%v)", text, got, err)
		}
	}
}
