package distance

import (
	"aidantsconnect/internal/web/dsfr"
)

func dossier(v attenteView) []dsfr.Cache {
	return []dsfr.Cache{{Nom: "dossier", Valeur: v.Dossier.ID.String()}}
}

func (v attenteView) modules() []string {
	if v.waits() && v.Statut != Accordee && !v.Direct {
		return []string{"attente.js"}
	}
	return nil
}

// sonde is the address that the page polls; none once there is an answer.
func (v attenteView) sonde() string {
	if v.modules() == nil {
		return ""
	}
	return cheminEtat + "?dossier=" + v.Dossier.ID.String()
}

func (v attenteView) ton() dsfr.Ton {
	switch v.Statut {
	case Accordee, Conclue:
		return dsfr.Succes
	case Refusee, Expiree, Annulee:
		return dsfr.Alarme
	}
	return dsfr.Info
}

func (v attenteView) faits() []dsfr.Fait {
	var fs []dsfr.Fait
	if v.Nom != "" {
		fs = append(fs, dsfr.Fait{Nom: "Personne", Valeur: v.Nom})
	}
	return append(
		fs,
		dsfr.Fait{Nom: "Démarches", Valeur: v.titres()}, dsfr.Fait{Nom: "Durée", Valeur: v.Dossier.Duree.Choix()},
		dsfr.Fait{Nom: "Accord", Valeur: v.Dossier.Choix.Moyen.Libelle()}, dsfr.Fait{Nom: "Où est la personne", Valeur: v.Dossier.Choix.Presence.Libelle()},
	)
}

func (v attenteView) voies() dsfr.Choix {
	c := dsfr.Choix{Nom: "voie", Legende: "Comment la personne reçoit-elle la demande ?", Valeur: v.Form.Voie, Erreur: v.Champs["voie"], Options: []dsfr.Option{{Valeur: string(ParCourriel), Libelle: "Par courriel"}}}
	if v.SMS {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(ParSMS), Libelle: "Par SMS"})
	} else if c.Valeur == "" {
		c.Valeur = string(ParCourriel)
	}
	return c
}
