package web

import (
	"strconv"
	"time"
	_ "time/tzdata" // Europe/Paris on any machine
)

var paris = mustParis()

func mustParis() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	return l
}

var mois = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// Paris gives the instant as the clocks of Paris show it: where a month begins.
func Paris(t time.Time) time.Time { return t.In(paris) }

// MoisAnnee writes an instant's month in Paris: novembre 2026.
func MoisAnnee(t time.Time) string {
	t = t.In(paris)
	return mois[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// Date writes an instant's day in Paris: 21/11/2026. "" for the zero instant.
func Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(paris).Format("02/01/2006")
}

// DateHeure writes an instant in Paris: 21/11/2026 à 20h05.
func DateHeure(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(paris).Format("02/01/2006 à 15h04")
}

// Heure writes an instant's time of day in Paris: 20h05.
func Heure(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(paris).Format("15h04")
}

// DateLongue writes an instant's day in Paris in full: 1er novembre 2026.
func DateLongue(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(paris)
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return day + " " + mois[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// Jour gives the year, month and day of an instant in Paris.
func Jour(t time.Time) (int, time.Month, int) { return t.In(paris).Date() }

// Mois names a month.
func Mois(m time.Month) string { return mois[m-1] }

// DateCivile writes a calendar date stored as text, 1962-08-24, as 24/08/1962.
// What is not a whole date is given back as it is: FranceConnect knows people
// born on an unknown day.
func DateCivile(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("02/01/2006")
}
