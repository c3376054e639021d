// Package tri makes the keys by which French names are searched and sorted,
// the same on every database: the columns named …_tri hold them.
//
// It owns no table and serves no URL.
package tri

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// replaced holds the letters that Unicode does not decompose.
var replaced = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "đ", "d", "ł", "l", "ı", "i", "þ", "th", "ð", "d")

// Key folds a text: lower case, no marks, ligatures opened, every run of
// anything but letters and digits becomes one space. "D'HAËNENS-L’HÉNAFFIC"
// gives "d haenens l henaffic". Key(Key(s)) == Key(s).
func Key(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(replaced.Replace(norm.NFKD.String(strings.ToLower(norm.NFKD.String(s))))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return b.String()
}

// Words gives the folded words of a search, at most max.
func Words(s string, maxWords int) []string {
	w := strings.Fields(Key(s))
	if len(w) > maxWords {
		w = w[:maxWords]
	}
	return w
}
