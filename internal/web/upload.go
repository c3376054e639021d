package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
)

// partsMax bounds the fields of a form that carries a file.
const partsMax = 20

// FormFile reads a form that carries at most one file, in the field name: its
// other fields, and what the file holds. max bounds the whole, in bytes; past
// it the refusal is a message on the field. It reads an ordinary form too, for
// who sends no file, and refuses one that was shown for another structure
// (A-W34): the gate, which reads no file, leaves that to it.
func FormFile(w http.ResponseWriter, r *http.Request, a actor.Actor, name string, max int64) (form url.Values, file []byte, err error) {
	if isForm(r) {
		form, err = Form(r, max)
		return form, nil, err
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "multipart/form-data" {
		return nil, nil, fault.New(fault.BadRequest, "type_de_formulaire")
	}
	defer AllowFiles(w, r, max)()
	if form, file, err = readParts(r, name); err != nil {
		return form, nil, err
	}
	if shown := form.Get(ChampOrganisation); shown != "" && shown != a.Organisation.String() {
		return nil, nil, WithPage(fault.New(fault.Conflict, "autre_organisation"), refusalOrganisation(a, shown))
	}
	return form, file, nil
}

func readParts(r *http.Request, name string) (form url.Values, file []byte, err error) {
	tooBig := fault.Form(fault.Fields{name: "Ce fichier est trop grand."})
	unreadable := fault.New(fault.BadRequest, "formulaire_illisible")
	mr, err := r.MultipartReader()
	if err != nil {
		return nil, nil, unreadable
	}
	form = url.Values{}
	for n := 0; ; n++ {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return form, file, nil
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(p)
		}
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return form, nil, tooBig
		}
		if err != nil || n >= partsMax {
			return form, nil, unreadable
		}
		if p.FormName() == name {
			file = b
		} else {
			form.Add(p.FormName(), string(b))
		}
	}
}
