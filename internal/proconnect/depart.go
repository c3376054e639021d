package proconnect

import (
	"encoding/hex"
	"encoding/json"
	"net/http"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// The cookies: a request at ProConnect, a code that is waited for, and what
// finds the ID token again for the logout.
const (
	temoinDemande = "pc-demande"
	temoinAttente = "pc-attente"
	// TemoinSession tells that ProConnect may still have a session here.
	TemoinSession = "pc-session"
	temoinFin     = "pc-fin"
)

// tentative is a request in progress, in the browser that began it (FS-10).
type tentative struct {
	State   []byte  `json:"s"` // digest
	Suite   string  `json:"n,omitempty"`
	Arrivee db.Time `json:"t"`
}

func seal(box *secret.Box, name string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return box.SealText(plain, name)
}

// unseal reads a cookie that sealed wrote; false for anything else.
func unseal(box *secret.Box, r *http.Request, name string, v any) bool {
	plain, ok := box.OpenText(web.Cookie(r, name), name)
	return ok && json.Unmarshal(plain, v) == nil
}

// nonceOf derives the nonce from the state: neither is kept in clear.
func (h *Handlers) nonceOf(state secret.Text) secret.Text {
	return secret.Text(hex.EncodeToString(h.Empreintes.Digest("proconnect.nonce", state.Reveal())))
}

func (h *Handlers) stateDigest(state secret.Text) []byte {
	return h.Empreintes.Digest("proconnect.state", state.Reveal())
}

// start sends the browser to ProConnect, from the button of the sign-in page.
func (h *Handlers) start(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite := form.Get("next")
	if suite != "" {
		var ok bool
		if suite, ok = web.NextPath(suite); !ok || len(suite) > 1024 {
			return fault.New(fault.NotFound, "suite_refusee")
		}
	}
	state := secret.NewToken()
	to, err := h.PC.AuthorizeURL(r.Context(), state, h.nonceOf(state))
	if e := franceconnect.ErreurDe(err); e != nil {
		return h.fail(w, r, e)
	}
	if err != nil {
		return err
	}
	if err := h.sealed(w, temoinDemande, tentative{h.stateDigest(state), suite, db.At(h.Clock())}, vieDemande); err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// fail says why the leg failed; the e-mail way stays open.
func (h *Handlers) fail(w http.ResponseWriter, r *http.Request, e *franceconnect.Erreur) error {
	status := http.StatusForbidden
	switch e.Cle {
	case franceconnect.CleIndisponible, franceconnect.ClePanne:
		status = http.StatusServiceUnavailable
	case franceconnect.CleReprise, franceconnect.CleDelai:
		status = http.StatusGone
	}
	return web.Render(w, r, status, echecPage(h.Site, texteDe(e), false))
}
