package mandat

import "testing"

// A code read is always one we could have made, and reads back as itself.
func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"7K2M-09QX-3F4T", "oil0 oil0 oil0", "", "------------", "7K2M09QX3F4TT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := ParseCode(s)
		if again, ok2 := ParseCode(FormatCode(c)); ok && (!ok2 || again != c || len(c) != codeLen) {
			t.Errorf("%q reads as %q then %q", s, c, again)
		}
	})
}
