package distance

import (
	"context"
	"encoding/hex"
	"fmt"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

// The kinds of messages.
const (
	GenreDemande    = "E-60" // the request, by e-mail
	GenreDemandeSMS = "S-02" // the request, by SMS
	GenreReponse    = "E-61" // the answer, to the aidant
	GenreRecu       = "E-62" // the receipt, to the person
	GenreRecuSMS    = "S-03"
	GenreSuiteSMS   = "S-07" // after OUI: the link to prove who they are
)

// destination is where a request goes and what it carries.
type destination struct {
	to, structure string
	lien          secret.Text
	code          string
}

func cleMessage(d Demande) string { return "accord/" + d.ID.String() }

// message is the request: what it is about, the link, the code. It names
// nobody but the structure.
func (h *Handlers) message(d Demande, x destination) outbox.Message {
	until := mandat.DateHeure(d.Limite)
	if d.Voie == ParSMS {
		return outbox.Message{
			Cle: cleMessage(d), Genre: GenreDemandeSMS, Destinataire: x.to, Peremption: db.At(d.Limite),
			Texte: fmt.Sprintf("%s : %s vous propose un mandat. Lisez-le, puis acceptez ou refusez, avant le %s : %s Sans lien : %s code %s. Ne donnez ce code à personne.",
				h.nom(), x.structure, until, h.lien(x.lien), h.adresse(), formatCode(x.code)),
		}
	}
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("%s vous propose un mandat : avec votre accord, ses aidants feraient des démarches à votre place, %s.", x.structure, mandat.Duree(d.Objet.Duree).Libelle())
	var ds []string
	for _, k := range demarche.Displayed(d.Objet.Demarches) {
		ds = append(ds, k.Fiche().Titre)
	}
	c.Liste(ds...)
	c.P("Ouvrez cette page sur votre propre appareil. Vous lisez le mandat, vous vous connectez avec FranceConnect, puis vous acceptez ou vous refusez. Vous n’êtes pas obligé d’accepter.")
	c.Lien("Lire le mandat proposé", h.lien(x.lien))
	c.P("Vous pouvez aussi aller sur %s et saisir ce code : %s. Ne le donnez à personne, même à votre aidant.", h.adresse(), formatCode(x.code))
	c.P("Vous avez jusqu’au %s. Si vous ne faites rien, rien n’est signé. Si vous n’attendiez pas ce message, refusez, ou ne faites rien.", until)
	return outbox.Message{Cle: cleMessage(d), Genre: GenreDemande, Destinataire: x.to, Sujet: "Un mandat vous est proposé", Texte: c.String(), Peremption: db.At(d.Limite)}
}

// suite is what follows OUI for a person whom FranceConnect has still to
// identify: the way to their page.
func (h *Handlers) suite(d Demande, x destination) outbox.Message {
	return outbox.Message{
		Cle: "accord/" + d.ID.String() + "/suite", Genre: GenreSuiteSMS, Destinataire: x.to, Peremption: db.At(d.Limite),
		Texte: fmt.Sprintf("%s. Dernière étape : prouvez que c’est vous, avec FranceConnect, avant le %s : %s Sans lien : %s code %s. Ne donnez ce code à personne.",
			h.nom(), mandat.DateHeure(d.Limite), h.lien(x.lien), h.adresse(), formatCode(x.code)),
	}
}

func (h *Handlers) lien(s secret.Text) string { return h.Site.Origine + cheminAccord + s.Reveal() }
func (h *Handlers) adresse() string           { return h.Site.Origine + cheminAccord }

func (h *Handlers) nom() string {
	if h.Site.Nom == "" {
		return "Aidants Connect"
	}
	return h.Site.Nom
}

// answered tells the aidant that there is an answer, and gives the person a
// receipt where they were asked.
func (h *Handlers) answered(ctx context.Context, tx *db.Tx, d Demande, yes bool) error {
	who, err := aidant.Load(ctx, tx, d.Aidant)
	if err != nil {
		return err
	}
	if who.Actif {
		if err := h.Outbox.Queue(ctx, tx, h.reponse(d, who.Email, yes)); err != nil {
			return err
		}
	}
	if d.Contact == nil {
		return nil
	}
	to, err := h.Champs.Open(d.Contact, d.contactContext())
	if err != nil {
		return err
	}
	err = h.Outbox.Queue(ctx, tx, h.recu(d, string(to), yes))
	if fault.Is(err, fault.Unavailable) { // no receipt is no reason to lose an answer
		return nil
	}
	return err
}

func (h *Handlers) reponse(d Demande, to string, yes bool) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	if yes {
		c.P("La personne a donné son accord à distance au mandat que vous préparez. Il vous reste à vérifier et à signer, avant le %s.", mandat.DateHeure(d.Limite))
	} else {
		c.P("Le mandat que vous prépariez a été refusé par la personne à qui vous l’aviez proposé. Rien n’est signé.")
	}
	c.Lien("Voir la réponse", h.Site.Origine+attenteURL(d.Dossier))
	return outbox.Message{Cle: fmt.Sprintf("%s/%s/%v", GenreReponse, d.ID, yes), Genre: GenreReponse, Destinataire: to, Sujet: "Une réponse à votre demande d’accord", Texte: c.String()}
}

func (h *Handlers) recu(d Demande, to string, yes bool) outbox.Message {
	text := "Votre refus du mandat est enregistré. Rien n’est signé."
	if yes {
		text = "Votre accord pour le mandat est enregistré. Vous pouvez changer d’avis à tout moment : dites-le ou écrivez-le à la structure qui vous aide."
	}
	m := outbox.Message{Cle: fmt.Sprintf("recu/%s/%v", d.ID, yes), Destinataire: to}
	if d.Voie == ParSMS {
		m.Genre, m.Texte = GenreRecuSMS, h.nom()+". "+text
		return m
	}
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("%s", text)
	if h.Site.Contact != "" {
		c.P("Une question, ou ce n’était pas vous ? Écrivez à %s.", h.Site.Contact)
	}
	m.Genre, m.Sujet, m.Texte = GenreRecu, "Votre réponse est enregistrée", c.String()
	return m
}

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	d := Demande{
		ID: ident.New[ident.DemandeID](), Dossier: ident.NewRandom[ident.DossierID](), Voie: ParCourriel, Limite: now.Add(Delai).Time(),
		Objet: consentement.Objet{Demarches: []demarche.Demarche{"argent", "papiers"}, Duree: string(mandat.Mois)},
	}
	const mail, phone = "camille.exemple@example.org", "+33639980102"
	x := destination{mail, "Maison exemple", "exemple-de-lien-sans-valeur", "7K2M09QX"}
	s := d
	s.Voie = ParSMS
	y := x
	y.to = phone
	return []outbox.Modele{
		{Genre: GenreDemande, Quand: "un aidant demande un accord à distance, par courriel", Vers: "la personne aidée", Exemples: []outbox.Message{h.message(d, x)}},
		{Genre: GenreDemandeSMS, Quand: "un aidant demande un accord à distance, par SMS", Vers: "la personne aidée", Exemples: []outbox.Message{h.message(s, y)}},
		{Genre: GenreReponse, Quand: "la personne a répondu à une demande d’accord", Vers: "l’aidant qui l’a faite", Exemples: []outbox.Message{h.reponse(d, mail, true), h.reponse(d, mail, false)}},
		{Genre: GenreRecu, Quand: "la personne a répondu à une demande reçue par courriel", Vers: "la personne aidée", Exemples: []outbox.Message{h.recu(d, mail, true), h.recu(d, mail, false)}},
		{Genre: GenreRecuSMS, Quand: "la personne a répondu à une demande reçue par SMS", Vers: "la personne aidée", Exemples: []outbox.Message{h.recu(s, phone, true), h.recu(s, phone, false)}},
		{Genre: GenreSuiteSMS, Quand: "la personne a répondu OUI par SMS, et doit encore se connecter avec FranceConnect", Vers: "la personne aidée", Exemples: []outbox.Message{h.suite(s, y)}},
	}
}

// Preuves gives the sealed agreement of a dossier to this very object
// (signature.Distance).
func (h *Handlers) Preuves(ctx context.Context, tx *db.Tx, id ident.DossierID, o consentement.Objet) (ident.DemandeID, []consentement.Piece, error) {
	d, p, err := proof(ctx, tx, id)
	if fault.Is(err, fault.Gone) {
		return d.ID, nil, nil
	}
	if err != nil || !d.Objet.Equal(o) {
		return d.ID, nil, err
	}
	return d.ID, []consentement.Piece{p}, nil
}

// Conclude uses the agreement up (signature.Distance).
func (h *Handlers) Conclude(ctx context.Context, tx *db.Tx, id ident.DossierID, m ident.MandatID) error {
	if err := conclude(ctx, tx, id, m); err != nil {
		return err
	}
	d, err := concludedWith(ctx, tx, m)
	if err != nil || d.Choix.Moyen != consentement.SMS {
		return err
	}
	return h.Textos.Conclude(ctx, tx, d.ID, m, d.Usager)
}

// Refusals says what a person refused to this structure (signature.Distance).
func (h *Handlers) Refusals(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]string, error) {
	all, err := refusals(ctx, tx, org, u)
	var out []string
	for _, d := range all {
		v := attenteView{}
		v.Dossier.Demarches = d.Objet.Demarches
		s := "Le " + mandat.DateHeure(d.DateStatut) + ", refus d’un mandat " + mandat.Duree(d.Objet.Duree).Libelle() + " : " + v.titres()
		if d.Identite.IsZero() && d.Choix.Moyen == consentement.SMS {
			s += " (par SMS)"
		} else if d.Identite.IsZero() {
			s += " (sans connexion FranceConnect : peut-être par une autre personne)"
		}
		out = append(out, s+".")
	}
	return out, err
}

func hexa(b []byte) string { return hex.EncodeToString(b) }
