package connexion

import (
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

func (v vueSessions) openRows() (rows []dsfr.Ligne) {
	for _, s := range v.Sessions {
		action := closeButton(cheminSessions+s.ID.String()+"/fermer/", "Fermer", "la session : "+browserName(s.Navigateur))
		if s.ID == v.Actor.Session {
			action = currentBadge()
		}
		rows = append(rows, dsfr.Ligne{
			dsfr.Text(browserName(s.Navigateur)), dsfr.Text(web.DateHeure(s.DateCreation.Time())), dsfr.Text(web.DateHeure(s.DateActivite.Time())), action,
		})
	}
	return rows
}

func (v vueSessions) browserRows() (rows []dsfr.Ligne) {
	for _, b := range v.Appareils {
		name := dsfr.Text(b.Navigateur)
		if b.ID == v.Actor.Appareil {
			name = dsfr.Join(name, currentBadge())
		}
		rows = append(rows, dsfr.Ligne{
			name, dsfr.Text(web.Date(b.DateCreation.Time())), dsfr.Text(web.DateHeure(b.DateConnexion.Time())),
			closeButton(cheminSessions+"navigateurs/"+b.ID.String()+"/oublier/", "Oublier", "le navigateur : "+b.Navigateur),
		})
	}
	return rows
}

func (v vueSessions) historyRows() (rows []dsfr.Ligne) {
	for _, p := range v.Passages {
		name := dsfr.Text(p.Navigateur)
		if p.Nouveau {
			name = dsfr.Join(name, newBadge())
		}
		rows = append(rows, dsfr.Ligne{dsfr.Text(web.DateHeure(p.Date.Time())), name, dsfr.Text(moyens[p.Moyen])})
	}
	return rows
}

// browserName names the browser of a session opened before browsers were noted.
func browserName(s string) string {
	if s == "" {
		return "Navigateur inconnu"
	}
	return s
}

func (v vueOrganisations) options() (all []dsfr.Option) {
	for _, o := range v.Choix {
		name := o.Nom + " (" + o.Ville + ")"
		if !o.Active {
			name += " — fermée"
		}
		all = append(all, dsfr.Option{Valeur: o.ID.String(), Libelle: name})
	}
	return all
}

func (v vueOrganisations) caches() []dsfr.Cache {
	if v.Suite == "" {
		return nil
	}
	return []dsfr.Cache{{Nom: "next_url", Valeur: v.Suite}}
}
