package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// layout has a fixed width, so that on SQLite the order of the texts is the
// order of the instants.
const layout = "2006-01-02T15:04:05.000Z"

// Time is an instant in UTC, to the millisecond: what both databases keep. The
// zero Time is NULL. Two equal instants are ==.
type Time struct{ t time.Time }

// At makes a Time, cutting what is under the millisecond.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{time.UnixMilli(t.UnixMilli()).UTC()}
}

// Time gives the standard library's instant, in UTC.
func (t Time) Time() time.Time { return t.t }

// IsZero tells whether there is no instant.
func (t Time) IsZero() bool { return t.t.IsZero() }

// Before tells whether t comes before u.
func (t Time) Before(u Time) bool { return t.t.Before(u.t) }

// After tells whether t comes after u.
func (t Time) After(u Time) bool { return t.t.After(u.t) }

// Equal tells whether both are the same instant.
func (t Time) Equal(u Time) bool { return t.t.Equal(u.t) }

// Compare orders instants as cmp.Compare does.
func (t Time) Compare(u Time) int { return t.t.Compare(u.t) }

// Add moves the instant.
func (t Time) Add(d time.Duration) Time { return At(t.t.Add(d)) }

// AddDate moves the instant by calendar units, in UTC.
func (t Time) AddDate(years, months, days int) Time { return At(t.t.AddDate(years, months, days)) }

// Sub is the time from u to t.
func (t Time) Sub(u Time) time.Duration { return t.t.Sub(u.t) }

// String gives the fixed-width text, "" for the zero Time.
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	return t.t.Format(layout)
}

// ParseTime reads the fixed-width text; "" is the zero Time.
func ParseTime(s string) (Time, error) {
	if s == "" {
		return Time{}, nil
	}
	u, err := time.Parse(layout, s)
	if err != nil || len(s) != len(layout) {
		return Time{}, fmt.Errorf("parse instant: not of the form %s", layout)
	}
	return At(u), nil
}

// MarshalText implements encoding.TextMarshaler (JSON).
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Time) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTime(string(b))
	return err
}

// Value implements driver.Valuer with the text form. A Tx of PostgreSQL sends
// a timestamptz instead.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.String(), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		*t = Time{}
	case time.Time:
		*t = At(v)
	case string:
		*t, err = ParseTime(v)
	case []byte:
		*t, err = ParseTime(string(v))
	default:
		err = fmt.Errorf("scan instant: unexpected %T", src)
	}
	return err
}
