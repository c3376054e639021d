package diagnostic

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/oidc"
)

// examineOrigine looks at ourselves from outside: what FranceConnect reads is
// what this configuration says.
func (e *examen) examineOrigine(ctx context.Context) {
	e.chapter("Notre adresse publique (nous sommes fournisseur d'identité)")
	var d decouverte
	s := e.sonderJSON(ctx, e.cfg.Origine+"/.well-known/openid-configuration", &d)
	switch {
	case s.panne != "":
		e.mend("Découverte", s.panne, "Le service tourne-t-il à "+e.cfg.Origine+", et le serveur frontal lui passe-t-il cette adresse ? Si seule cette machine ne peut pas se joindre par son nom public, lancez le diagnostic d'ailleurs.")
		return
	case d.Issuer != e.cfg.Origine:
		e.mend("Émetteur", "le service qui répond se nomme autrement que AC_ORIGINE", "Un autre programme répond à cette adresse, ou avec une autre configuration.")
		return
	}
	e.ok("Découverte", "lue, émetteur %s", d.Issuer)
	e.examineCertificat(s)
	e.examineNosAdresses(d)
	var set jwks
	if s := e.sonderJSON(ctx, e.cfg.Origine+"/jwks", &set); s.panne != "" {
		e.mend("Clés publiées", s.panne, "FranceConnect lit /jwks à chaque utilisation : le serveur frontal doit laisser passer cette adresse.")
		return
	}
	e.comparePublished(set)
}

func (e *examen) examineNosAdresses(d decouverte) {
	for want, got := range map[string]string{
		"/authorize/": d.Authorization, "/token/": d.Token, "/userinfo/": d.Userinfo, "/logout/": d.EndSession, "/jwks": d.JWKS,
	} {
		if strings.TrimSuffix(got, "/") != e.cfg.Origine+strings.TrimSuffix(want, "/") {
			e.mend("Adresses", "le document ne donne pas "+e.cfg.Origine+want, "Un autre programme, ou une autre version, répond à cette adresse.")
			return
		}
	}
	e.ok("Adresses", "celles à déclarer à FranceConnect")
}

// examineCertificat says how long the certificate is good for.
func (e *examen) examineCertificat(s sonde) {
	if s.tls == nil || len(s.tls.PeerCertificates) == 0 {
		e.unseen("Certificat", "aucun : l'adresse est en http, sur cette machine", "")
		return
	}
	end := s.tls.PeerCertificates[0].NotAfter
	if left := end.Sub(e.clock()); left < 21*24*time.Hour {
		e.mend("Certificat", "il expire le "+end.UTC().Format("02/01/2006"), "Renouvelez-le : FranceConnect ne nous joindrait plus.")
		return
	}
	e.ok("Certificat", "valable jusqu'au %s", end.UTC().Format("02/01/2006"))
}

// comparePublished: what the public address publishes is what this database
// holds; otherwise tokens would be signed with a key that nobody finds.
func (e *examen) comparePublished(set jwks) {
	const sujet = "Clés publiées"
	var here, there []string
	for _, k := range set.Keys {
		there = append(there, k.Kid)
		if k.D != "" {
			e.mend(sujet, "une clé PRIVÉE est publiée : "+k.Kid, "Retirez-la aussitôt (voir « Une clé de signature a fui »).")
		}
	}
	if e.cles == nil {
		e.unseen(sujet, fmt.Sprintf("%d à l'adresse publique, sans base pour comparer", len(there)), "")
		return
	}
	for _, k := range e.cles {
		if (k.Usage == cle.FiES256 || k.Usage == cle.FiRS256) && k.Published(e.clock()) {
			here = append(here, k.Kid)
		}
	}
	for _, kid := range here {
		if !slices.Contains(there, kid) {
			e.mend(sujet, "une clé de cette base n'est pas à l'adresse publique : "+kid, "Le service qui répond a une autre base, ou n'a pas relu ses clés : redémarrez-le.")
			return
		}
	}
	e.ok(sujet, "%d, celles de cette base", len(there))
}

// examineClients looks at each client of our provider: where the browser is
// sent back, and where its encryption keys are.
func (e *examen) examineClients(ctx context.Context) {
	e.chapter("Clients de notre fournisseur d'identité (AC_FI_ENREGISTREMENTS)")
	clients, err := e.cfg.Enregistrements()
	if err != nil {
		e.mend("Liste", "illisible", "Lancez « aidantsconnect config » : il dit ce qui ne va pas.")
		return
	}
	if len(clients) == 0 {
		e.mend("Liste", "vide : aucun mandat ne peut servir", "Ajoutez-y FranceConnect : voir docs/exploitation.md.")
	}
	for _, c := range clients {
		e.examineClient(ctx, c)
	}
}

func (e *examen) examineClient(ctx context.Context, c oidc.Registration) {
	userinfo := c.UserinfoAlg
	if userinfo == "" {
		userinfo = "JSON simple"
	}
	e.ok(c.Name(), "client_id %s, jeton %s, identité %s, %d secret(s)", c.ClientID, c.IDTokenAlg, userinfo, len(c.Secrets))
	if len(c.Secrets) > 1 {
		e.unseen(c.Name()+", secrets", "deux sont acceptés", "Retirez l'ancien quand le changement est fait chez ce client.")
	}
	if (c.IDTokenAlg == oidc.RS256 || c.UserinfoAlg == oidc.RS256) && e.cles != nil && !slices.ContainsFunc(e.cles, func(k cle.Cle) bool { return k.Usage == cle.FiRS256 && k.Etat == cle.Active }) {
		e.unseen(c.Name()+", clé RS256", "pas encore tirée", "Elle l'est au premier démarrage du service avec ce client.")
	}
	seen := map[string]bool{}
	for _, address := range slices.Concat(c.RedirectURIs, c.PostLogoutRedirectURIs) {
		u, err := url.Parse(address)
		if err != nil || seen[u.Host] {
			continue
		}
		seen[u.Host] = true
		if s := e.sonder(ctx, u.Scheme+"://"+u.Host+"/", nil); s.panne != "" {
			e.mend(c.Name()+", retour", u.Host+" : "+s.panne, "Le navigateur de l'aidant y sera renvoyé : vérifiez l'adresse dans AC_FI_ENREGISTREMENTS.")
		} else {
			e.ok(c.Name()+", retour", "%s répond", u.Host)
		}
	}
	e.examineChiffrement(ctx, c)
}

// examineChiffrement: a client that wants encryption publishes a key for it
// (FI-63).
func (e *examen) examineChiffrement(ctx context.Context, c oidc.Registration) {
	if c.IDTokenEncAlg == "" && c.UserinfoEncAlg == "" {
		return
	}
	sujet := c.Name() + ", chiffrement"
	var set jwks
	if s := e.sonderJSON(ctx, c.JWKSURI, &set); s.panne != "" {
		e.mend(sujet, "clés de chiffrement : "+s.panne, "Vérifiez jwks_uri dans AC_FI_ENREGISTREMENTS : sans ces clés, aucune utilisation n'aboutit.")
		return
	}
	for _, alg := range []string{c.IDTokenEncAlg, c.UserinfoEncAlg} {
		want := map[string]string{"": "", "ECDH-ES": "EC"}[alg]
		if alg != "" && want == "" {
			want = "RSA"
		}
		if want != "" && !slices.ContainsFunc(set.Keys, func(k jwk) bool { return k.Kty == want && k.Use == "enc" && k.Kid != "" }) {
			e.mend(sujet, "aucune clé "+want+" de chiffrement pour "+alg, "L'algorithme enregistré et les clés publiées par ce client ne vont pas ensemble.")
			return
		}
	}
	e.ok(sujet, "clés lues")
}

// ageCle is past what a key of the provider should be used for.
const ageCle = 400 * 24 * time.Hour

// examineCles says how old our signing keys are.
func (e *examen) examineCles() {
	e.chapter("Nos clés de signature")
	if e.cles == nil {
		e.unseen("Clés", "la base ne s'ouvre pas", "")
		return
	}
	now := e.clock()
	for _, k := range e.cles {
		days := int(now.Sub(k.DateActivation).Hours() / 24)
		fi := k.Usage == cle.FiES256 || k.Usage == cle.FiRS256
		switch {
		case k.Etat == cle.Suivante:
			e.ok(k.Usage, "suivante, publiée : elle signera dès que son préavis est passé (%s)", k.Kid)
		case k.Etat == cle.Retiree && fi && k.Published(now):
			e.ok(k.Usage, "retirée, encore publiée 24 heures (%s)", k.Kid)
		case k.Etat == cle.Retiree: // its only duty is to verify what it signed
		case fi && now.Sub(k.DateActivation) > ageCle:
			e.mend(k.Usage, fmt.Sprintf("signe depuis %d jours (%s)", days, k.Kid), "Lancez « aidantsconnect cles rotate --usage="+k.Usage+" » : rien ne s'arrête.")
		default:
			e.ok(k.Usage, "active depuis %d jours (%s)", days, k.Kid)
		}
	}
}
