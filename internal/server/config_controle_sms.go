package server

import (
	"net/netip"
	"regexp"
	"strings"

	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/textos"
)

// nomSMS is what phones show as a sender.
var nomSMS = regexp.MustCompile(`^[A-Za-z0-9]{3,11}$`)

func (m *mistakes) checkSMS(c *Config) {
	if c.SMSPlafond < 1 {
		m.add("AC_SMS_PLAFOND", "il faut un nombre, 1 au moins")
	}
	if !nomSMS.MatchString(c.SMSExpediteur) {
		m.add("AC_SMS_EXPEDITEUR", "il faut de 3 à 11 lettres ou chiffres, sans accent ni espace")
	}
	m.checkRetourSMS(c)
	if c.SMS == "" {
		if c.SMSAutorisation != "" {
			m.add("AC_SMS_AUTORISATION", "inutile sans AC_SMS")
		}
		return
	}
	if _, err := outbox.NewExpediteurSMS(c.SMS.Reveal(), "x", c.SMSExpediteur); err != nil {
		m.add("AC_SMS", "il faut https://hôte/chemin ou dossier:CHEMIN")
	} else if !strings.HasPrefix(c.SMS.Reveal(), "dossier:") && c.SMSAutorisation == "" {
		m.add("AC_SMS_AUTORISATION", "absente : le prestataire en demande une")
	}
}

// checkRetourSMS checks how the answers come back.
func (m *mistakes) checkRetourSMS(c *Config) {
	if _, err := textos.ParseMotAccord(c.SMSMotAccord); err != nil {
		m.add("AC_SMS_MOT_ACCORD", "il faut de 2 à 12 lettres sans accent, autres que NON et STOP")
	}
	if s := c.SMSRetourSecret; s != "" && len(s) < textos.SecretMin {
		m.add("AC_SMS_RETOUR_SECRET", "trop court : %d caractères au moins", textos.SecretMin)
	}
	for _, s := range c.SMSRetourReseaux {
		if _, err := netip.ParsePrefix(s); err != nil {
			m.add("AC_SMS_RETOUR_RESEAUX", "« %s » n'est pas un réseau : 192.0.2.0/24, par exemple", s)
		}
	}
	if c.SMS == "" && (c.SMSRetourSecret != "" || len(c.SMSRetourReseaux) > 0) {
		m.add("AC_SMS_RETOUR_SECRET", "inutile sans AC_SMS")
	}
}
