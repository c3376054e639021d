package simulateur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// reponse is the answer to a back-channel call.
type reponse struct {
	statut  int
	contenu string // Content-Type
	corps   []byte
}

// appeler makes one back-channel call: 6 s, 1 MiB, no retry, no redirect
// (SIM-11). A form makes it a POST; an access token goes in the header.
func (s *Simulateur) appeler(ctx context.Context, adresse string, form url.Values, jeton string) (reponse, error) {
	ctx, cancel := context.WithTimeout(ctx, s.delai)
	defer cancel()
	methode := http.MethodGet
	if form != nil {
		methode = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, methode, adresse, strings.NewReader(form.Encode()))
	if err != nil {
		return reponse{}, fmt.Errorf("make request: %w", err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if jeton != "" {
		req.Header.Set("Authorization", "Bearer "+jeton)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return reponse{}, fmt.Errorf("call: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	corps, err := io.ReadAll(io.LimitReader(res.Body, tailleReponse+1))
	if err == nil && len(corps) > tailleReponse {
		err = errors.New("too big")
	}
	if err != nil {
		return reponse{}, fmt.Errorf("read answer: %w", err)
	}
	return reponse{res.StatusCode, res.Header.Get("Content-Type"), corps}, nil
}

// lireJSON reads a JSON document.
func (s *Simulateur) lireJSON(ctx context.Context, adresse string, v any) error {
	rep, err := s.appeler(ctx, adresse, nil, "")
	if err != nil {
		return err
	}
	if rep.statut != http.StatusOK {
		return fmt.Errorf("status %d", rep.statut)
	}
	if err := json.Unmarshal(rep.corps, v); err != nil {
		return fmt.Errorf("not the JSON expected: %w", err)
	}
	return nil
}

// objet reads a JSON object, never null.
func objet(b []byte) (map[string]any, error) {
	var out map[string]any
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	if out == nil {
		return nil, errors.New("null is not a JSON object")
	}
	return out, nil
}
