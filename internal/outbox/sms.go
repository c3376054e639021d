package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aidantsconnect/internal/outgoing"
)

// SMS is one text message ready to leave.
type SMS struct {
	ID    string    // of the row: the same at each try, so that the provider can recognise it
	A     string    // E.164: "+33612345678"
	Texte string    // as the phone shows it
	Date  time.Time // of the act
}

// ExpediteurSMS is the provider of text messages. It gives the provider's own
// name for the message, "" when there is none: delivery reports use it. Its
// error is an *Echec, or counts as one that may be tried again.
type ExpediteurSMS interface {
	EnvoyerSMS(ctx context.Context, s SMS) (reference string, err error)
}

// NewExpediteurSMS reads an address of the configuration:
//
//	https://host/path   the provider's API, see smsAPI (http on this machine only)
//	dossier:PATH        one .json file per message, for the demo and the tests
//
// autorisation is the whole value of the Authorization header; emetteur is what
// the phone shows as the sender.
func NewExpediteurSMS(adresse, autorisation, emetteur string) (ExpediteurSMS, error) {
	if path, ok := strings.CutPrefix(adresse, "dossier:"); ok {
		if path == "" {
			return nil, errors.New("dossier: without a path")
		}
		return Dossier{Chemin: path}, nil
	}
	u, err := url.Parse(adresse)
	if err != nil || !outgoing.SecureURL(u) {
		return nil, errors.New("sms address is neither https://host/path nor dossier:PATH") // err would print what it holds
	}
	if autorisation == "" || strings.ContainsFunc(autorisation, isControl) {
		return nil, errors.New("no authorization for the sms provider")
	}
	return smsAPI{client: outgoing.NewClient(patienceTextes), adresse: adresse, autorisation: autorisation, emetteur: emetteur}, nil
}

// patienceTextes bounds a whole call; it is shorter than delaiEnvoi.
const patienceTextes = 20 * time.Second

// smsAPI posts JSON and reads JSON, the shape that providers and the small
// adapters in front of them share (docs/exploitation.md):
//
//	POST /… · Authorization: … · Idempotency-Key: ID
//	{"id":"ID","to":"+336…","from":"…","text":"…"}
//	→ 2xx {"id":"the provider's name for it"}
type smsAPI struct {
	client                          *http.Client
	adresse, autorisation, emetteur string
}

// referenceMax bounds what a provider may call a message.
const referenceMax = 200

// EnvoyerSMS implements ExpediteurSMS. Nothing of the answer but the reference
// is kept: it repeats the number.
func (a smsAPI) EnvoyerSMS(ctx context.Context, s SMS) (string, error) {
	body, err := json.Marshal(map[string]string{"id": s.ID, "to": s.A, "from": a.emetteur, "text": s.Texte})
	if err != nil {
		return "", fmt.Errorf("encode sms: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.adresse, bytes.NewReader(body))
	if err != nil {
		return "", &Echec{Nature: "configuration"}
	}
	r.Header.Set("Authorization", a.autorisation)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Idempotency-Key", s.ID)
	resp, err := a.client.Do(r)
	if err != nil {
		// A redirect was answered, not followed, and a call that found nobody
		// carried nothing. A connection that breaks later may have.
		op, ok := errors.AsType[*net.OpError](err)
		safe := errors.Is(err, outgoing.ErrRedirect) || ok && op.Op == "dial"
		return "", &Echec{Nature: "connexion", Incertain: !safe}
	}
	defer resp.Body.Close()
	if e := smsRefusal(resp.StatusCode); e != nil {
		return "", e
	}
	var answer struct {
		ID string `json:"id"`
	}
	// A success without a reference is a success: sending again would be worse.
	if json.NewDecoder(resp.Body).Decode(&answer) != nil || len(answer.ID) > referenceMax || strings.ContainsFunc(answer.ID, isControl) {
		return "", nil
	}
	return answer.ID, nil
}

// smsRefusal names an answer that is not a success. Only a refusal of this
// number or text is final; a wrong credential is the operator's to repair.
func smsRefusal(status int) *Echec {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return &Echec{Nature: "acces_refuse", Code: status}
	case status == http.StatusBadRequest, status == http.StatusNotFound, status == http.StatusUnprocessableEntity:
		return &Echec{Nature: "destinataire_refuse", Code: status, Definitif: true}
	case status == http.StatusTooManyRequests:
		return &Echec{Nature: "debit", Code: status}
	default:
		return &Echec{Nature: "envoi", Code: status}
	}
}
