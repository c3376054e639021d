package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/textos"
)

// Retour is what the provider of the demonstration calls the service with.
type Retour map[string]string

// LastSMS gives the newest SMS that a phone of the demonstration received.
func (i *Instance) LastSMS(numero string) (outbox.Lu, error) {
	mails, err := outbox.ReadFolder(filepath.Join(i.dossier, "courriels"))
	if err != nil {
		return outbox.Lu{}, err
	}
	for _, m := range mails {
		if m.Canal == "sms" && m.To == numero {
			return m, nil
		}
	}
	return outbox.Lu{}, errors.New("this phone received no SMS")
}

// Repondre answers the newest SMS of a phone, as its provider would: a signed
// call, with a name of its own.
func (i *Instance) Repondre(ctx context.Context, numero, message string) error {
	m, err := i.LastSMS(numero)
	if err != nil {
		return err
	}
	statut, err := i.Appeler(ctx, Retour{"originatorAddress": numero, "message": message, "smsMTCorrelationId": m.ID, "messageId": secret.NewToken().Reveal()})
	if err == nil && statut != http.StatusOK {
		err = fmt.Errorf("the service answered %d", statut)
	}
	return err
}

// Appeler calls the service as the provider does, and gives the status.
func (i *Instance) Appeler(ctx context.Context, r Retour) (int, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	return i.AppelerSigne(ctx, body, textos.Sign(i.Config.SMSRetourSecret, body, i.Horloge.Now()))
}

// AppelerSigne calls with this signature.
func (i *Instance) AppelerSigne(ctx context.Context, body []byte, signature string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.Adresses.App+textos.CheminRetour, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(textos.EnTete, signature)
	resp, err := outgoing.NewClient(10 * time.Second).Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
