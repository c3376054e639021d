package fait

import (
	"errors"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// The actions on usagers and mandats (mandats.md 17.2 and 17.3). The people,
// the organisation, the mandat, the autorisation and the operation are in the
// Entry; here is only what is particular to the action. Field tags: json is
// the key written, mot the vocabulary of a text, requis what Append demands.

// FranceconnectUsager: the usager identified with FranceConnect.
type FranceconnectUsager struct{}

// CreateUsager: first identification of the usager.
type CreateUsager struct{}

// UpdateIdentiteUsager: a new version of the identity; the names of the
// columns that differ, never their values.
type UpdateIdentiteUsager struct {
	Champs []string `json:"champs" mot:"cle" requis:"oui"`
}

// UpdateEmailUsager: the e-mail changed; no value.
type UpdateEmailUsager struct{}

// UpdatePhoneUsager: the phone changed; no value.
type UpdatePhoneUsager struct{}

// AdminUpdateUsager: an edit by an admin, with its reason.
type AdminUpdateUsager struct {
	Champs []string `json:"champs" mot:"cle" requis:"oui"`
	Motif  string   `json:"motif" mot:"motif" requis:"oui"`
}

// InitRenewMandat: a renewal form was accepted.
type InitRenewMandat struct {
	Demarches           []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours               int                 `json:"jours" requis:"oui"`
	ADistance           bool                `json:"a_distance"`
	MethodeConsentement string              `json:"methode_consentement" mot:"methode"`
	DemandeConsentement string              `json:"demande_consentement_id" mot:"reference"`
}

func (f InitRenewMandat) regle() error {
	return distance(f.ADistance, f.MethodeConsentement, true)
}

// CreateAttestation: a mandat was signed. Exactly one per mandat.
type CreateAttestation struct {
	Demarches             []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours                 int                 `json:"jours" requis:"oui"`
	DocumentEmpreinte     string              `json:"document_empreinte" mot:"empreinte" requis:"oui"` // the printable document
	TexteEmpreinte        string              `json:"texte_empreinte" mot:"empreinte"`                 // the mandat's text
	Preuve                string              `json:"preuve" mot:"preuve"`                             // nature of the evidence
	ConsentementEmpreinte string              `json:"consentement_empreinte" mot:"empreinte"`          // salted digest of the evidence
	ADistance             bool                `json:"a_distance"`
	MethodeConsentement   string              `json:"methode_consentement" mot:"methode"`
	DemandeConsentement   string              `json:"demande_consentement_id" mot:"reference"`
	Predecesseur          ident.MandatID      `json:"predecesseur_id"` // the mandat renewed
}

func (f CreateAttestation) regle() error {
	return distance(f.ADistance, f.MethodeConsentement, f.DemandeConsentement != "" && f.ConsentementEmpreinte != "")
}

// distance holds the rules of mandats.md 17.2: at a distance there is a
// method, and by SMS there is a request and evidence.
func distance(remote bool, methode string, evidence bool) error {
	switch {
	case remote != (methode != ""):
		return errors.New("a method is given exactly when the mandat is at a distance")
	case methode == "SMS" && !evidence:
		return errors.New("by SMS, the request and the evidence are given")
	}
	return nil
}

// CreateAutorisation: one démarche of the mandat just signed.
type CreateAutorisation struct {
	Demarche  demarche.Demarche `json:"demarche" requis:"oui"`
	Jours     int               `json:"jours" requis:"oui"`
	ADistance bool              `json:"a_distance"`
}

// UseAutorisation: the identity was delivered to FranceConnect, once per
// dossier (FI-80, FI-81). The périmètres are our keys: asked by FranceConnect
// (none: no restriction), and given back in rep_scope.
type UseAutorisation struct {
	Demarche        demarche.Demarche   `json:"demarche" requis:"oui"`
	Presence        string              `json:"presence" mot:"presence" requis:"oui"`
	RepScopeDemande []demarche.Demarche `json:"rep_scope_demande"`
	RepScopeRendu   []demarche.Demarche `json:"rep_scope_rendu"`
}

// CancelAutorisation: one démarche ended by an act: revocation, supersession.
type CancelAutorisation struct {
	Demarche demarche.Demarche `json:"demarche" requis:"oui"`
	Jours    int               `json:"jours"`
	Motif    string            `json:"motif" mot:"fin" requis:"oui"`
	Canal    string            `json:"canal" mot:"canal"`
}

// CancelMandat: the whole mandat was revoked.
type CancelMandat struct {
	Motif string `json:"motif" mot:"fin"`
	Canal string `json:"canal" mot:"canal"`
}

// SupersedeMandat: a newer mandat left this one without a live démarche.
type SupersedeMandat struct {
	Successeur ident.MandatID `json:"successeur_id"`
}

// EndMandat: the other ends of Code civil, art. 2003, the term included.
type EndMandat struct {
	Motif      string              `json:"motif" mot:"fin" requis:"oui"`
	Canal      string              `json:"canal" mot:"canal"`
	Demarches  []demarche.Demarche `json:"demarches"`   // those still live until then
	DateEffet  db.Time             `json:"date_effet"`  // when it took effect
	DateConnue db.Time             `json:"date_connue"` // when it was known here (art. 2008)
}

// SignPapier: the paper copy is signed: certified, or a copy of it joined.
type SignPapier struct {
	DateSignature   db.Time `json:"date_signature"`
	PreuveEmpreinte string  `json:"preuve_empreinte" mot:"empreinte"` // salted digest of the proof
}

// SetGracePapier: a structure chose how many days a mandat on paper may serve
// without its signed copy.
type SetGracePapier struct {
	Jours int  `json:"jours"`
	Aucun bool `json:"aucun"`
}

// CancelPapier: a proof of the paper was set aside.
type CancelPapier struct {
	Motif           string `json:"motif" mot:"motif" requis:"oui"`
	PreuveEmpreinte string `json:"preuve_empreinte" mot:"empreinte" requis:"oui"`
}

// TransferMandat: a successor was made for another organisation (mandats.md
// 15). Concerne, in the Entry, is the second person, who approved.
type TransferMandat struct {
	Avant             ident.OrganisationID `json:"avant" requis:"oui"`
	Apres             ident.OrganisationID `json:"apres" requis:"oui"`
	DocumentEmpreinte string               `json:"document_empreinte" mot:"empreinte" requis:"oui"` // of the mandat left
	Successeur        ident.MandatID       `json:"successeur_id"`
	Motif             string               `json:"motif" mot:"motif" requis:"oui"`
}

// The dialogue by SMS (mandats.md 13). PreuveEmpreinte is the salted digest of
// the message kept beside the mandat.
type (
	// RemoteSMSRecapSent: the provider accepted the récapitulatif.
	RemoteSMSRecapSent DialogueSMS
	// RemoteSMSConsentSent: the provider accepted the question.
	RemoteSMSConsentSent DialogueSMS
	// RemoteSMSConsentReceived: the usager said yes.
	RemoteSMSConsentReceived DialogueSMS
	// RemoteSMSDenialReceived: the usager said no.
	RemoteSMSDenialReceived DialogueSMS
)

// DialogueSMS is what the four lines say: the exact démarches, duration and
// text, and which request (M-W21).
type DialogueSMS struct {
	Demarches           []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours               int                 `json:"jours" requis:"oui"`
	MethodeConsentement string              `json:"methode_consentement" mot:"methode" requis:"oui"`
	DemandeConsentement string              `json:"demande_consentement_id" mot:"reference" requis:"oui"`
	PreuveEmpreinte     string              `json:"preuve_empreinte" mot:"empreinte" requis:"oui"`
	TexteEmpreinte      string              `json:"texte_empreinte" mot:"empreinte" requis:"oui"`
}

// ViewUsager: the page of a usager was read.
type ViewUsager struct{}

// ViewMandat: a mandat was read.
type ViewMandat struct{}

// PrintAttestation: the attestation was printed.
type PrintAttestation struct {
	DocumentEmpreinte string `json:"document_empreinte" mot:"empreinte"`
}

// PrintRevocation: an attestation of revocation was printed.
type PrintRevocation struct{}

// SealFin: the certificate of an end was sealed.
type SealFin struct {
	DocumentEmpreinte       string `json:"document_empreinte" mot:"empreinte"`
	EnregistrementEmpreinte string `json:"enregistrement_empreinte" mot:"empreinte"`
}

// PrintReleve: the account of what was done in the person's name was opened, to
// be printed and given to them (Code civil, art. 1993).
type PrintReleve struct {
	Utilisations int `json:"utilisations"`
}

// ViewArchive: a mandat of the archive was read, and why.
type ViewArchive struct {
	Motif string `json:"motif" mot:"archive" requis:"oui"`
}

// ExportUsager: a step of the copy of what is held of a person, at their
// request (RGPD, art. 15).
type ExportUsager struct {
	Etape        string `json:"etape" mot:"export" requis:"oui"`
	Verification string `json:"verification" mot:"verification" requis:"oui"` // how it was known that it is them
	Lignes       int    `json:"lignes"`
}

// ViewTraduction: a translation of the mandat was shown.
type ViewTraduction struct {
	Langue  string `json:"langue" mot:"cle" requis:"oui"` // "pus"
	Version string `json:"version" mot:"version"`
}

// RefuseAuthorize: a use was refused on our pages (FI-82).
type RefuseAuthorize struct {
	Motif    string            `json:"motif" mot:"motif" requis:"oui"`
	Demarche demarche.Demarche `json:"demarche"`
}

// RefuseToken: a use was refused at /token.
type RefuseToken struct {
	Motif    string            `json:"motif" mot:"motif" requis:"oui"`
	Demarche demarche.Demarche `json:"demarche"`
}

// RefuseUserinfo: a use was refused at /userinfo.
type RefuseUserinfo struct {
	Motif    string            `json:"motif" mot:"motif" requis:"oui"`
	Demarche demarche.Demarche `json:"demarche"`
}

// ReplayCode: a code was presented twice; what it gave was revoked (FI-44).
type ReplayCode struct {
	Motif    string            `json:"motif" mot:"motif"`
	Demarche demarche.Demarche `json:"demarche"`
}

// NotifyUsager: a message to the usager was queued.
type NotifyUsager struct {
	Voie  string `json:"voie" mot:"voie" requis:"oui"`
	Genre string `json:"genre" mot:"message" requis:"oui"` // "E-31"
}

// IncidentMandat: an error or an incident was attached to the mandat.
type IncidentMandat struct {
	Etape string `json:"etape" mot:"incident" requis:"oui"`
	Genre string `json:"genre" mot:"cle" requis:"oui"`
}

// EraseUsager: the usager's data and pseudonym key were destroyed
// (mandats.md 16). The line's pseudonym is the one being forgotten.
type EraseUsager struct {
	Motif   string `json:"motif" mot:"motif"`
	Mandats int    `json:"mandats"` // how many mandats were erased with them
}

// EvenementUsager: a step about the death or the protection measure of an
// usager: noted by a structure, checked by the team, set aside, taken back.
type EvenementUsager struct {
	Motif     string  `json:"motif" mot:"fin" requis:"oui"`
	Etape     string  `json:"etape" mot:"demande" requis:"oui"`
	DateEffet db.Time `json:"date_effet"`
}

// HoldUsager: nothing of the usager is erased until the hold is lifted.
type HoldUsager struct {
	Motif string `json:"motif" mot:"motif" requis:"oui"`
}

// ReleaseUsager: the hold was lifted.
type ReleaseUsager struct{}

// ReviewTraduction: a text that explains the mandat was reviewed (mandats.md 12).
type ReviewTraduction struct {
	Langue    string `json:"langue" mot:"cle" requis:"oui"`
	Empreinte string `json:"empreinte" mot:"empreinte" requis:"oui"` // of the text
	Qualite   string `json:"qualite" mot:"cle" requis:"oui"`
}

// WithdrawTraduction: its review was taken back.
type WithdrawTraduction struct {
	Langue    string `json:"langue" mot:"cle" requis:"oui"`
	Empreinte string `json:"empreinte" mot:"empreinte" requis:"oui"`
}

// PurgeRetention: rows reached the end of their retention.
type PurgeRetention struct {
	Donnees   string `json:"donnees" mot:"cle" requis:"oui"` // the table
	Lignes    int    `json:"lignes"`
	Empreinte string `json:"empreinte" mot:"empreinte"` // of the identifiers purged
}

// The methods below implement Fait: the keyword of each action.

func (FranceconnectUsager) Action() string      { return "franceconnect_usager" }
func (CreateUsager) Action() string             { return "create_usager" }
func (UpdateIdentiteUsager) Action() string     { return "update_identite_usager" }
func (UpdateEmailUsager) Action() string        { return "update_email_usager" }
func (UpdatePhoneUsager) Action() string        { return "update_phone_usager" }
func (AdminUpdateUsager) Action() string        { return "admin_update_usager" }
func (InitRenewMandat) Action() string          { return "init_renew_mandat" }
func (CreateAttestation) Action() string        { return "create_attestation" }
func (CreateAutorisation) Action() string       { return "create_autorisation" }
func (UseAutorisation) Action() string          { return "use_autorisation" }
func (CancelAutorisation) Action() string       { return "cancel_autorisation" }
func (CancelMandat) Action() string             { return "cancel_mandat" }
func (SupersedeMandat) Action() string          { return "supersede_mandat" }
func (EndMandat) Action() string                { return "end_mandat" }
func (EvenementUsager) Action() string          { return "evenement_usager" }
func (SignPapier) Action() string               { return "sign_papier" }
func (CancelPapier) Action() string             { return "cancel_papier" }
func (SetGracePapier) Action() string           { return "set_grace_papier" }
func (TransferMandat) Action() string           { return "transfer_mandat" }
func (RemoteSMSRecapSent) Action() string       { return "remote_sms_recap_sent" }
func (RemoteSMSConsentSent) Action() string     { return "remote_sms_consent_sent" }
func (RemoteSMSConsentReceived) Action() string { return "remote_sms_consent_received" }
func (RemoteSMSDenialReceived) Action() string  { return "remote_sms_denial_received" }
func (ViewUsager) Action() string               { return "view_usager" }
func (ViewMandat) Action() string               { return "view_mandat" }
func (PrintAttestation) Action() string         { return "print_attestation" }
func (PrintRevocation) Action() string          { return "print_revocation" }
func (SealFin) Action() string                  { return "seal_fin" }
func (PrintReleve) Action() string              { return "print_releve" }
func (ViewArchive) Action() string              { return "view_archive" }
func (ExportUsager) Action() string             { return "export_usager" }
func (ViewTraduction) Action() string           { return "view_traduction" }
func (RefuseAuthorize) Action() string          { return "refuse_authorize" }
func (RefuseToken) Action() string              { return "refuse_token" }
func (RefuseUserinfo) Action() string           { return "refuse_userinfo" }
func (ReplayCode) Action() string               { return "replay_code" }
func (NotifyUsager) Action() string             { return "notify_usager" }
func (IncidentMandat) Action() string           { return "incident_mandat" }
func (HoldUsager) Action() string               { return "hold_usager" }
func (ReleaseUsager) Action() string            { return "release_usager" }
func (EraseUsager) Action() string              { return "erase_usager" }
func (PurgeRetention) Action() string           { return "purge_retention" }
func (ReviewTraduction) Action() string         { return "review_traduction" }
func (WithdrawTraduction) Action() string       { return "withdraw_traduction" }
