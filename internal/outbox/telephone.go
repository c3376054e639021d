package outbox

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// regions are tried in this order for a number written without its country:
// France, then the overseas territories, whose national numbers the region FR
// refuses.
var regions = []string{"FR", "RE", "GP", "MQ", "GF", "YT", "PM", "NC", "PF", "WF"}

// Telephone puts a number as people write it in E.164 form ("+33612345678").
// It is false when no numbering plan knows it.
func Telephone(ecrit string) (e164 string, ok bool) {
	ecrit = strings.TrimSpace(ecrit)
	if ecrit == "" || len(ecrit) > 40 {
		return "", false
	}
	for _, region := range regions {
		n, err := phonenumbers.Parse(ecrit, region)
		if err == nil && phonenumbers.IsValidNumber(n) && n.GetExtension() == "" {
			return phonenumbers.Format(n, phonenumbers.E164), true
		}
	}
	return "", false
}

// Mobile tells whether a number in E.164 form can receive an SMS.
func Mobile(e164 string) bool {
	if !reE164.MatchString(e164) {
		return false
	}
	n, err := phonenumbers.Parse(e164, "")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return false
	}
	kind := phonenumbers.GetNumberType(n)
	return kind == phonenumbers.MOBILE || kind == phonenumbers.FIXED_LINE_OR_MOBILE
}

// reE164 is a number as it is stored and sent (ITU-T E.164: 15 digits at most).
var reE164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
