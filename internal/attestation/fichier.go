package attestation

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
)

// ErrRefus says that a file is not an attestation of the service. Its message
// is a French sentence, for the command line.
var ErrRefus = errors.New("REFUSÉ")

func refus(sentence string) error { return fmt.Errorf("%w : %s", ErrRefus, sentence) }

// VerifyFile checks, without network nor database, a PDF or a record in its
// envelope against a published list of keys. What it gives back is what was
// signed; ErrRefus tells in French what is wrong.
func VerifyFile(file, keys []byte) (mandat.Enregistrement, error) {
	var none mandat.Enregistrement
	publics, err := parseKeys(keys)
	if err != nil {
		return none, refus("la liste des clés publiques est illisible (" + err.Error() + ").")
	}
	envelope, printed := file, []byte(nil)
	if bytes.HasPrefix(file, []byte("%PDF-")) {
		if printed, envelope, err = pdf.Detach(file); err != nil {
			return none, refus("ce PDF n'est pas une attestation du service, ou il a été modifié : rouvrez le fichier d'origine, sans l'enregistrer de nouveau depuis un lecteur.")
		}
	}
	e, err := verifyEnvelope(envelope, publics)
	if err != nil {
		return none, err
	}
	if h := sha256.Sum256(printed); printed != nil && e.PDFEmpreinte != hex.EncodeToString(h[:]) {
		return none, refus("les pages de ce PDF ne sont pas celles qui ont été signées.")
	}
	return e, nil
}

func verifyEnvelope(envelope []byte, publics map[string]ed25519.PublicKey) (mandat.Enregistrement, error) {
	var none mandat.Enregistrement
	var v mandat.Enveloppe
	d := json.NewDecoder(bytes.NewReader(envelope))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil || v.Version != 1 {
		return none, refus("ce fichier n'est ni un PDF du service, ni un enregistrement signé.")
	}
	signature, err := base64.StdEncoding.DecodeString(v.Signature)
	if err != nil {
		return none, refus("la signature est illisible.")
	}
	again, err := mandat.NewEnveloppe([]byte(v.Enregistrement), v.Kid, signature)
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
func Summary(e mandat.Enregistrement) []string {
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
	if e.Simulation {
		out = append(out, "SIMULATION : document de démonstration, sans valeur juridique.")
	}
	return append(out, "Clé : "+e.Kid+".", "Ce contrôle ne dit pas si le mandat est encore en cours : ouvrez la page de vérification avec son code.")
}
