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

	"aidantsconnect/internal/fin"
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
	Mandat  *mandat.Enregistrement // a mandat…
	Fin     *fin.Enregistrement    // … or the certificate of an end
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
	if err := v.verifyEnvelope(envelope, publics); err != nil {
		return v, err
	}
	if !v.PDF {
		return v, nil
	}
	pages, announced, _ := v.signed()
	if h := sha256.Sum256(printed); pages != hex.EncodeToString(h[:]) {
		return v, refus("les pages de ce PDF ne sont pas celles qui ont été signées.")
	}
	v.Sceau, err = verifySeal(signe, announced, racines)
	return v, err
}

// signed gives what the record says of its PDF, of its seal, and of its key.
func (v Verifie) signed() (pages, certificat, kid string) {
	if v.Fin != nil {
		return v.Fin.PDFEmpreinte, v.Fin.SceauCertificat, v.Fin.Kid
	}
	return v.Mandat.PDFEmpreinte, v.Mandat.SceauCertificat, v.Mandat.Kid
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

func (v *Verifie) verifyEnvelope(envelope []byte, publics map[string]ed25519.PublicKey) error {
	var x sceau.Enveloppe
	d := json.NewDecoder(bytes.NewReader(envelope))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil || x.Version != 1 {
		return refus("ce fichier n'est ni un PDF du service, ni un enregistrement signé.")
	}
	signature, err := base64.StdEncoding.DecodeString(x.Signature)
	if err != nil {
		return refus("la signature est illisible.")
	}
	again, err := sceau.NewEnveloppe([]byte(x.Enregistrement), x.Kid, signature)
	if err != nil || !bytes.Equal(again, bytes.TrimSpace(envelope)) {
		return refus("quelque chose a été ajouté autour de l'enregistrement signé.")
	}
	public, ok := publics[x.Kid]
	if !ok {
		return refus("la clé qui a signé (" + x.Kid + ") n'est pas dans la liste publiée.")
	}
	// Each verifies the signature first, and refuses the record of the other.
	record := []byte(x.Enregistrement)
	if e, err := mandat.VerifyRecord(record, signature, public); err == nil && e.Kid == x.Kid {
		v.Mandat = &e
		return nil
	}
	if e, err := fin.VerifyRecord(record, signature, public); err == nil && e.Kid == x.Kid {
		v.Fin = &e
		return nil
	}
	return refus("la signature n'est pas celle du service : l'enregistrement a été modifié.")
}

// Summary says what a verified file attests, line by line, in French. It names
// the parties: whoever verifies holds the document.
func (v Verifie) Summary() []string {
	out := []string{"AUTHENTIQUE : ce fichier est tel que le service l'a signé."}
	simulation := false
	if v.Fin != nil {
		out, simulation = append(out, v.Fin.Summary()...), v.Fin.Simulation
	} else {
		out, simulation = append(out, summary(*v.Mandat)...), v.Mandat.Simulation
	}
	if simulation {
		out = append(out, "SIMULATION : document de démonstration, sans valeur juridique.")
	}
	_, announced, kid := v.signed()
	out = append(out, v.seals(announced, kid)...)
	if v.Fin != nil {
		return append(out, "Ce contrôle ne dit que cette fin : pour l'état du mandat aujourd'hui, ouvrez la page de vérification avec le code.")
	}
	return append(out, "Ce contrôle ne dit pas si le mandat est encore en cours : ouvrez la page de vérification avec son code.")
}

func summary(e mandat.Enregistrement) []string {
	out := []string{
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
	return out
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
		out = append(out, "Son PDF a aussi le sceau de l'exploitant : ce fichier-ci n'en a que l'enregistrement.")
	case v.Demande:
		out = append(out, "Sans sceau de l'exploitant : il n'avait pas de certificat ce jour-là.")
	}
	return out
}
