package fait

import (
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// The actions on accounts and organisations (mandats.md 17.2 and 17.3,
// comptes.md 18). Concerne, in the Entry, is the account acted upon when
// somebody else acts.

// ConnectAidant: a professional signed in.
type ConnectAidant struct{}

// ActivityCheckAidant: a code was accepted at the re-check.
type ActivityCheckAidant struct{}

// LoginFailed: a sign-in or a code was refused; only for a known account.
type LoginFailed struct {
	Motif  string `json:"motif" mot:"motif" requis:"oui"`
	Echecs int    `json:"echecs"`
}

// FirstConnection: the account signed in for the first time.
type FirstConnection struct{}

// CloseSession: a web session was closed by somebody else than its owner.
type CloseSession struct {
	Motif string `json:"motif" mot:"motif"`
}

// InviteFacteur: the account was invited to enrol a factor.
type InviteFacteur struct {
	Genre string `json:"genre" mot:"facteur" requis:"oui"`
}

// ConfirmFacteur: a factor gave its first right code.
type ConfirmFacteur struct {
	Genre string `json:"genre" mot:"facteur" requis:"oui"`
}

// RemoveFacteur: a factor was removed.
type RemoveFacteur struct {
	Genre string `json:"genre" mot:"facteur" requis:"oui"`
	Motif string `json:"motif" mot:"motif"`
}

// LinkProConnect: the account was tied to a person at ProConnect, by its holder.
type LinkProConnect struct{}

// UnlinkProConnect: the tie was undone by the holder.
type UnlinkProConnect struct{}

// ResynchroniseFacteur: the drift of a factor was set again by two codes.
type ResynchroniseFacteur struct {
	Genre string `json:"genre" mot:"facteur" requis:"oui"`
}

// CreateCodesSecours: recovery codes were made.
type CreateCodesSecours struct {
	Nombre int `json:"nombre"`
}

// UseCodeSecours: a recovery code served.
type UseCodeSecours struct {
	Restants int `json:"restants"`
}

// CardAssociation: a card or an application was linked to an account.
type CardAssociation struct {
	Genre       string `json:"genre" mot:"facteur" requis:"oui"`
	NumeroSerie string `json:"numero_serie" mot:"serie"`
}

// CardValidation: a linked card was validated.
type CardValidation struct {
	Genre       string `json:"genre" mot:"facteur" requis:"oui"`
	NumeroSerie string `json:"numero_serie" mot:"serie"`
}

// CardDissociation: a card or an application was unlinked; no reason for an application.
type CardDissociation struct {
	Genre       string `json:"genre" mot:"facteur" requis:"oui"`
	NumeroSerie string `json:"numero_serie" mot:"serie"`
	Motif       string `json:"motif" mot:"separation"`
}

// ImportTotpCards: a stock of cards was imported.
type ImportTotpCards struct {
	Ajouts        int `json:"ajouts"`
	Modifications int `json:"modifications"`
}

// ImportCard: one card of an import.
type ImportCard struct {
	NumeroSerie  string `json:"numero_serie" mot:"serie" requis:"oui"`
	Modification bool   `json:"modification"`
}

// ImportAidants: a list of people was imported; each account has its own lines.
type ImportAidants struct {
	Ajouts        int `json:"ajouts"`
	Modifications int `json:"modifications"`
	Refusees      int `json:"refusees"`
}

// UpdateEmailAidant: the account's e-mail changed; no value.
type UpdateEmailAidant struct{}

// UpdatePhoneAidant: the account's phone changed; no value.
type UpdatePhoneAidant struct{}

// CreateAidant: an account was created.
type CreateAidant struct {
	Habilite bool `json:"habilite"`
	Referent bool `json:"referent"`
}

// DeactivateAidant: an account was deactivated.
type DeactivateAidant struct {
	Cause string `json:"cause" mot:"desactivation" requis:"oui"`
}

// ReactivateAidant: an account was reactivated.
type ReactivateAidant struct {
	Cause string `json:"cause" mot:"motif"`
}

// AddMembership: the account joined the organisation.
type AddMembership struct{}

// EndMembership: the account left the organisation.
type EndMembership struct {
	Motif string `json:"motif" mot:"motif"`
}

// DesignateReferent: the account became référent of the organisation.
type DesignateReferent struct{}

// EndReferent: the account is no longer référent of the organisation.
type EndReferent struct {
	Motif string `json:"motif" mot:"motif"`
}

// GrantStaff: a staff role was given.
type GrantStaff struct {
	Role string `json:"role" mot:"cle" requis:"oui"`
}

// WithdrawStaff: a staff role was taken back.
type WithdrawStaff struct {
	Role string `json:"role" mot:"cle" requis:"oui"`
}

// GrantMandat: the right to make mandats was given.
type GrantMandat struct{}

// WithdrawMandat: the right to make mandats was taken back.
type WithdrawMandat struct{}

// SwitchOrganisation: the current organisation of a web session changed.
type SwitchOrganisation struct {
	Avant ident.OrganisationID `json:"avant"`
	Apres ident.OrganisationID `json:"apres" requis:"oui"`
}

// CreateOrganisation: an organisation was created, with its périmètre.
type CreateOrganisation struct {
	Demarches []demarche.Demarche `json:"demarches"`
}

// UpdateOrganisation: columns of an organisation changed; no value.
type UpdateOrganisation struct {
	Champs []string `json:"champs" mot:"cle" requis:"oui"`
}

// UpdatePerimetreOrganisation: the démarches allowed to an organisation changed.
type UpdatePerimetreOrganisation struct {
	Avant []demarche.Demarche `json:"avant"`
	Apres []demarche.Demarche `json:"apres"`
}

// CloseOrganisation: an organisation was closed, after its mandats were ended or transferred.
type CloseOrganisation struct {
	Motif             string `json:"motif" mot:"motif"`
	MandatsTermines   int    `json:"mandats_termines"`
	MandatsTransferes int    `json:"mandats_transferes"`
}

// ChangeStructure: a step of a request to change structure.
type ChangeStructure struct {
	Demande string `json:"demande_id" mot:"reference"`
	Etape   string `json:"etape" mot:"demande" requis:"oui"`
}

// ChangeCoreferent: a step of a request for a co-référent.
type ChangeCoreferent struct {
	Demande string `json:"demande_id" mot:"reference"`
	Etape   string `json:"etape" mot:"demande" requis:"oui"`
}

// ChangeCorrection: a step of a correction of a structure that a référent proposes; no value.
type ChangeCorrection struct {
	Demande string `json:"demande_id" mot:"reference"`
	Etape   string `json:"etape" mot:"demande" requis:"oui"`
}

// AcceptCGU: a version of a text was accepted.
type AcceptCGU struct {
	Document  string `json:"document" mot:"cle" requis:"oui"`
	Version   string `json:"version" mot:"version" requis:"oui"`
	Empreinte string `json:"empreinte" mot:"empreinte" requis:"oui"`
}

// ViewAidant: personal data of an account were read in gestion.
type ViewAidant struct{}

// Export: an export was made or downloaded.
type Export struct {
	Donnees string `json:"donnees" mot:"cle" requis:"oui"`
	Etape   string `json:"etape" mot:"export" requis:"oui"`
	Lignes  int    `json:"lignes"`
}

// ReplayTache: somebody made a task of the schedule run again, and why.
type ReplayTache struct {
	Tache string `json:"tache" mot:"cle" requis:"oui"`
	Motif string `json:"motif" mot:"relance" requis:"oui"`
}

// AckSignalement: what the detection found was seen.
type AckSignalement struct {
	Regle       string `json:"regle" mot:"cle" requis:"oui"`
	Signalement string `json:"signalement_id" mot:"reference" requis:"oui"`
}

// EraseAidant: what an account held of its person was destroyed, and the key
// of their pseudonym (mandats.md 16).
type EraseAidant struct {
	Motif string `json:"motif" mot:"motif"`
}

// PublishNotification: the team told something to the accounts.
type PublishNotification struct {
	Notification string `json:"notification_id" mot:"reference"`
	Genre        string `json:"genre" mot:"cle" requis:"oui"`
	Public       string `json:"public" mot:"cle" requis:"oui"`
}

// WithdrawNotification: the team took it back.
type WithdrawNotification struct {
	Notification string `json:"notification_id" mot:"reference"`
}

// CreateAPIToken: an API token was created.
type CreateAPIToken struct {
	Jeton string `json:"jeton_id" mot:"reference"`
}

// RevokeAPIToken: an API token was revoked.
type RevokeAPIToken struct {
	Jeton string `json:"jeton_id" mot:"reference"`
}

// The methods below implement Fait: the keyword of each action.

func (ConnectAidant) Action() string               { return "connect_aidant" }
func (ActivityCheckAidant) Action() string         { return "activity_check_aidant" }
func (LoginFailed) Action() string                 { return "login_failed" }
func (FirstConnection) Action() string             { return "first_connection" }
func (CloseSession) Action() string                { return "close_session" }
func (InviteFacteur) Action() string               { return "invite_factor" }
func (ConfirmFacteur) Action() string              { return "confirm_factor" }
func (RemoveFacteur) Action() string               { return "remove_factor" }
func (ResynchroniseFacteur) Action() string        { return "resynchronise_factor" }
func (LinkProConnect) Action() string              { return "link_proconnect" }
func (UnlinkProConnect) Action() string            { return "unlink_proconnect" }
func (CreateCodesSecours) Action() string          { return "create_recovery_codes" }
func (UseCodeSecours) Action() string              { return "use_recovery_code" }
func (CardAssociation) Action() string             { return "card_association" }
func (CardValidation) Action() string              { return "card_validation" }
func (CardDissociation) Action() string            { return "card_dissociation" }
func (ImportTotpCards) Action() string             { return "import_totp_cards" }
func (ImportCard) Action() string                  { return "import_card" }
func (ImportAidants) Action() string               { return "import_aidants" }
func (UpdateEmailAidant) Action() string           { return "update_email_aidant" }
func (UpdatePhoneAidant) Action() string           { return "update_phone_aidant" }
func (CreateAidant) Action() string                { return "create_aidant" }
func (DeactivateAidant) Action() string            { return "deactivate_aidant" }
func (ReactivateAidant) Action() string            { return "reactivate_aidant" }
func (AddMembership) Action() string               { return "add_membership" }
func (EndMembership) Action() string               { return "end_membership" }
func (DesignateReferent) Action() string           { return "designate_referent" }
func (EndReferent) Action() string                 { return "end_referent" }
func (GrantStaff) Action() string                  { return "grant_staff" }
func (WithdrawStaff) Action() string               { return "withdraw_staff" }
func (GrantMandat) Action() string                 { return "grant_mandat" }
func (WithdrawMandat) Action() string              { return "withdraw_mandat" }
func (SwitchOrganisation) Action() string          { return "switch_organisation" }
func (CreateOrganisation) Action() string          { return "create_organisation" }
func (UpdateOrganisation) Action() string          { return "update_organisation" }
func (UpdatePerimetreOrganisation) Action() string { return "update_perimetre_organisation" }
func (CloseOrganisation) Action() string           { return "close_organisation" }
func (ChangeStructure) Action() string             { return "change_structure" }
func (ChangeCoreferent) Action() string            { return "change_coreferent" }
func (ChangeCorrection) Action() string            { return "change_correction" }
func (AcceptCGU) Action() string                   { return "accept_cgu" }
func (ViewAidant) Action() string                  { return "view_aidant" }
func (Export) Action() string                      { return "export" }
func (ReplayTache) Action() string                 { return "replay_tache" }
func (AckSignalement) Action() string              { return "ack_signalement" }
func (EraseAidant) Action() string                 { return "erase_aidant" }
func (PublishNotification) Action() string         { return "publish_notification" }
func (WithdrawNotification) Action() string        { return "withdraw_notification" }
func (CreateAPIToken) Action() string              { return "create_api_token" }
func (RevokeAPIToken) Action() string              { return "revoke_api_token" }
