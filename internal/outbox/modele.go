package outbox

// Modele is one text of the catalogue, with messages made by the very function
// that writes the real ones, from data made up: for the previews of the
// back-office and of the command line, and for the test that reads them all.
type Modele struct {
	Genre    string // "E-01"
	Quand    string // what makes it leave, in French
	Vers     string // to whom
	Exemples []Message
}

// Check tells what would keep a message from leaving.
func (m Message) Check() error { return m.check() }

// HTML is the twin of the text; a text message has none.
func (m Message) HTML() string {
	if m.sms() {
		return ""
	}
	return twin(m.Sujet, m.Texte)
}
