package attestation_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/sceau"
)

// Files sealed by former processes, each version of the record with keys and a
// certificate that nobody has any more, stay verifiable by every version of the
// program; they are what docs/attestation.md describes. The keys changed
// between mandat-v3 and fin-v1.
func TestGoldenFiles(t *testing.T) {
	read := func(name string) []byte {
		b, err := os.ReadFile("testdata/" + name)
		must(t, err)
		return b
	}
	schemas := readSchemas(t)
	autorite := x509.NewCertPool()
	autorite.AppendCertsFromPEM(read("autorite-v3.pem"))
	for _, x := range []struct {
		file, keys string
		version    int
		racines    *x509.CertPool
		said       string
	}{
		{"mandat-v1.json", "cles-v1.json", 1, nil, "Mandat QMG5-FARM-KW6D"},
		{"mandat-v2.pdf", "cles-v2.json", 2, nil, "Mandat K3JY-8H81-AJVN"},
		{"mandat-v2.json", "cles-v2.json", 2, nil, "Mandat K3JY-8H81-AJVN"},
		{"mandat-v3.pdf", "cles-v3.json", 3, autorite, "Structure d’essai, certifié par Autorité d’essai, qui mène à l'autorité donnée"},
		{"mandat-v3.pdf", "cles-v3.json", 3, nil, "Montré à la personne avant la signature"},
		{"mandat-v3.json", "cles-v3.json", 3, nil, "a aussi le sceau de l'exploitant"},
		{"fin-v1.pdf", "cles-v3.json", 0, autorite, "qui mène à l'autorité donnée"},
		{"fin-v1.json", "cles-v3.json", 0, nil, "révoqué à la demande de la personne"},
	} {
		b := read(x.file)
		v, err := attestation.VerifyFile(b, read(x.keys), x.racines)
		if err != nil {
			t.Errorf("%s: %v", x.file, err)
			continue
		}
		all := strings.Join(v.Summary(), "\n")
		if !strings.Contains(all, "AUTHENTIQUE") || !strings.Contains(all, "Odile Simone VASSELIN") || !strings.Contains(all, "SIMULATION") || !strings.Contains(all, x.said) {
			t.Errorf("%s: %s", x.file, all)
		}
		if v.Fin == nil && (v.Mandat == nil || v.Mandat.Version != x.version) {
			t.Errorf("%s is not of version %d", x.file, x.version)
		}
		for _, keys := range []string{"cles-v1.json", "cles-v2.json", "cles-v3.json"} {
			if _, err := attestation.VerifyFile(b, read(keys), x.racines); (err == nil) != (keys == x.keys) || err != nil && !errors.Is(err, attestation.ErrRefus) {
				t.Errorf("%s with %s: %v", x.file, keys, err)
			}
		}
		if strings.HasSuffix(x.file, ".json") {
			var e sceau.Enveloppe
			must(t, json.Unmarshal(b, &e))
			for _, fault := range schemas[strings.Split(x.file, "-")[0]].faults([]byte(e.Enregistrement)) {
				t.Errorf("%s: %s", x.file, fault)
			}
		}
	}
}

// schema is what docs/attestation.md uses of JSON Schema.
type schema struct {
	Type                 string            `json:"type"`
	Required             []string          `json:"required"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties *bool             `json:"additionalProperties"`
	Items                *schema           `json:"items"`
	Enum                 []any             `json:"enum"`
	Const                any               `json:"const"`
	Pattern              string            `json:"pattern"`
}

// readSchemas gives those of the document: of a mandat, of an end.
func readSchemas(t *testing.T) map[string]schema {
	t.Helper()
	b, err := os.ReadFile("../../docs/attestation.md")
	must(t, err)
	out := map[string]schema{}
	for _, m := range regexp.MustCompile("(?s)```json\n(\\{\n  \"\\$schema\".*?)\n```").FindAllSubmatch(b, -1) {
		var s schema
		must(t, json.Unmarshal(m[1], &s))
		out[s.Properties["type"].Const.(string)] = s
	}
	if len(out) != 2 {
		t.Fatalf("%d schemas in the document", len(out))
	}
	return out
}

// faults says where a record is not what its schema describes.
func (s schema) faults(record []byte) []string {
	var v any
	d := json.NewDecoder(bytes.NewReader(record))
	if err := d.Decode(&v); err != nil {
		return []string{err.Error()}
	}
	return s.check("", v)
}

func (s schema) check(at string, v any) (out []string) {
	if s.Const != nil && v != s.Const || s.Enum != nil && !slices.Contains(s.Enum, v) {
		out = append(out, at+" has another value")
	}
	switch x := v.(type) {
	case string:
		if s.Type != "" && s.Type != "string" || s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(x) {
			out = append(out, at+" is not of its form")
		}
	case bool:
		if s.Type != "boolean" {
			out = append(out, at+" is a boolean")
		}
	case float64:
		if s.Type != "integer" && s.Enum == nil && s.Const == nil {
			out = append(out, at+" is a number")
		}
	case []any:
		for _, e := range x {
			out = append(out, s.Items.check(at+"[]", e)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := x[name]; !ok {
				out = append(out, at+"."+name+" is missing")
			}
		}
		for name, e := range x {
			if p, ok := s.Properties[name]; ok {
				out = append(out, p.check(at+"."+name, e)...)
			} else if s.AdditionalProperties != nil {
				out = append(out, at+"."+name+" is not described")
			}
		}
	}
	return out
}
