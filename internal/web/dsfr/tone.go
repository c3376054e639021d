package dsfr

func tone(t Ton) Ton {
	if t == Neutre || t == Neuf {
		return Info
	}
	return t
}

// noticeTone maps to the bands of the design system, which says "alert" where
// its messages say "error".
func noticeTone(t Ton) string {
	switch t {
	case Alarme:
		return "fr-notice--warning"
	case Erreur:
		return "fr-notice--alert"
	}
	return "fr-notice--info"
}

func badgeTone(t Ton) string {
	if t == Neutre {
		return ""
	}
	return "fr-badge--" + string(t)
}

// linkIcon puts the decorative icon on the left of a link.
func linkIcon(icon string) string {
	if icon == "" {
		return ""
	}
	return icon + " fr-link--icon-left"
}

// iconClass puts the decorative icon on the left of a label.
func iconClass(icon string) string {
	if icon == "" {
		return ""
	}
	return icon + " fr-btn--icon-left"
}
