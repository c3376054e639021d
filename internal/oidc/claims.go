package oidc

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"aidantsconnect/internal/demarche"
)

// RepScope is the list of périmètres that the public service accepts, as
// FranceConnect asked for it in the claims parameter.
type RepScope struct {
	// Limite tells that a non-empty list came. The list may hold nothing we
	// know: then nothing can be offered (FI-30).
	Limite bool `json:"limite,omitempty"`
	// Demarches are the known values, in display order.
	Demarches []demarche.Demarche `json:"demarches,omitempty"`
}

// Filter keeps what the public service accepts: everything without a list.
func (r RepScope) Filter(ds []demarche.Demarche) []demarche.Demarche {
	if !r.Limite {
		return slices.Clone(ds)
	}
	return demarche.Intersect(ds, r.Demarches)
}

// CSV is the stored form: "*" without a list, else the known keys.
func (r RepScope) CSV() string {
	if !r.Limite {
		return "*"
	}
	return demarche.CSV(r.Demarches)
}

// ParseRepScopeCSV reads what CSV wrote.
func ParseRepScopeCSV(s string) RepScope {
	if s == "*" {
		return RepScope{}
	}
	return RepScope{Limite: true, Demarches: demarche.Displayed(demarche.ParseCSV(s))}
}

var errClaims = errors.New("malformed claims parameter")

// ParseClaims reads the claims parameter (OpenID Connect Core §5.5). Absent
// values, an empty list and a malformed list are three different cases (§19):
// the first two mean no limit, the last is an error.
func ParseClaims(s string) (RepScope, error) {
	if len(s) > maxClaims {
		return RepScope{}, errClaims
	}
	top, err := object([]byte(s))
	if err != nil || top == nil {
		return RepScope{}, errClaims
	}
	inToken, err := object(top["id_token"])
	if err != nil {
		return RepScope{}, err
	}
	// null means: wanted, without further wish (§5.5.1).
	wish, err := object(inToken["rep_scope"])
	if err != nil {
		return RepScope{}, err
	}
	values, err := wished(wish)
	if err != nil {
		return RepScope{}, err
	}
	out := RepScope{Limite: len(values) > 0}
	var ds []demarche.Demarche
	for _, v := range values {
		if d, ok := demarche.ParseRepScope(v); ok {
			ds = append(ds, d)
		}
	}
	if len(ds) > 0 {
		out.Demarches = demarche.Displayed(ds)
	}
	return out, nil
}

// wished gives the values asked, from "values" or from the single "value".
func wished(wish map[string]json.RawMessage) ([]string, error) {
	raw, many := wish["values"]
	if !many {
		one, ok := wish["value"]
		if !ok {
			return nil, nil
		}
		raw = append(append([]byte{'['}, one...), ']')
	}
	var values []*string // null counts as absent
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, errClaims
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v == nil {
			return nil, errClaims
		}
		out = append(out, *v)
	}
	return out, nil
}

// object reads a JSON object by exact member names (encoding/json matches the
// fields of a struct without case). Absent and null give a nil map.
func object(raw []byte) (map[string]json.RawMessage, error) {
	if len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return nil, nil
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, errClaims
	}
	return m, nil
}
