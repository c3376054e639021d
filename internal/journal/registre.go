package journal

import (
	"fmt"
	"reflect"
	"slices"
)

// action is what the registry knows of one action.
type action struct {
	libelle string
	need    requis
	plan    plan
}

// actions is the closed registry, by keyword. An action is never removed nor
// its fields renamed: lines of it exist.
var actions = newRegistre(
	// mandats.md 17.2, with the labels of the pages.
	reg(ConnectAidant{}, "Connexion d'un aidant", rAidant),
	reg(ActivityCheckAidant{}, "Reprise de connexion d'un aidant", rAidant),
	reg(CardAssociation{}, "Association d'une carte à un aidant", rConcerne),
	reg(CardValidation{}, "Validation d'une carte associée à un aidant", rConcerne),
	reg(CardDissociation{}, "Séparation d'une carte et d'un aidant", rConcerne),
	reg(FranceconnectUsager{}, "FranceConnexion d'un usager", rUsager|rOrganisation),
	reg(UpdateEmailUsager{}, "L'email de l'usager a été modifié", rUsager),
	reg(UpdatePhoneUsager{}, "Le téléphone de l'usager a été modifié", rUsager),
	reg(InitRenewMandat{}, "Lancement d'une procédure de renouvellement", rUsager|rOrganisation|rOperation),
	reg(CreateAttestation{}, "Création d'une attestation", rUsager|rOrganisation|rMandat|rOperation),
	reg(CreateAutorisation{}, "Création d'une autorisation", rUsager|rOrganisation|rMandat|rAutorisation|rOperation),
	reg(UseAutorisation{}, "Utilisation d'une autorisation", rAidant|rUsager|rOrganisation|rMandat|rAutorisation|rOperation),
	reg(CancelAutorisation{}, "Révocation d'une autorisation", rUsager|rOrganisation|rMandat|rAutorisation|rOperation),
	reg(CancelMandat{}, "Révocation d'un mandat", rUsager|rOrganisation|rMandat|rOperation),
	reg(ImportTotpCards{}, "Importation de cartes TOTP", 0),
	reg(TransferMandat{}, "Transférer un mandat à une autre organisation", rConcerne|rUsager|rOrganisation|rMandat|rOperation),
	reg(SwitchOrganisation{}, "Changement d'organisation", rAidant),
	reg(RemoteSMSRecapSent{}, "Récapitulatif préalable pour mandat conclu par SMS envoyé", rOrganisation),
	reg(RemoteSMSConsentSent{}, "Demande de consentement pour un mandat conclu par SMS envoyé", rOrganisation),
	reg(RemoteSMSConsentReceived{}, "Consentement reçu pour un mandat conclu par SMS", rOrganisation),
	reg(RemoteSMSDenialReceived{}, "Refus reçu pour un mandat conclu par SMS", rOrganisation),
	// mandats.md 17.3.
	reg(CreateUsager{}, "Première identification d'un usager", rUsager),
	reg(UpdateIdentiteUsager{}, "L'identité de l'usager a été mise à jour", rUsager),
	reg(SupersedeMandat{}, "Remplacement d'un mandat par un plus récent", rUsager|rOrganisation|rMandat|rOperation),
	reg(EndMandat{}, "Fin d'un mandat", rUsager|rOrganisation|rMandat|rOperation),
	reg(SignPapier{}, "Signature du mandat sur papier", rUsager|rOrganisation|rMandat),
	reg(SetGracePapier{}, "Délai accordé pour la copie signée d'un mandat", rOrganisation),
	reg(CancelPapier{}, "Annulation d'une preuve sur papier", rUsager|rOrganisation|rMandat),
	reg(ViewUsager{}, "Consultation de la fiche d'un usager", rAidant|rUsager),
	reg(ViewMandat{}, "Consultation d'un mandat", rAidant|rMandat),
	reg(PrintAttestation{}, "Impression d'une attestation", rAidant|rMandat),
	reg(PrintRevocation{}, "Impression d'une attestation de révocation", rAidant|rMandat),
	reg(ViewTraduction{}, "Consultation d'une traduction du mandat", 0),
	reg(RefuseAuthorize{}, "Utilisation refusée avant le choix", 0),
	reg(RefuseToken{}, "Utilisation refusée à l'échange du code", 0),
	reg(RefuseUserinfo{}, "Utilisation refusée à la remise de l'identité", 0),
	reg(ReplayCode{}, "Code présenté une seconde fois", 0),
	reg(LoginFailed{}, "Échec de connexion", rAidant),
	reg(AcceptCGU{}, "Acceptation de conditions ou d'une charte", rAidant),
	reg(DesignateReferent{}, "Désignation d'un référent", rConcerne|rOrganisation),
	reg(UpdatePerimetreOrganisation{}, "Changement des démarches permises à une structure", rOrganisation),
	reg(AdminUpdateUsager{}, "Correction d'un usager par un administrateur", rAidant|rUsager),
	reg(CloseOrganisation{}, "Fermeture d'une structure", rOrganisation),
	reg(EraseUsager{}, "Effacement d'un usager", rUsager),
	reg(PurgeRetention{}, "Suppression en fin de conservation", 0),
	reg(NotifyUsager{}, "Message à l'usager mis en file", rUsager),
	reg(IncidentMandat{}, "Incident rattaché à un mandat", rMandat),
	// comptes.md 18.
	reg(FirstConnection{}, "Première connexion d'un compte", rAidant),
	reg(CloseSession{}, "Fermeture d'une session par un tiers", rConcerne),
	reg(InviteFacteur{}, "Invitation à enrôler un second facteur", rConcerne),
	reg(ConfirmFacteur{}, "Confirmation d'un second facteur", 0),
	reg(RemoveFacteur{}, "Retrait d'un second facteur", 0),
	reg(ResynchroniseFacteur{}, "Resynchronisation d'un second facteur", rAidant),
	reg(CreateCodesSecours{}, "Création de codes de secours", 0),
	reg(UseCodeSecours{}, "Utilisation d'un code de secours", rAidant),
	reg(ImportCard{}, "Importation d'une carte TOTP", 0),
	reg(UpdateEmailAidant{}, "L'email du compte a été modifié", 0),
	reg(UpdatePhoneAidant{}, "Le téléphone du compte a été modifié", 0),
	reg(CreateAidant{}, "Création d'un compte", rConcerne),
	reg(DeactivateAidant{}, "Désactivation d'un compte", rConcerne),
	reg(ReactivateAidant{}, "Réactivation d'un compte", rConcerne),
	reg(AddMembership{}, "Rattachement d'un compte à une structure", rConcerne|rOrganisation),
	reg(EndMembership{}, "Fin du rattachement d'un compte à une structure", rConcerne|rOrganisation),
	reg(EndReferent{}, "Fin du rôle de référent", rConcerne|rOrganisation),
	reg(GrantStaff{}, "Attribution d'un rôle de gestion", rConcerne),
	reg(WithdrawStaff{}, "Retrait d'un rôle de gestion", rConcerne),
	reg(GrantMandat{}, "Attribution du droit de créer des mandats", rConcerne),
	reg(WithdrawMandat{}, "Retrait du droit de créer des mandats", rConcerne),
	reg(CreateOrganisation{}, "Création d'une structure", rOrganisation),
	reg(UpdateOrganisation{}, "Modification d'une structure", rOrganisation),
	reg(ChangeStructure{}, "Demande de changement de structure", rOrganisation),
	reg(ChangeCoreferent{}, "Demande de co-référent", rOrganisation),
	reg(ViewAidant{}, "Consultation d'un compte en gestion", rAidant|rConcerne),
	reg(Export{}, "Export de données", rAidant),
	reg(CreateAPIToken{}, "Création d'un jeton d'API", rAidant),
	reg(RevokeAPIToken{}, "Révocation d'un jeton d'API", rAidant),
)

type inscription struct {
	fait    Fait
	libelle string
	need    requis
}

func reg(f Fait, libelle string, need requis) inscription { return inscription{f, libelle, need} }

// newRegistre panics on a struct that could hold free text: the program then
// does not start, and no test passes.
func newRegistre(all ...inscription) map[string]action {
	m := make(map[string]action, len(all))
	for _, r := range all {
		p, err := planOf(reflect.TypeOf(r.fait))
		if err != nil {
			panic("journal: " + err.Error())
		}
		if _, twice := m[r.fait.Action()]; twice {
			panic("journal: action registered twice: " + r.fait.Action())
		}
		m[r.fait.Action()] = action{r.libelle, r.need, p}
	}
	return m
}

// Actions lists every keyword, sorted.
func Actions() []string {
	var out []string
	for k := range actions {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Libelle is the French label of an action, or its keyword if unknown.
func Libelle(mot string) string {
	if a, ok := actions[mot]; ok {
		return a.libelle
	}
	return mot
}

// contenu checks an entry against its action and writes its canonical JSON.
func (e Entry) contenu() ([]byte, error) {
	if e.Fait == nil {
		return nil, fmt.Errorf("journal entry without facts")
	}
	mot := e.Fait.Action()
	a, ok := actions[mot]
	v := reflect.ValueOf(e.Fait)
	if !ok || v.Type() != a.plan.typ {
		return nil, fmt.Errorf("journal entry of the unregistered type %T", e.Fait)
	}
	if err := e.check(a.need); err != nil {
		return nil, fmt.Errorf("journal entry %s: %w", mot, err)
	}
	if err := a.plan.complete(v); err != nil {
		return nil, fmt.Errorf("journal entry %s: %w", mot, err)
	}
	if f, ok := e.Fait.(interface{ regle() error }); ok {
		if err := f.regle(); err != nil {
			return nil, fmt.Errorf("journal entry %s: %w", mot, err)
		}
	}
	b, err := a.plan.encode(v)
	if err != nil {
		return nil, fmt.Errorf("journal entry %s: %w", mot, err)
	}
	return b, nil
}

// decodeFait reads the facts of a stored line.
func decodeFait(mot string, contenu []byte) (Fait, error) {
	a, ok := actions[mot]
	if !ok {
		return nil, fmt.Errorf("unknown action %q", mot)
	}
	v, err := a.plan.decode(contenu)
	if err != nil {
		return nil, err
	}
	f, ok := v.Interface().(Fait)
	if !ok {
		return nil, fmt.Errorf("action %q holds a %s", mot, v.Type())
	}
	return f, nil
}
