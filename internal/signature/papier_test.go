package signature_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/testkit"

	"golang.org/x/net/html"
)

// onPaper concludes a mandat to be signed on paper.
func (n *navigateur) onPaper() (page, ident.MandatID) {
	n.b.t.Helper()
	p := n.get(signature.CheminCreation)
	p = n.press(p, "Continuer", url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "demarche": {"papiers"}, "moyen": {"papier"}})
	p = n.logout(n.identify(p, "ordinaire")).want(n.b.t, http.StatusOK, "garderai une trace écrite")
	p = n.sign(p, n.b.nextCode(alix)).want(n.b.t, http.StatusOK, "Le mandat est enregistré", "Imprimez-le en deux exemplaires")
	return p, mandatOf(n.b.t, p)
}

// send posts files, as a browser does.
func (n *navigateur) send(path string, files ...[]byte) page {
	n.b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range files {
		p, err := w.CreateFormFile("copies", "../../mandat signé.jpg")
		if err != nil {
			n.b.t.Fatal(err)
		}
		_, _ = p.Write(f)
	}
	_ = w.Close()
	req, err := http.NewRequest(http.MethodPost, n.b.origine+path, &body)
	if err != nil {
		n.b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return n.answer(req)
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 80)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// usable asks the predicate, as every guard does, and compares it with Go's.
func (b *banc) usable(id ident.MandatID) bool {
	b.t.Helper()
	var yes bool
	var m mandat.Mandat
	err := b.db.View(b.t.Context(), func(tx *db.Tx) (err error) {
		if err := tx.QueryRow(b.t.Context(), `SELECT EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = $1 AND t.fin IS NULL AND t.date_expiration >= $2 AND `+mandat.UtilisableSQL+`$2))`, id, tx.Now).Scan(&yes); err != nil {
			return err
		}
		m, err = mandat.Load(b.t.Context(), tx, b.orgs[0].ID, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if got := m.Usable(b.clock.Now()); got != yes {
		b.t.Errorf("Go says usable %v, SQL %v", got, yes)
	}
	return yes
}

// On paper the mandat waits for its signed copy; a wrong proof is set aside
// with its reason; another structure sees nothing.
func TestPaper(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p, id := n.onPaper()
		p.want(t, http.StatusOK, "Il ne peut pas encore servir")
		accord := "/espace-aidant/mandats/" + id.String() + "/accord"
		if b.usable(id) {
			t.Fatal("usable before its proof")
		}
		n.get("/espace-aidant/accords/").want(t, http.StatusOK, "VASSELIN", "Joindre la copie")
		n.get(accord).want(t, http.StatusOK, "Joindre la copie signée", "Ou certifier")
		n.send(accord).want(t, http.StatusUnprocessableEntity, "Choisissez au moins une photo")
		n.send(accord, []byte("<html>")).want(t, http.StatusUnprocessableEntity, "ni une photo")
		n.post(accord+"/certification", url.Values{}).want(t, http.StatusUnprocessableEntity, "Cochez la case")
		if b.usable(id) {
			t.Fatal("usable after refusals")
		}
		n.send(accord, photo(t), []byte("%PDF-1.4\n%%EOF\n")).want(t, http.StatusOK, "La copie est jointe", "Il peut servir dès maintenant", "page 1", "page 2")
		if !b.usable(id) {
			t.Fatal("not usable with its copy")
		}
		n.get("/espace-aidant/accords/").want(t, http.StatusOK, "Rien à joindre")
		var pieces []consentement.Piece
		b.view(func(tx *db.Tx) (err error) {
			pieces, err = consentement.Pieces(t.Context(), tx, id)
			return err
		})
		img := n.get(accord + "/copies/" + pieces[0].ID.String())
		if img.status != 200 || img.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("the photo: %d %s", img.status, img.header)
		}
		pdf := n.get(accord + "/copies/" + pieces[1].ID.String())
		if !strings.HasPrefix(pdf.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the PDF: %v", pdf.header)
		}
		other := b.connecte(email("alix", 1))
		for _, path := range []string{accord, accord + "/copies/" + pieces[0].ID.String()} {
			other.get(path).want(t, http.StatusNotFound)
		}
		other.send(accord, photo(t)).want(t, http.StatusNotFound)
		other.post(accord+"/certification", url.Values{"certifie": {"on"}}).want(t, http.StatusNotFound)
		other.post(accord+"/annulation", url.Values{"motif": {"autre"}, "piece": {pieces[0].ID.String()}}).want(t, http.StatusNotFound)

		n.post(accord+"/annulation", url.Values{"piece": {pieces[0].ID.String()}}).want(t, http.StatusUnprocessableEntity, "Indiquez ce qui")
		for i, x := range pieces {
			if !b.usable(id) {
				t.Fatal("one copy is left")
			}
			n.post(accord+"/annulation", url.Values{"motif": {"copie_illisible"}, "piece": {x.ID.String()}}).want(t, http.StatusOK, "annulée le")
			n.post(accord+"/annulation", url.Values{"motif": {"autre"}, "piece": {x.ID.String()}}).want(t, http.StatusOK) // a second tab
			if k := b.count(`SELECT count(*) FROM accord_piece WHERE date_annulation IS NOT NULL`); k != i+1 {
				t.Errorf("%d set aside", k)
			}
		}
		if b.usable(id) {
			t.Fatal("usable without a live proof")
		}
		n.post(accord+"/certification", url.Values{"certifie": {"on"}}).want(t, http.StatusOK, "vous avez les deux signatures", "Il peut servir")
		if !b.usable(id) {
			t.Fatal("not usable once certified")
		}
		b.verifyJournal()
	})
}

// The grace of the structure, then suspension, at the instant.
func TestGraceThenSuspension(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		b.update(func(tx *db.Tx) error {
			return consentement.SetGrace(t.Context(), tx, b.orgs[0].ID, b.aidantID(alix), 2)
		})
		p, id := n.onPaper()
		p.want(t, http.StatusOK, "Il peut servir jusqu’au")
		if !b.usable(id) {
			t.Fatal("not usable within the grace")
		}
		b.clock.Advance(48*time.Hour - time.Second)
		if !b.usable(id) {
			t.Fatal("not usable at the end of the grace")
		}
		b.clock.Advance(2 * time.Second)
		if b.usable(id) {
			t.Fatal("usable after the grace")
		}
		n = b.connecte(alix)
		n.get("/espace-aidant/mandats/"+id.String()+"/accord").want(t, http.StatusOK, "Il est suspendu")
		n.send("/espace-aidant/mandats/"+id.String()+"/accord", photo(t)).want(t, http.StatusOK, "Il peut servir dès maintenant")
	})
}

func TestPaperIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		_, id := n.onPaper()
		accord := "/espace-aidant/mandats/" + id.String() + "/accord"
		q := n.still()
		ran := testkit.FailEachStatement(t, b.db, func() error { return failed(q.send(accord, photo(t))) })
		if ran < 5 || b.count(`SELECT count(*) FROM accord_piece`) != 1 {
			t.Errorf("%d statements, %d proofs", ran, b.count(`SELECT count(*) FROM accord_piece`))
		}
		var x consentement.Piece
		b.view(func(tx *db.Tx) error {
			ps, err := consentement.Pieces(t.Context(), tx, id)
			x = ps[0]
			return err
		})
		testkit.FailEachStatement(t, b.db, func() error {
			return failed(q.post(accord+"/annulation", url.Values{"motif": {"autre"}, "piece": {x.ID.String()}}))
		})
		if b.usable(id) {
			t.Error("usable after the undo")
		}
		b.verifyJournal()
	})
}

// Erasing what proves a mandat leaves the signed record and the journal true,
// and the mandat usable: what was proved is signed.
func TestErasedProofLeavesEverythingTrue(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		id := mandatOf(t, n.sign(n.recap("ordinaire", "MONTH", "papiers"), b.nextCode(alix)))
		if !b.usable(id) {
			t.Fatal("not usable once signed on screen")
		}
		var ps []consentement.Piece
		var piece mandat.Piece
		b.view(func(tx *db.Tx) (err error) {
			if piece, err = mandat.LoadPiece(t.Context(), tx, id); err != nil {
				return err
			}
			ps, err = consentement.Pieces(t.Context(), tx, id)
			return err
		})
		if len(ps) != 1 || !strings.Contains(string(piece.Enregistrement), `"accord_empreinte":"`) || bytes.Contains(piece.Enregistrement, []byte("Signature Essai")) {
			t.Fatalf("%d proofs; record %s", len(ps), piece.Enregistrement)
		}
		b.update(func(tx *db.Tx) error { return consentement.Erase(t.Context(), tx, ps[0].ID) })
		if k := b.count(`SELECT count(*) FROM accord_piece WHERE contenu_chiffre IS NOT NULL`); k != 0 {
			t.Errorf("%d contents left", k)
		}
		if !b.usable(id) {
			t.Error("an erased proof ends the mandat")
		}
		n.get("/espace-aidant/mandats/"+id.String()+"/accord").want(t, http.StatusOK, "contenu effacé")
		b.verifyJournal()
	})
}

// On screen nothing is signed without what the person does themself: two
// boxes and a signature, drawn or written; what was typed is kept.
func TestScreenNeedsThePerson(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("ordinaire", "MONTH", "papiers").want(t, http.StatusOK, "La personne lit et signe", "arrêter quand vous voulez", "Lire le mandat en entier")
		aidant := url.Values{"identite": {"on"}, "personal_data": {"on"}, "otp_token": {b.nextCode(alix)}}
		const trace = `{"traits":[[[0,0],[10,10],[20,20],[30,30],[40,40]],[[500,200],[510,200],[1000,400]]]}`
		for _, c := range []struct {
			typed url.Values
			dit   string
		}{
			{url.Values{}, "si elle est d’accord"},
			{url.Values{"lu": {"on"}, "accord": {"on"}}, "La personne signe dans le cadre, ou écrit"},
			{url.Values{"lu": {"on"}, "trace": {trace}}, "si elle est d’accord"},
			{url.Values{"accord": {"on"}, "trace": {trace}}, "La personne lit le mandat"},
			{url.Values{"lu": {"on"}, "accord": {"on"}, "trace": {`{"traits":[[[1,1]]]}`}}, "Signez dans le cadre"},
			{url.Values{"lu": {"on"}, "accord": {"on"}, "signature_nom": {"Odile"}}, "pour que son nom écrit vaille signature"},
			{url.Values{"lu": {"on"}, "accord": {"on"}, "signature_nom": {"."}, "signature_case": {"on"}}, "son prénom et son nom"},
		} {
			for k, v := range aidant {
				c.typed[k] = v
			}
			n.press(p, "Signer le mandat", c.typed).want(t, http.StatusUnprocessableEntity, c.dit)
		}
		if k := b.count(`SELECT count(*) FROM mandat`); k != 0 {
			t.Fatal("signed without the person")
		}
		kept := n.press(p, "Signer le mandat", url.Values{"lu": {"on"}, "trace": {trace}, "identite": {"on"}}).want(t, http.StatusUnprocessableEntity)
		held := ""
		for _, in := range all(kept.doc, "input") {
			if attr(in, "name") == "trace" {
				held = attr(in, "value")
			}
		}
		if held != trace {
			t.Errorf("the drawing was lost: %q", held)
		}
		aidant.Set("accord", "on")
		id := mandatOf(t, n.press(kept, "Signer le mandat", aidant).want(t, http.StatusOK, "Le mandat est enregistré"))
		if !b.usable(id) || b.count(`SELECT count(*) FROM accord_piece WHERE genre = 'signature_dessinee' AND aidant_id IS NULL`) != 1 {
			t.Error("the drawing does not prove")
		}
	})
}

// The référent sets the grace, sees what is missing without a name, and
// certifies with the code printed on the paper.
func TestReferentFollowsThePaper(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		b.update(func(tx *db.Tx) error {
			return aidant.StartReferent(t.Context(), tx, b.aidantID(email("bilal", 0)), b.orgs[0].ID)
		})
		r := b.connecte(email("bilal", 0))
		n.get("/espace-referent/accords/").want(t, http.StatusForbidden)
		r.post("/espace-aidant/valider-cgu", url.Values{"document": {"charte_referent"}, "version": {"1.0"}, "charte_referent": {"oui"}})
		r.get("/espace-referent/accords/").want(t, http.StatusOK, "Rien à joindre", "la copie d’abord")
		r.post("/espace-referent/accords/delai", url.Values{"grace": {"8"}}).want(t, http.StatusUnprocessableEntity, "de 0 à 7 jours")
		r.post("/espace-referent/accords/delai", url.Values{"grace": {"3"}}).want(t, http.StatusOK, "Le délai est enregistré")
		_, id := n.onPaper()
		if !b.usable(id) {
			t.Error("not usable within the grace the référent chose")
		}
		p := r.get("/espace-referent/accords/").want(t, http.StatusOK, "alix AIDANT", "Il peut servir jusqu’au")
		if strings.Contains(p.text, "VASSELIN") {
			t.Error("a référent reads who is helped")
		}
		var page strings.Builder
		if err := html.Render(&page, p.doc); err != nil {
			t.Fatal(err)
		}
		code := testkit.CodePublic(t, strings.ReplaceAll(page.String(), "7K2M-09QX-3F4T", "")) // the example of the field
		for _, c := range []struct {
			v   url.Values
			dit string
		}{
			{url.Values{"code": {"x"}, "certifie": {"on"}}, "12 signes du code"},
			{url.Values{"code": {code}}, "Cochez la case"},
			{url.Values{"code": {"0000-0000-0000"}, "certifie": {"on"}}, "Aucun mandat à compléter"},
		} {
			r.post("/espace-referent/accords/certification", c.v).want(t, http.StatusUnprocessableEntity, c.dit)
		}
		r.post("/espace-referent/accords/certification", url.Values{"code": {strings.ToLower(code)}, "certifie": {"on"}}).want(t, http.StatusOK, "ce mandat peut servir", "Rien à joindre")
		r.post("/espace-referent/accords/certification", url.Values{"code": {code}, "certifie": {"on"}}).want(t, http.StatusUnprocessableEntity, "Aucun mandat à compléter")
		b.verifyJournal()
	})
}

// Reminders: one per aidant and age, naming nobody, none once the copy is
// there, none twice.
func TestRemindersOfCopies(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		_, id := n.onPaper()
		remind := func() (sent int) {
			b.update(func(tx *db.Tx) (err error) {
				sent, err = b.papiers.RemindCopies(t.Context(), tx)
				return err
			})
			return sent
		}
		for i, step := range []struct {
			wait time.Duration
			want int
		}{{23 * time.Hour, 0}, {time.Hour, 1}, {time.Hour, 0}, {46 * time.Hour, 0}, {2 * time.Hour, 1}, {72 * time.Hour, 1}, {24 * time.Hour, 0}} {
			b.clock.Advance(step.wait)
			if got := remind(); got != step.want {
				t.Errorf("step %d: %d reminders, want %d", i, got, step.want)
			}
		}
		if _, err := b.outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		var m outbox.Courriel
		for _, c := range b.boite.recu {
			if strings.Contains(c.Sujet, "copie signée") {
				m = c
			}
		}
		if !strings.Contains(m.Texte, "/espace-aidant/accords/") || strings.Contains(m.Texte, "VASSELIN") || !strings.Contains(m.Texte, "ne peut pas servir") {
			t.Errorf("the reminder says %q", m.Texte)
		}
		_ = id
	})
}

// answer sends a request and reads the page.
func (n *navigateur) answer(req *http.Request) page {
	n.b.t.Helper()
	resp, err := n.c.Do(req)
	if err != nil {
		n.b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		n.b.t.Fatal(err)
	}
	return pageOf(n.b.t, resp, raw)
}

func (b *banc) view(fn func(tx *db.Tx) error) {
	b.t.Helper()
	if err := b.db.View(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) update(fn func(tx *db.Tx) error) {
	b.t.Helper()
	if err := b.db.Update(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) aidantID(email string) (id ident.AidantID) {
	b.view(func(tx *db.Tx) error {
		return tx.QueryRow(b.t.Context(), `SELECT id FROM aidant WHERE email = $1`, email).Scan(&id)
	})
	return id
}
