package gestion

import (
	"fmt"

	"aidantsconnect/internal/ident"
)

// sceaux are the words of an act that are kept sealed, each tied to its row.
type sceaux struct {
	precision []byte // what « autre » is
	adresse   []byte // the new address, of a request that waits
	operateur []byte // who typed the command
}

// The contexts of the seals: one kind of words never opens as another.
func contextePrecision(id ident.OperationID) string { return "acte_gestion/" + id.String() }
func contexteAdresse(id ident.OperationID) string   { return "acte_gestion.adresse/" + id.String() }
func contexteOperateur(id ident.OperationID) string { return "acte_gestion.operateur/" + id.String() }

func (h *Handlers) sceaux(id ident.OperationID, d Demande) (s sceaux, err error) {
	if s.precision, err = h.seal(d.Precision, contextePrecision(id)); err != nil {
		return s, err
	}
	if s.adresse, err = h.seal(d.Adresse, contexteAdresse(id)); err != nil {
		return s, err
	}
	s.operateur, err = h.seal(d.Operateur, contexteOperateur(id))
	return s, err
}

func (h *Handlers) seal(words, context string) ([]byte, error) {
	if words == "" {
		return nil, nil
	}
	b, err := h.Champs.Seal([]byte(words), context)
	if err != nil {
		return nil, fmt.Errorf("seal words of an act: %w", err)
	}
	return b, nil
}

func (h *Handlers) open(sealed []byte, context string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	b, err := h.Champs.Open(sealed, context)
	if err != nil {
		return "", fmt.Errorf("open words of an act: %w", err)
	}
	return string(b), nil
}
