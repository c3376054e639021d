package poids

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/server"
)

// Voies plays the five ways and weighs each.
func Voies(ctx context.Context, dossier string) (out []Voie, err error) {
	o := demo.Options{Sans: true, Database: "sqlite:" + filepath.Join(dossier, "poids.db"), Taches: []string{"messages"}}
	i, err := demo.Start(ctx, o, slog.New(slog.DiscardHandler), io.Discard)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.Close()) }()
	i.Horloge.Fixer(server.Now())
	p, err := i.Parcours("nadia")
	if err != nil {
		return nil, err
	}
	p.Attendre = i.Horloge.Avancer
	if err := p.SeConnecter(); err != nil {
		return nil, err
	}
	for _, v := range voies(i) {
		before, err := settled(ctx, i)
		if err != nil {
			return nil, err
		}
		if err := v.jouer(p); err != nil {
			return nil, fmt.Errorf("%s: %w", v.nom, err)
		}
		after, err := settled(ctx, i)
		if err != nil {
			return nil, err
		}
		out = append(out, after.since(v.nom, before))
	}
	return out, nil
}

// settled weighs once everything that was to leave has left and every line of
// the journal has its rank.
func settled(ctx context.Context, i *demo.Instance) (releve, error) {
	for range 3 { // a message delivered may lead to another
		if _, err := i.Server.Outbox.Deliver(ctx); err != nil {
			return nil, err
		}
	}
	if _, err := i.Server.Journal.Sequence(ctx); err != nil {
		return nil, err
	}
	return weigh(ctx, i.Server.DB)
}

// voie is one way, and how it is played.
type voie struct {
	nom   string
	jouer func(*demo.Parcours) error
}

// The same three démarches for a month; each time another person, but for the
// letter, which only somebody known can receive.
func voies(i *demo.Instance) []voie {
	projet := func(personne string) demo.Projet {
		return demo.Projet{Personne: personne, Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille, demarche.Argent}, Duree: "MONTH"}
	}
	const courriel, numero = "poids@exemple.test", "+33612345678"
	return []voie{
		{"à l’écran", func(p *demo.Parcours) error { _, err := p.Conclure(projet("ordinaire")); return err }},
		{"papier et photo", func(p *demo.Parcours) error { return onPaper(p, projet("nom_usage")) }},
		{"FranceConnect à distance", func(p *demo.Parcours) error {
			if err := p.DemanderAccord(projet("ne_algerie"), courriel); err != nil {
				return err
			}
			return agree(p, courriel, "ne_algerie")
		}},
		{"SMS", func(p *demo.Parcours) error {
			if err := p.DemanderParSMS(projet("corse_2a"), numero); err != nil {
				return err
			}
			if err := p.PoserLaQuestion(); err != nil {
				return err
			}
			if _, err := i.SMSRecu(numero, "Acceptez-vous"); err != nil {
				return err
			}
			if err := i.Repondre(context.Background(), numero, "OUI"); err != nil {
				return err
			}
			return agree(p, numero, "corse_2a")
		}},
		{"lettre", func(p *demo.Parcours) error { return p.ParLettre("VASSELIN", projet("ordinaire")) }},
	}
}

// agree has the person read, connect and agree on their own device, then the
// aidant sign.
func agree(p *demo.Parcours, contact, personne string) error {
	person := p.Ailleurs()
	if err := person.LireMandat(contact, personne); err != nil {
		return err
	}
	if err := person.Accepter(); err != nil {
		return err
	}
	return p.SignerAccord()
}

// onPaper signs on paper, then attaches a photo of one page.
func onPaper(p *demo.Parcours, projet demo.Projet) error {
	if err := p.SurPapier(projet); err != nil {
		return err
	}
	mandat := p.URL.Path[strings.LastIndexByte(strings.TrimSuffix(p.URL.Path, "/"), '/')+1:]
	page, err := photo()
	if err != nil {
		return err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("copies", "photo.jpg")
	if err != nil {
		return err
	}
	_, _ = part.Write(page)
	_ = w.Close()
	u := url.URL{Path: "/espace-aidant/mandats/" + strings.Trim(mandat, "/") + "/accord"}
	req, err := http.NewRequest(http.MethodPost, p.Adresses.App+u.Path, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	for k, v := range p.Temoins() {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	c := http.Client{Transport: p.Transport(), Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("the copy is answered %d", res.StatusCode)
	}
	return errors.Join(err, res.Body.Close())
}

// photo stands for a page photographed by a phone: twelve million points, forty
// lines of print, the grain of a sensor. The same at each run.
func photo() ([]byte, error) {
	const w, h = 3000, 4000
	draw := rand.New(rand.NewPCG(4, 2026))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			light := 205 + 30*x/w - 15*y/h + draw.IntN(13)
			if y%90 < 34 && x > 300 && x < 2700 && (x/13*7919+y/90*104729+(y%90)/9*31)%5 < 2 { // strokes of letters
				light -= 150
			}
			img.SetGray(x, y, color.Gray{uint8(light)})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}
