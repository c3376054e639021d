package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Dossier writes each message as a file, for the demo and the tests, and for
// an operator whose mail is fetched by another program.
type Dossier struct{ Chemin string }

// Envoyer implements Expediteur. A reader never sees half a file; a second try
// of the same message replaces the first.
func (d Dossier) Envoyer(_ context.Context, c Courriel) error {
	m, err := compose(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return &Echec{Nature: "contenu_refuse", Definitif: true}
	}
	id, _, _ := strings.Cut(c.ID, "@")
	return d.write(fileName(c.Date, id)+".eml", b.Bytes())
}

// EnvoyerSMS implements ExpediteurSMS: one .json file per text message, beside
// the e-mails.
func (d Dossier) EnvoyerSMS(_ context.Context, s SMS) (string, error) {
	b, err := json.Marshal(Lu{ID: s.ID, Canal: canalSMS, To: s.A, Text: s.Texte, Date: s.Date})
	if err != nil {
		return "", fmt.Errorf("encode sms: %w", err)
	}
	return "", d.write(fileName(s.Date, s.ID)+".json", b)
}

// fileName sorts by time.
func fileName(date time.Time, id string) string {
	return date.UTC().Format("20060102T150405.000Z") + "-" + id
}

// write leaves the whole file or nothing.
func (d Dossier) write(name string, b []byte) error {
	if err := os.MkdirAll(d.Chemin, 0o700); err != nil {
		return &Echec{Nature: "dossier"}
	}
	part := filepath.Join(d.Chemin, "."+name+".part")
	if err := os.WriteFile(part, b, 0o600); err != nil {
		return &Echec{Nature: "dossier"}
	}
	if err := os.Rename(part, filepath.Join(d.Chemin, name)); err != nil {
		return &Echec{Nature: "dossier"}
	}
	return nil
}

// Lu is a message read back from a folder.
type Lu struct {
	Canal   string    `json:"canal"` // courriel or sms
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Date    time.Time `json:"date"`
	ID      string    `json:"id,omitempty"` // SMS: what an answer is given to
}

// lusMax keeps the page of a long demo light.
const lusMax = 200

// ReadFolder reads the most recent messages of a folder, newest first. A
// folder that does not exist yet is empty.
func ReadFolder(path string) ([]Lu, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, os.ErrNotExist) {
		return []Lu{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read mail folder: %w", err)
	}
	slices.Reverse(entries) // the names sort by time
	lus := []Lu{}
	for _, e := range entries {
		read := readers[filepath.Ext(e.Name())]
		if strings.HasPrefix(e.Name(), ".") || read == nil {
			continue
		}
		l, err := readFile(filepath.Join(path, e.Name()), read)
		if err != nil {
			return nil, fmt.Errorf("read mail %s: %w", e.Name(), err)
		}
		if lus = append(lus, l); len(lus) == lusMax {
			break
		}
	}
	return lus, nil
}

// readers know the two forms of a message.
var readers = map[string]func(io.Reader) (Lu, error){".eml": parse, ".json": parseSMS}

func readFile(name string, read func(io.Reader) (Lu, error)) (Lu, error) {
	f, err := os.Open(name)
	if err != nil {
		return Lu{}, err
	}
	defer f.Close()
	return read(f)
}

func parseSMS(r io.Reader) (l Lu, err error) {
	err = json.NewDecoder(io.LimitReader(r, 1<<20)).Decode(&l)
	return l, err
}

// parse reads an e-mail: headers decoded, the text and HTML parts decoded.
func parse(r io.Reader) (Lu, error) {
	m, err := mail.ReadMessage(io.LimitReader(r, 4<<20))
	if err != nil {
		return Lu{}, err
	}
	l := Lu{Canal: canalCourriel}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return Lu{}, err
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		return Lu{}, err
	}
	l.To = to[0].Address
	if l.Date, err = m.Header.Date(); err != nil {
		return Lu{}, err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return Lu{}, err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		body, err := decode(m.Body, m.Header.Get("Content-Transfer-Encoding"))
		l.Text = body
		return l, err
	}
	return l, l.readParts(multipart.NewReader(m.Body, params["boundary"]))
}

func (l *Lu) readParts(parts *multipart.Reader) error {
	for {
		// NextRawPart leaves quoted-printable alone: one place decodes.
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		body, err := decode(p, p.Header.Get("Content-Transfer-Encoding"))
		if err != nil {
			return err
		}
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			l.Text = body
		case "text/html":
			l.HTML = body
		}
	}
}

// decode undoes the only encoding that compose writes. Line ends are those of
// mail on the wire and plain ones afterwards.
func decode(r io.Reader, encoding string) (string, error) {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}
