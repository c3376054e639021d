package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// ChampOrganisation is the hidden field of the forms of the espaces: the
// organisation the form was shown for (comptes 4.4).
const ChampOrganisation = "organisation_courante"

// Form reads a body sent by a form: application/x-www-form-urlencoded, max
// bytes at most. It can be called again for the same request. The fields of
// the address are not in it.
func Form(r *http.Request, max int64) (url.Values, error) {
	if r.PostForm != nil {
		return r.PostForm, nil
	}
	if !isForm(r) {
		return nil, fault.New(fault.BadRequest, "type_de_formulaire")
	}
	if r.ContentLength > max {
		return nil, fault.New(fault.TooLarge, "formulaire_trop_grand")
	}
	r.Body = http.MaxBytesReader(nil, r.Body, max)
	if err := r.ParseForm(); err != nil {
		r.PostForm = nil
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, fault.New(fault.TooLarge, "formulaire_trop_grand")
		}
		return nil, fault.New(fault.BadRequest, "formulaire_illisible")
	}
	return r.PostForm, nil
}

func isForm(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/x-www-form-urlencoded"
}

// PathID reads an identifier of the address. One that is ill-formed is not
// found, like one that belongs to others (M-W31).
func PathID[T ident.ID[K], K any](r *http.Request, name string) (T, error) {
	id, ok := ident.Parse[T, K](r.PathValue(name))
	if !ok {
		return id, fault.New(fault.NotFound, "identifiant")
	}
	return id, nil
}

// FormID reads an identifier of a form; ill-formed is not found.
func FormID[T ident.ID[K], K any](form url.Values, name string) (T, error) {
	id, ok := ident.Parse[T, K](form.Get(name))
	if !ok {
		return id, fault.New(fault.NotFound, "identifiant")
	}
	return id, nil
}
