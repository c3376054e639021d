package attestation

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
)

// ErrRefus says that a file is not an attestation of the service. Its message
// is a French sentence, for the command line.
var ErrRefus = errors.New("REFUSÉ")

func refus(sentence string) error { return fmt.Errorf("%w : %s", ErrRefus, sentence) }

// Verifie is what a verified file holds.
type Verifie struct {
	Mandat  mandat.Enregistrement
	PDF     bool
	Sceau   *sceau.Signataire // whose certificate sealed the PDF; nil: nobody's
	Demande bool              // the reader gave an authority to check it with
}

// VerifyFile checks, without network nor database, a PDF or a record in its
// envelope against a published list of keys; and the operator's seal of the
// PDF, against the authorities that the reader trusts, nil for none. What it
// gives back is what was signed; ErrRefus tells in French what is wrong.
func VerifyFile(file, keys []byte, racines *x509.CertPool) (Verifie, error) {
	v := Verifie{PDF: bytes.HasPrefix(file, []byte("%PDF-")), Demande: racines != nil}
	publics, err := parseKeys(keys)
	if err != nil {
		return v, refus("la liste des clés publiques est illisible (" + err.Error() + ").")
	}
	envelope, printed := file, []byte(nil)
	var signe *pdf.Signe
	if v.PDF {
		if envelope, printed, signe, err = open(file); err != nil {
			return v, refus("ce PDF n'est pas une attestation du service, ou il a été modifié : rouvrez le fichier d'origine, sans l'enregistrer de nouveau depuis un lecteur.")
		}
	}
	if v.Mandat, err = verifyEnvelope(envelope, publics); err != nil {
		return v, err
	}
	if !v.PDF {
		return v, nil
	}
	if h := sha256.Sum256(printed); v.Mandat.PDFEmpreinte != hex.EncodeToString(h[:]) {
		return v, refus("les pages de ce PDF ne sont pas celles qui ont été signées.")
	}
	v.Sceau, err = verifySeal(signe, v.Mandat.SceauCertificat, racines)
	return v, err
}

// open takes a sealed PDF apart.
func open(file []byte) (envelope, printed []byte, signe *pdf.Signe, err error) {
	attached, signe, err := pdf.Unsign(file)
	if err != nil {
		return nil, nil, nil, err
	}
	printed, envelope, err = pdf.Detach(attached)
	return envelope, printed, signe, err
}

// verifySeal: the seal is the one that the signed record announces, no other,
// none if it announces none.
func verifySeal(s *pdf.Signe, announced string, racines *x509.CertPool) (*sceau.Signataire, error) {
	switch {
	case s == nil && announced == "":
		return nil, nil
	case s == nil:
		return nil, refus("le sceau de l'exploitant a été retiré de ce PDF.")
	case announced == "":
		return nil, refus("un sceau a été ajouté à ce PDF, que le service n'a pas posé.")
	}
	who, err := sceau.Verify(s.CMS, s.Contenu, s.Date, racines)
	switch {
	case err != nil || who.Empreinte != announced:
		return nil, refus("le sceau de ce PDF n'est pas celui de l'exploitant.")
	case racines != nil && !who.Reconnu:
		return nil, refus("le certificat du sceau (" + who.Nom + ") ne mène pas à l'autorité donnée.")
	}
	return &who, nil
}

func verifyEnvelope(envelope []byte, publics map[string]ed25519.PublicKey) (mandat.Enregistrement, error) {
	var none mandat.Enregistrement
	var v sceau.Enveloppe
	d := json.NewDecoder(bytes.NewReader(envelope))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil || v.Version != 1 {
		return none, refus("ce fichier n'est ni un PDF du service, ni un enregistrement signé.")
	}
	signature, err := base64.StdEncoding.DecodeString(v.Signature)
	if err != nil {
		return none, refus("la signature est illisible.")
	}
	again, err := sceau.NewEnveloppe([]byte(v.Enregistrement), v.Kid, signature)
	if err != nil || !bytes.Equal(again, bytes.TrimSpace(envelope)) {
		return none, refus("quelque chose a été ajouté autour de l'enregistrement signé.")
	}
	public, ok := publics[v.Kid]
	if !ok {
		return none, refus("la clé qui a signé (" + v.Kid + ") n'est pas dans la liste publiée.")
	}
	e, err := mandat.VerifyRecord([]byte(v.Enregistrement), signature, public)
	if err != nil || e.Kid != v.Kid {
		return none, refus("la signature n'est pas celle du service : l'enregistrement a été modifié.")
	}
	return e, nil
}

// Summary says what a verified file attests, line by line, in French. It names
// the parties: whoever verifies holds the document.
func (v Verifie) Summary() []string {
	e := v.Mandat
	out := []string{
		"AUTHENTIQUE : ce fichier est tel que le service l'a signé.",
		"Mandat " + mandat.FormatCode(e.CodePublic) + ", du " + e.DebutParis + " au " + e.FinParis + " (heure de Paris).",
		"Mandant : " + e.Mandant.NomComplet() + ".",
		"Mandataire : " + e.Mandataire.Nom + ", SIRET " + e.Mandataire.Siret + ".",
		"Démarches :",
	}
	for _, d := range e.Demarches {
		out = append(out, "- "+d.Titre())
	}
	if len(e.Montre) > 0 {
		out = append(out, "Montré à la personne avant la signature :")
	}
	for _, x := range e.Montre {
		out = append(out, "- "+x.Libelle())
	}
	if e.Simulation {
		out = append(out, "SIMULATION : document de démonstration, sans valeur juridique.")
	}
	out = append(out, v.seals(e.SceauCertificat, e.Kid)...)
	return append(out, "Ce contrôle ne dit pas si le mandat est encore en cours : ouvrez la page de vérification avec son code.")
}

// seals says who sealed the file, and what that proves.
func (v Verifie) seals(announced, kid string) []string {
	out := []string{"Clé du service : " + kid + ". Elle est dans la liste publiée que vous avez donnée : le contenu n'a pas changé depuis."}
	switch s := v.Sceau; {
	case s != nil && s.Reconnu:
		out = append(out, "Sceau de l'exploitant : "+s.Nom+", certifié par "+s.Emetteur+", qui mène à l'autorité donnée. Cette organisation a scellé le fichier entier, quand son certificat était valable.")
	case s != nil:
		out = append(out, "Sceau de l'exploitant : "+s.Nom+", qui se dit certifié par "+s.Emetteur+". Le fichier entier est tel qu'il l'a scellé ; pour savoir si c'est bien cette organisation, ajoutez --autorite avec le certificat de son autorité.")
	case announced != "":
		out = append(out, "Le PDF de ce mandat a aussi le sceau de l'exploitant : ce fichier-ci n'en a que l'enregistrement.")
	case v.Demande:
		out = append(out, "Sans sceau de l'exploitant : il n'avait pas de certificat ce jour-là.")
	}
	return out
}
