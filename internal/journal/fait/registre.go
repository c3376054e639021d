package fait

import (
	"fmt"
	"reflect"
	"slices"
)

// action is what the registry knows of one action.
type action struct {
	libelle string
	need    Requis
	plan    plan
}

// actions is the closed registry, by keyword. An action is never removed nor
// its fields renamed: lines of it exist.
var actions = newRegistre(
	// mandats.md 17.2, with the labels of the pages.
	reg(ConnectAidant{}, "Connexion d'un aidant", AvecAidant),
	reg(ActivityCheckAidant{}, "Reprise de connexion d'un aidant", AvecAidant),
	reg(CardAssociation{}, "Association d'une carte à un aidant", AvecConcerne),
	reg(CardValidation{}, "Validation d'une carte associée à un aidant", AvecConcerne),
	reg(CardDissociation{}, "Séparation d'une carte et d'un aidant", AvecConcerne),
	reg(FranceconnectUsager{}, "FranceConnexion d'un usager", AvecUsager|AvecOrganisation),
	reg(UpdateEmailUsager{}, "L'email de l'usager a été modifié", AvecUsager),
	reg(UpdatePhoneUsager{}, "Le téléphone de l'usager a été modifié", AvecUsager),
	reg(InitRenewMandat{}, "Lancement d'une procédure de renouvellement", AvecUsager|AvecOrganisation|AvecOperation),
	reg(CreateAttestation{}, "Création d'une attestation", AvecUsager|AvecOrganisation|AvecMandat|AvecOperation),
	reg(CreateAutorisation{}, "Création d'une autorisation", AvecUsager|AvecOrganisation|AvecMandat|AvecAutorisation|AvecOperation),
	reg(UseAutorisation{}, "Utilisation d'une autorisation", AvecAidant|AvecUsager|AvecOrganisation|AvecMandat|AvecAutorisation|AvecOperation),
	reg(CancelAutorisation{}, "Révocation d'une autorisation", AvecUsager|AvecOrganisation|AvecMandat|AvecAutorisation|AvecOperation),
	reg(CancelMandat{}, "Révocation d'un mandat", AvecUsager|AvecOrganisation|AvecMandat|AvecOperation),
	reg(ImportTotpCards{}, "Importation de cartes TOTP", 0),
	reg(TransferMandat{}, "Transférer un mandat à une autre organisation", AvecConcerne|AvecUsager|AvecOrganisation|AvecMandat|AvecOperation),
	reg(SwitchOrganisation{}, "Changement d'organisation", AvecAidant),
	reg(RemoteSMSRecapSent{}, "Récapitulatif préalable pour mandat conclu par SMS envoyé", AvecOrganisation),
	reg(RemoteSMSConsentSent{}, "Demande de consentement pour un mandat conclu par SMS envoyé", AvecOrganisation),
	reg(RemoteSMSConsentReceived{}, "Consentement reçu pour un mandat conclu par SMS", AvecOrganisation),
	reg(RemoteSMSDenialReceived{}, "Refus reçu pour un mandat conclu par SMS", AvecOrganisation),
	// mandats.md 17.3.
	reg(CreateUsager{}, "Première identification d'un usager", AvecUsager),
	reg(UpdateIdentiteUsager{}, "L'identité de l'usager a été mise à jour", AvecUsager),
	reg(SupersedeMandat{}, "Remplacement d'un mandat par un plus récent", AvecUsager|AvecOrganisation|AvecMandat|AvecOperation),
	reg(EndMandat{}, "Fin d'un mandat", AvecUsager|AvecOrganisation|AvecMandat|AvecOperation),
	reg(SignPapier{}, "Signature du mandat sur papier", AvecUsager|AvecOrganisation|AvecMandat),
	reg(SetGracePapier{}, "Délai accordé pour la copie signée d'un mandat", AvecOrganisation),
	reg(CancelPapier{}, "Annulation d'une preuve sur papier", AvecUsager|AvecOrganisation|AvecMandat),
	reg(AskAccord{}, "Demande d'accord envoyée à une personne à distance", AvecOrganisation),
	reg(AcceptAccord{}, "Accord donné à distance", AvecUsager|AvecOrganisation),
	reg(RefuseAccord{}, "Refus d'un mandat proposé à distance", AvecOrganisation),
	reg(ViewUsager{}, "Consultation de la fiche d'un usager", AvecAidant|AvecUsager),
	reg(ViewMandat{}, "Consultation d'un mandat", AvecAidant|AvecMandat),
	reg(PrintAttestation{}, "Impression d'une attestation", AvecAidant|AvecMandat),
	reg(PrintRevocation{}, "Impression d'une attestation de révocation", AvecAidant|AvecMandat),
	reg(SealFin{}, "Certificat de fin scellé", AvecMandat|AvecUsager|AvecOrganisation),
	reg(PrintReleve{}, "Relevé remis à un usager", AvecAidant|AvecUsager|AvecOrganisation),
	reg(ViewArchive{}, "Lecture d'un mandat archivé", AvecAidant|AvecUsager|AvecMandat),
	reg(ExportUsager{}, "Copie des données d'un usager, à sa demande", AvecAidant|AvecUsager),
	reg(ViewTraduction{}, "Consultation d'une traduction du mandat", 0),
	reg(RefuseAuthorize{}, "Utilisation refusée avant le choix", 0),
	reg(RefuseToken{}, "Utilisation refusée à l'échange du code", 0),
	reg(RefuseUserinfo{}, "Utilisation refusée à la remise de l'identité", 0),
	reg(ReplayCode{}, "Code présenté une seconde fois", 0),
	reg(LoginFailed{}, "Échec de connexion", AvecAidant),
	reg(AcceptCGU{}, "Acceptation de conditions ou d'une charte", AvecAidant),
	reg(DesignateReferent{}, "Désignation d'un référent", AvecConcerne|AvecOrganisation),
	reg(UpdatePerimetreOrganisation{}, "Changement des démarches permises à une structure", AvecOrganisation),
	reg(AdminUpdateUsager{}, "Correction d'un usager par un administrateur", AvecAidant|AvecUsager),
	reg(CloseOrganisation{}, "Fermeture d'une structure", AvecOrganisation),
	reg(EvenementUsager{}, "Décès ou mesure de protection d'un usager", AvecAidant|AvecUsager|AvecOperation),
	reg(HoldUsager{}, "Gel des données d'un usager", AvecAidant|AvecUsager),
	reg(ReleaseUsager{}, "Levée d'un gel", AvecAidant|AvecUsager),
	reg(EraseUsager{}, "Effacement d'un usager", AvecUsager),
	reg(ReviewTraduction{}, "Relecture d'une traduction du mandat", AvecAidant|AvecOperation),
	reg(WithdrawTraduction{}, "Retrait d'une relecture", AvecAidant|AvecOperation),
	reg(PurgeRetention{}, "Suppression en fin de conservation", 0),
	reg(NotifyUsager{}, "Message à l'usager mis en file", AvecUsager),
	reg(IncidentMandat{}, "Incident rattaché à un mandat", AvecMandat),
	// comptes.md 18.
	reg(FirstConnection{}, "Première connexion d'un compte", AvecAidant),
	reg(CloseSession{}, "Fermeture d'une session par un tiers", AvecConcerne),
	reg(InviteFacteur{}, "Invitation à enrôler un second facteur", AvecConcerne),
	reg(ConfirmFacteur{}, "Confirmation d'un second facteur", 0),
	reg(RemoveFacteur{}, "Retrait d'un second facteur", 0),
	reg(ResynchroniseFacteur{}, "Resynchronisation d'un second facteur", AvecAidant),
	reg(LinkProConnect{}, "Compte relié à ProConnect", AvecAidant),
	reg(UnlinkProConnect{}, "Compte séparé de ProConnect", AvecAidant),
	reg(CreateCodesSecours{}, "Création de codes de secours", 0),
	reg(UseCodeSecours{}, "Utilisation d'un code de secours", AvecAidant),
	reg(ImportCard{}, "Importation d'une carte TOTP", 0),
	reg(ImportAidants{}, "Importation d'une liste de personnes", AvecAidant),
	reg(UpdateEmailAidant{}, "L'email du compte a été modifié", 0),
	reg(UpdatePhoneAidant{}, "Le téléphone du compte a été modifié", 0),
	reg(CreateAidant{}, "Création d'un compte", AvecConcerne),
	reg(DeactivateAidant{}, "Désactivation d'un compte", AvecConcerne),
	reg(ReactivateAidant{}, "Réactivation d'un compte", AvecConcerne),
	reg(AddMembership{}, "Rattachement d'un compte à une structure", AvecConcerne|AvecOrganisation),
	reg(EndMembership{}, "Fin du rattachement d'un compte à une structure", AvecConcerne|AvecOrganisation),
	reg(EndReferent{}, "Fin du rôle de référent", AvecConcerne|AvecOrganisation),
	reg(GrantStaff{}, "Attribution d'un rôle de gestion", AvecConcerne),
	reg(WithdrawStaff{}, "Retrait d'un rôle de gestion", AvecConcerne),
	reg(GrantMandat{}, "Attribution du droit de créer des mandats", AvecConcerne),
	reg(WithdrawMandat{}, "Retrait du droit de créer des mandats", AvecConcerne),
	reg(CreateOrganisation{}, "Création d'une structure", AvecOrganisation),
	reg(UpdateOrganisation{}, "Modification d'une structure", AvecOrganisation),
	reg(ChangeStructure{}, "Demande de changement de structure", AvecOrganisation),
	reg(ChangeCoreferent{}, "Demande de co-référent", AvecOrganisation),
	reg(ChangeCorrection{}, "Correction proposée d'une structure", AvecOrganisation),
	reg(ViewAidant{}, "Consultation d'un compte en gestion", AvecAidant|AvecConcerne),
	reg(Export{}, "Export de données", AvecAidant),
	reg(ReplayTache{}, "Relance d'une tâche", 0),
	reg(AckSignalement{}, "Signalement vu", AvecAidant),
	reg(EraseAidant{}, "Effacement d'un compte", AvecConcerne),
	reg(PublishNotification{}, "Publication d'une notification", AvecAidant),
	reg(WithdrawNotification{}, "Retrait d'une notification", AvecAidant),
	reg(CreateAPIToken{}, "Création d'un jeton d'API", AvecAidant),
	reg(RevokeAPIToken{}, "Révocation d'un jeton d'API", AvecAidant),
)

type inscription struct {
	fait    Fait
	libelle string
	need    Requis
}

func reg(f Fait, libelle string, need Requis) inscription { return inscription{f, libelle, need} }

// newRegistre panics on a struct that could hold free text: the program then
// does not start, and no test passes.
func newRegistre(all ...inscription) map[string]action {
	m := make(map[string]action, len(all))
	for _, r := range all {
		p, err := planOf(reflect.TypeOf(r.fait))
		if err != nil {
			panic("fait: " + err.Error())
		}
		if _, twice := m[r.fait.Action()]; twice {
			panic("fait: action registered twice: " + r.fait.Action())
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

// Vide gives the facts of an action, empty: its type.
func Vide(mot string) Fait {
	f, _ := reflect.Zero(actions[mot].plan.typ).Interface().(Fait) // registered as one
	return f
}

// Encode checks the facts against their action and writes their canonical JSON.
// It tells which identifiers the line must bear.
func Encode(f Fait) (Requis, []byte, error) {
	a, ok := actions[f.Action()]
	v := reflect.ValueOf(f)
	if !ok || v.Type() != a.plan.typ {
		return 0, nil, fmt.Errorf("unregistered type %T", f)
	}
	if err := a.plan.complete(v); err != nil {
		return 0, nil, err
	}
	if f, ok := f.(interface{ regle() error }); ok {
		if err := f.regle(); err != nil {
			return 0, nil, err
		}
	}
	b, err := a.plan.encode(v)
	return a.need, b, err
}

// Decode reads the facts of a stored line.
func Decode(mot string, contenu []byte) (Fait, error) {
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
