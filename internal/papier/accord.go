package papier

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// accordView is the page of the proof of one mandat.
type accordView struct {
	Mandat mandat.Mandat
	Pieces []consentement.Piece
	Now    time.Time
	Champs fault.Fields
	Avis   dsfr.Alerte
}

// The words an address may carry after an act.
var avisAccord = map[string]dsfr.Alerte{
	"jointe":    {Ton: dsfr.Succes, Texte: "La copie est jointe."},
	"certifiee": {Ton: dsfr.Succes, Texte: "C’est noté : vous avez les deux signatures."},
	"annulee":   {Ton: dsfr.Info, Texte: "La preuve est annulée. Le mandat ne peut plus servir tant qu’il n’y en a pas une autre."},
}

func (h *Handlers) accordOf(ctx context.Context, a actor.Actor, r *http.Request) (v accordView, err error) {
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return v, err
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v = accordView{Now: tx.Now.Time()}
		if v.Mandat, err = mandat.Load(ctx, tx, a.Organisation, id); err != nil {
			return err
		}
		v.Pieces, err = consentement.Pieces(ctx, tx, id)
		return err
	})
	return v, err
}

func (h *Handlers) showAccord(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.accordOf(r.Context(), a, r)
	if err != nil {
		return err
	}
	v.Avis = avisAccord[r.URL.Query().Get("avis")]
	return web.Render(w, r, http.StatusOK, accordPage(h.Site, a, v))
}

// again shows the page with what is wrong; any other error goes up.
func (h *Handlers) again(w http.ResponseWriter, r *http.Request, a actor.Actor, wrong error) error {
	fields := fault.FieldsOf(wrong)
	if len(fields) == 0 {
		return wrong
	}
	v, err := h.accordOf(r.Context(), a, r)
	if err != nil {
		return err
	}
	v.Champs = fields
	return web.Render(w, r, http.StatusUnprocessableEntity, accordPage(h.Site, a, v))
}

// joinCopies keeps photos or scans of the signed paper. The files are read and
// drawn again before anything is written.
func (h *Handlers) joinCopies(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v, err := h.accordOf(ctx, a, r) // whose it is, before reading megabytes
	if err != nil {
		return err
	}
	done := web.AllowFiles(w, r, maxCopies)
	organisation, copies, err := readCopies(r)
	done()
	if err != nil {
		return h.again(w, r, a, err)
	}
	if organisation != "" && organisation != a.Organisation.String() {
		return fault.New(fault.Conflict, "autre_organisation")
	}
	var ps []consentement.Piece
	for i, c := range copies {
		c.Genre, c.Rang, c.Aidant = consentement.Copie, i+1, a.Aidant
		p, err := consentement.Seal(h.Champs, v.Mandat.Accord.Objet, c)
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	return h.join(w, r, a, v, ps)
}

// certify records that the aidant holds the paper with both signatures.
func (h *Handlers) certify(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v, err := h.accordOf(r.Context(), a, r)
	if err != nil {
		return err
	}
	if form.Get("certifie") == "" {
		return h.again(w, r, a, fault.Form(fault.Fields{"certifie": "Cochez la case si vous avez sous les yeux les deux signatures."}))
	}
	p, err := consentement.Seal(h.Champs, v.Mandat.Accord.Objet, consentement.Contenu{
		Genre: consentement.Certification, Type: "text/plain", Aidant: a.Aidant,
		Octets: []byte("deux signatures vues sur le mandat " + mandat.FormatCode(v.Mandat.CodePublic)),
	})
	if err != nil {
		return err
	}
	return h.join(w, r, a, v, []consentement.Piece{p})
}

func (h *Handlers) join(w http.ResponseWriter, r *http.Request, a actor.Actor, v accordView, ps []consentement.Piece) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := consentement.Join(ctx, tx, a.Organisation, v.Mandat.ID, ps); err != nil {
			return err
		}
		var lines []journal.Entry
		for _, p := range ps {
			lines = append(lines, papierLine(a, v.Mandat, fait.SignPapier{DateSignature: tx.Now, PreuveEmpreinte: hex.EncodeToString(p.Empreinte)}))
		}
		return h.Greffe.Journal.Append(ctx, tx, lines...)
	})
	if err != nil {
		return h.again(w, r, a, err)
	}
	word := "jointe"
	if ps[0].Genre == consentement.Certification {
		word = "certifiee"
	}
	return web.Redirect(w, r, v.Mandat.Chemin("accord")+"?avis="+word)
}

func papierLine(a actor.Actor, m mandat.Mandat, f fait.Fait) journal.Entry {
	e := mandat.Line(a, ident.OperationID{}, f)
	e.Usager, e.Mandat = m.Usager, m.ID
	return e
}

// undo sets aside a proof recorded by mistake: it is kept, with the reason.
func (h *Handlers) undo(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v, err := h.accordOf(ctx, a, r)
	if err != nil {
		return err
	}
	why, err := consentement.ParseMotif(form.Get("motif"))
	if err != nil {
		return h.again(w, r, a, err)
	}
	id, err := web.FormID[ident.PieceID](form, "piece")
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		_, p, err := consentement.OnePiece(ctx, tx, a.Organisation, v.Mandat.ID, id)
		if err != nil {
			return err
		}
		if _, err := consentement.Undo(ctx, tx, a.Organisation, consentement.Annulation{Mandat: v.Mandat.ID, Piece: id, Par: a.Aidant, Motif: why}); err != nil {
			return err
		}
		return h.Greffe.Journal.Append(ctx, tx, papierLine(a, v.Mandat, fait.CancelPapier{Motif: string(why), PreuveEmpreinte: hex.EncodeToString(p.Empreinte)}))
	})
	if fault.ReasonOf(err) == "deja_annulee" { // a second tab
		return web.Redirect(w, r, v.Mandat.Chemin("accord"))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, v.Mandat.Chemin("accord")+"?avis=annulee")
}

// showCopy gives one copy to the aidants of the structure. A PDF is only
// downloaded: nothing of it runs in our pages.
func (h *Handlers) showCopy(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return err
	}
	piece, err := web.PathID[ident.PieceID](r, "piece")
	if err != nil {
		return err
	}
	var p consentement.Piece
	var x consentement.Accord
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if x, p, err = consentement.OnePiece(ctx, tx, a.Organisation, id, piece); err != nil {
			return err
		}
		e := mandat.Line(a, ident.OperationID{}, fait.ViewMandat{})
		e.Usager, e.Mandat = x.Usager, x.Mandat
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	b, err := p.Open(h.Champs, x.Objet)
	if errors.Is(err, consentement.ErrEfface) {
		return fault.New(fault.NotFound, "preuve_effacee")
	}
	if err != nil {
		return err
	}
	typ, disposition := p.Type, "inline"
	switch {
	case p.Genre == consentement.SignatureDessinee:
		typ, b = "image/svg+xml", consentement.Drawing(b)
	case typ == "application/json":
		typ = "text/plain; charset=utf-8"
	case typ == "application/pdf":
		disposition = `attachment; filename="mandat-signe.pdf"`
	}
	w.Header().Set("Content-Type", typ)
	w.Header().Set("Content-Disposition", disposition)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = io.Copy(w, bytes.NewReader(b))
	return err
}

// readCopies reads the files of a form, in the order they came, each checked
// by its content and drawn again.
func readCopies(r *http.Request) (organisation string, out []consentement.Contenu, err error) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "multipart/form-data" {
		return "", nil, fault.New(fault.BadRequest, "type_de_formulaire")
	}
	tooBig := fault.Form(fault.Fields{"copies": "Ces fichiers sont trop lourds ensemble : 40 Mo au plus. Envoyez-les en plusieurs fois."})
	if r.ContentLength > maxCopies {
		return "", nil, tooBig
	}
	mr, err := r.MultipartReader()
	if err != nil {
		return "", nil, fault.New(fault.BadRequest, "formulaire_illisible")
	}
	for parts := 0; ; parts++ {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return "", nil, tooBig
		}
		if err != nil || parts > 2*consentement.CopiesMax+4 {
			return "", nil, fault.New(fault.BadRequest, "formulaire_illisible")
		}
		b, err := readPart(p)
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return "", nil, tooBig
		}
		if err != nil {
			return "", nil, fault.New(fault.BadRequest, "formulaire_illisible")
		}
		switch p.FormName() {
		case web.ChampOrganisation:
			organisation = string(b)
		case "copies", "photo":
			if len(b) == 0 { // a field left empty
				continue
			}
			if len(out) == consentement.CopiesMax {
				return "", nil, fault.Form(fault.Fields{"copies": "Envoyez 8 fichiers au plus à la fois."})
			}
			typ, kept, err := consentement.ReadCopy(b)
			if err != nil {
				return "", nil, err
			}
			out = append(out, consentement.Contenu{Type: typ, Octets: kept})
		}
	}
	if len(out) == 0 {
		return "", nil, fault.Form(fault.Fields{"copies": "Choisissez au moins une photo ou un PDF."})
	}
	return organisation, out, nil
}

func readPart(p *multipart.Part) ([]byte, error) {
	return io.ReadAll(io.LimitReader(p, consentement.CopieMax+1))
}

// suiviView is the follow-up of the mandats on paper.
type suiviView struct {
	Now     time.Time
	Accords []consentement.Accord
	Noms    map[ident.MandatID]string
}

// showSuivi lists what is missing, the oldest first.
func (h *Handlers) showSuivi(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	var v suiviView
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v = suiviView{Now: tx.Now.Time(), Noms: map[ident.MandatID]string{}}
		if v.Accords, err = consentement.ToComplete(ctx, tx, a.Organisation); err != nil {
			return err
		}
		v.Noms, err = names(ctx, tx, a.Organisation)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, suiviPage(h.Site, a, v))
}
