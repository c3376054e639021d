package server

import (
	"strings"
	"testing"
)

// What comes back from the provider of text messages is known by a long secret
// or by networks, and agrees by one plain word.
func TestSMSNeedsItsReturn(t *testing.T) {
	sms := map[string]string{"AC_SMS": "https://sms.exemple.fr/envoi", "AC_SMS_AUTORISATION": "Bearer x"}
	with := func(extra ...string) []string {
		env := map[string]string{}
		for k, v := range sms {
			env[k] = v
		}
		for i := 0; i < len(extra); i += 2 {
			env[extra[i]] = extra[i+1]
		}
		_, err := LoadConfig(environment(env), nil)
		return faults(t, err)
	}
	for _, right := range [][]string{with(), with("AC_SMS_RETOUR_SECRET", strings.Repeat("k", 32)), with("AC_SMS_RETOUR_RESEAUX", "192.0.2.0/24,2001:db8::/32", "AC_SMS_MOT_ACCORD", "Accepte")} {
		if len(right) != 0 {
			t.Errorf("refused: %v", right)
		}
	}
	for _, wrong := range [][]string{
		with("AC_SMS_RETOUR_SECRET", "court"), with("AC_SMS_RETOUR_RESEAUX", "192.0.2.0"), with("AC_SMS_MOT_ACCORD", "Non"),
		with("AC_SMS", "", "AC_SMS_AUTORISATION", "", "AC_SMS_RETOUR_SECRET", strings.Repeat("k", 32)),
	} {
		if len(wrong) != 1 {
			t.Errorf("not told once: %v", wrong)
		}
	}
}
