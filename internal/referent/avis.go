package referent

import (
	"net/http"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web/dsfr"
)

// What a page tells after an act that leads back to it. The address carries
// the word; what is not in the list says nothing.
const (
	avisFait = "fait"
)

var avis = map[string]dsfr.Alerte{
	avisFait: {Ton: dsfr.Succes, Texte: "C’est fait."},
}

// avisOf gives the message of the address's word.
func avisOf(r *http.Request) dsfr.Alerte {
	a := avis[r.URL.Query().Get("avis")]
	a.Role = "status"
	return a
}

// backTo leads to the page of a person with a message.
func backTo(id ident.AidantID, word string) string { return CheminFiche(id) + "?avis=" + word }
