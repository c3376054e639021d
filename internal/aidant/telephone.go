package aidant

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// regions are the places whose national numbers are read, in this order
// (M-W59). A number of ten digits belongs to one of them only.
var regions = []string{"FR", "GP", "GF", "MQ", "RE", "YT", "PM", "NC", "PF", "WF"}

// NormalizePhone gives a French number, of Europe or overseas, in E.164. The
// empty text is no number, and right.
func NormalizePhone(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", true
	}
	if len(s) > 40 {
		return s, false
	}
	for _, region := range regions {
		n, err := phonenumbers.Parse(s, region)
		if err == nil && phonenumbers.IsValidNumberForRegion(n, region) {
			return phonenumbers.Format(n, phonenumbers.E164), true
		}
	}
	return s, false
}

// PhoneText writes an E.164 number as French people read it: 06 12 34 56 78,
// or +590 690 00 12 34 overseas.
func PhoneText(e164 string) string {
	n, err := phonenumbers.Parse(e164, "FR")
	if err != nil {
		return e164
	}
	if phonenumbers.GetRegionCodeForNumber(n) == "FR" {
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}
