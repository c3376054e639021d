package demande

import (
	"context"
	"slices"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// Decisions decides what the référents ask, for the operator's team: each act in
// the transaction of its caller, who keeps the gate of its space. A refusal to
// act is a Conflict whose message for the person is under the field "".
type Decisions struct {
	Journal *journal.Journal
	Comptes *compte.Actes
	Outbox  *outbox.Outbox
	Site    web.Site
}

// Decisions gives what decides these requests.
func (h *Handlers) Decisions() *Decisions {
	return &Decisions{Journal: h.Journal, Comptes: h.Comptes, Outbox: h.Outbox, Site: h.Site}
}

// Dossier is a request with all that the one who decides needs.
type Dossier struct {
	Genre        Genre
	ID           ident.OperationID
	Etat         Etat
	DateCreation time.Time
	DateFin      time.Time
	Reponse      string // told to the référent
	Issue        Issue

	Structure     organisation.Organisation
	Demandeur     aidant.Aidant
	Responsable   bool // the one who asked still is référent of the structure
	Rattachement  Rattachement
	Coreferent    Coreferent
	Correction    organisation.Coordonnees
	Compte        aidant.Aidant // the account concerned; zero when there is none
	Appartenances []string      // its structures today
	Quittees      []string      // those the person chose to leave
	Candidat      Candidat
}

// Attend tells whether somebody has to answer.
func (x Dossier) Attend() bool {
	return x.Etat == Confirmee || x.Etat == Demandee && x.Genre != DeRattachement
}

// Titre names the request, and whom it is about.
func (x Dossier) Titre() string {
	switch x.Genre {
	case DeRattachement:
		return x.Genre.Libelle() + " : " + x.Compte.NomComplet()
	case DeCoreferent:
		return x.Genre.Libelle() + " : " + x.Coreferent.Prenom + " " + x.Coreferent.Nom
	}
	return x.Genre.Libelle()
}

// Concerne tells whether the request is by or about this account: then somebody
// else answers.
func (x Dossier) Concerne(id ident.AidantID) bool {
	return x.Demandeur.ID == id || x.Compte.ID == id
}

// Load reads a request that the team may see.
func (s *Decisions) Load(ctx context.Context, tx *db.Tx, g Genre, id ident.OperationID) (x Dossier, err error) {
	x = Dossier{Genre: g, ID: id}
	var org ident.OrganisationID
	var asker ident.AidantID
	switch g {
	case DeRattachement:
		d, err := loadRattachement(ctx, tx, id)
		if err != nil {
			return x, err
		}
		x.Rattachement, org, asker = d, d.Organisation, d.Referent
		x.Etat, x.DateCreation, x.DateFin, x.Reponse = d.Etat, d.DateCreation, d.DateFin, d.Explication
	case DeCoreferent:
		c, err := loadCoreferent(ctx, tx, id)
		if err != nil {
			return x, err
		}
		x.Coreferent, org, asker = c, c.Organisation, c.Referent
		x.Etat, x.DateCreation, x.DateFin, x.Reponse = c.Etat, c.DateCreation, c.DateFin, c.Reponse
	case DeCorrection:
		c, err := loadCorrection(ctx, tx, id)
		if err != nil {
			return x, err
		}
		x.Correction, org, asker = c.Coordonnees, c.Organisation, c.Referent
		x.Etat, x.DateCreation, x.DateFin, x.Reponse = c.Etat, c.DateCreation, c.DateFin, c.Reponse
	default:
		return x, fault.New(fault.NotFound, "demande_inconnue")
	}
	if x.Structure, err = organisation.Load(ctx, tx, org); err != nil {
		return x, err
	}
	if x.Demandeur, err = aidant.Load(ctx, tx, asker); err != nil {
		return x, err
	}
	at, err := aidant.PlaceIn(ctx, tx, asker, org)
	if err != nil {
		return x, err
	}
	x.Responsable = at.Referent && x.Demandeur.Actif
	if x.Issue, err = issueOf(ctx, tx, g, id); err != nil {
		return x, err
	}
	return x, s.loadAccount(ctx, tx, &x)
}

// loadAccount reads the account that the request would change, if there is one.
func (s *Decisions) loadAccount(ctx context.Context, tx *db.Tx, x *Dossier) (err error) {
	switch x.Genre {
	case DeRattachement:
		x.Compte, err = aidant.Load(ctx, tx, x.Rattachement.Aidant)
	case DeCoreferent:
		x.Compte, err = aidant.LoadByEmail(ctx, tx, x.Coreferent.Email)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	if !x.Compte.ID.IsZero() {
		if x.Candidat, err = candidate(ctx, tx, x.Compte, x.Structure.ID); err != nil {
			return err
		}
		places, err := myPlaces(ctx, tx, x.Compte.ID)
		if err != nil {
			return err
		}
		for _, p := range places {
			x.Appartenances = append(x.Appartenances, p.Nom)
			if slices.Contains(x.Rattachement.Departs, p.ID) {
				x.Quittees = append(x.Quittees, p.Nom)
			}
		}
	}
	x.Candidat.StructureFermee = !x.Structure.Active
	return nil
}

// Decide accepts a request, with its effect, or refuses it.
func (s *Decisions) Decide(ctx context.Context, tx *db.Tx, par compte.Auteur, x Dossier, d Decision) error {
	d, err := d.Check()
	if err != nil {
		return err
	}
	d.Par = par.Aidant
	if x.Concerne(par.Aidant) {
		return conflict("soi_meme", "Vous avez fait cette demande, ou elle vous concerne : c’est à une autre personne de l’équipe d’y répondre.")
	}
	take := map[Genre]func(context.Context, *db.Tx, ident.OperationID, Decision) error{
		DeRattachement: takeRattachement, DeCoreferent: takeCoreferent, DeCorrection: takeCorrection,
	}[x.Genre]
	err = take(ctx, tx, x.ID, d)
	if fault.Is(err, fault.NotFound) {
		return conflict("demande_close", "Cette demande n’attend plus : elle a été annulée, ou quelqu’un y a répondu.")
	}
	if err != nil {
		return err
	}
	if d.Accepte {
		if why := x.Candidat.Obstacle(x.Genre); why != "" {
			return conflict("demande_impossible", why)
		}
		if err := s.apply(ctx, tx, par, x); err != nil {
			return err
		}
	}
	if err := s.tell(ctx, tx, x, d); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, d)
}

func conflict(reason, message string) error {
	e := fault.New(fault.Conflict, reason)
	e.Fields = fault.Fields{"": message}
	return e
}

// apply does what was asked.
func (s *Decisions) apply(ctx context.Context, tx *db.Tx, par compte.Auteur, x Dossier) error {
	switch x.Genre {
	case DeRattachement:
		return s.attach(ctx, tx, par, x)
	case DeCoreferent:
		c := x.Coreferent
		_, err := s.Comptes.Create(ctx, tx, par, aidant.Nouveau{
			Prenom: c.Prenom, Nom: c.Nom, Email: c.Email, Profession: c.Profession, Telephone: c.Telephone,
			Organisation: c.Organisation, Referent: true, NonAidant: true,
		})
		return err
	}
	return organisation.SetCoordonnees(ctx, tx, s.Journal, entry(par, x.Structure.ID, nil), x.Correction)
}

// attach attaches the person, then ends the memberships they chose to leave: no
// other (A-W13).
func (s *Decisions) attach(ctx context.Context, tx *db.Tx, par compte.Auteur, x Dossier) error {
	id, org := x.Compte.ID, x.Structure.ID
	if !x.Candidat.Membre {
		if err := s.Comptes.AddMembership(ctx, tx, par, compte.Cible{Aidant: id, Organisation: org}); err != nil {
			return err
		}
	}
	now, err := aidant.Structures(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, o := range x.Rattachement.Departs {
		if o == org || !slices.Contains(now, o) {
			continue // left meanwhile
		}
		if err := s.Comptes.EndMembership(ctx, tx, par, compte.Cible{Aidant: id, Organisation: o}, compte.Demande); err != nil {
			return err
		}
	}
	return nil
}

// note writes the line of the decision, besides those of its effect.
func (s *Decisions) note(ctx context.Context, tx *db.Tx, par compte.Auteur, x Dossier, d Decision) error {
	etape := fait.EtapeValidee
	if !d.Accepte {
		etape = fait.EtapeRefusee
	}
	var f fait.Fait
	switch x.Genre {
	case DeRattachement:
		f = fait.ChangeStructure{Demande: x.ID.String(), Etape: etape}
	case DeCoreferent:
		f = fait.ChangeCoreferent{Demande: x.ID.String(), Etape: etape}
	default:
		f = fait.ChangeCorrection{Demande: x.ID.String(), Etape: etape}
	}
	e := entry(par, x.Structure.ID, f)
	e.Concerne = x.Compte.ID
	return s.Journal.Append(ctx, tx, e)
}

func entry(par compte.Auteur, org ident.OrganisationID, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: par.Initiateur, Aidant: par.Aidant, Organisation: org, Session: par.Session, Fait: f}
}
