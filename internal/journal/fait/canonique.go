package fait

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	"aidantsconnect/internal/demarche"
)

// The canonical JSON of the facts is the part of RFC 8785 that they need: one
// object, keys sorted, no blank, whole numbers from 0 to 2^53, true, texts
// that never need an escape, and arrays of such texts, sorted and without
// duplicates. A field at its zero value is not written, so that a field added
// to an action later leaves what was written before canonical.

const maxEntier = 1 << 53

// plan is how the facts of one action are written.
type plan struct {
	typ    reflect.Type
	champs []champPlan // in the order of the JSON keys
}

type champPlan struct {
	cle    string
	index  int
	requis bool
	ecrire func([]byte, reflect.Value) ([]byte, error)
}

var errZero = errors.New("zero") // an ecrire that has nothing to write

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// planOf makes the plan of a struct. A field is a bool, an int, an identifier,
// a db.Time, démarches, or a text whose tag `mot` names its vocabulary: there
// is no way to declare a field that accepts free text.
func planOf(t reflect.Type) (plan, error) {
	p := plan{typ: t}
	for i := range t.NumField() {
		f := t.Field(i)
		cle := f.Tag.Get("json")
		if !motCle.match(cle) {
			return plan{}, fmt.Errorf("%s.%s: the json tag must be its French column name", t, f.Name)
		}
		ecrire, err := ecrireOf(f)
		if err != nil {
			return plan{}, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		p.champs = append(p.champs, champPlan{cle, i, f.Tag.Get("requis") == "oui", ecrire})
	}
	slices.SortFunc(p.champs, func(a, b champPlan) int { return bytes.Compare([]byte(a.cle), []byte(b.cle)) })
	return p, nil
}

func ecrireOf(f reflect.StructField) (func([]byte, reflect.Value) ([]byte, error), error) {
	switch {
	case f.Type == reflect.TypeFor[demarche.Demarche]():
		return ecrireTexte(demarcheConnue), nil
	case f.Type == reflect.TypeFor[[]demarche.Demarche]():
		return ecrireTextes(demarcheConnue), nil
	case f.Type.Implements(textMarshaler):
		return ecrireMarshaler, nil
	case f.Type.Kind() == reflect.Bool:
		return func(b []byte, _ reflect.Value) ([]byte, error) { return append(b, "true"...), nil }, nil
	case f.Type.Kind() == reflect.Int:
		return ecrireEntier, nil
	}
	voc, ok := vocabulaires[f.Tag.Get("mot")]
	switch {
	case !ok:
		return nil, fmt.Errorf("no vocabulary %q", f.Tag.Get("mot"))
	case f.Type.Kind() == reflect.String:
		return ecrireTexte(voc.match), nil
	case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.String:
		return ecrireTextes(voc.match), nil
	}
	return nil, fmt.Errorf("a fact cannot hold a %s", f.Type)
}

func ecrireTexte(known func(string) bool) func([]byte, reflect.Value) ([]byte, error) {
	return func(b []byte, v reflect.Value) ([]byte, error) { return appendMot(b, v.String(), known) }
}

func ecrireTextes(known func(string) bool) func([]byte, reflect.Value) ([]byte, error) {
	return func(b []byte, v reflect.Value) ([]byte, error) {
		all := make([]string, v.Len())
		for i := range all {
			all[i] = v.Index(i).String()
		}
		slices.Sort(all)
		all = slices.Compact(all)
		if len(all) == 0 {
			return b, errZero
		}
		b = append(b, '[')
		for i, s := range all {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendMot(b, s, known); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
}

// appendMot writes a word of a vocabulary. None needs an escape: all of them
// are made of ASCII letters, digits and a few signs. The error does not show
// the word, which may be what must not be shown.
func appendMot(b []byte, s string, known func(string) bool) ([]byte, error) {
	if !known(s) {
		return nil, fmt.Errorf("a text of %d bytes is not in the vocabulary", len(s))
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

func ecrireMarshaler(b []byte, v reflect.Value) ([]byte, error) {
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return b, errZero
	}
	return appendMot(b, string(text), motMarshal.match)
}

func ecrireEntier(b []byte, v reflect.Value) ([]byte, error) {
	if n := v.Int(); n < 0 || n > maxEntier {
		return nil, fmt.Errorf("the number is not between 0 and 2^53")
	}
	return strconv.AppendInt(b, v.Int(), 10), nil
}

func demarcheConnue(s string) bool {
	_, ok := demarche.Parse(s)
	return ok
}

// complete refuses facts that lack a field their action demands. Only Append
// asks it: a demand added later must not make older lines unreadable.
func (p plan) complete(v reflect.Value) error {
	for _, c := range p.champs {
		f := v.Field(c.index)
		if c.requis && (f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0) {
			return fmt.Errorf("field %s is missing", c.cle)
		}
	}
	return nil
}

// encode writes the canonical JSON of the facts.
func (p plan) encode(v reflect.Value) ([]byte, error) {
	b := append(make([]byte, 0, 256), '{')
	for _, c := range p.champs {
		f := v.Field(c.index)
		if f.IsZero() {
			continue
		}
		start := len(b)
		if start > 1 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, c.cle...)
		b = append(b, '"', ':')
		var err error
		if b, err = c.ecrire(b, f); errors.Is(err, errZero) {
			b = b[:start]
		} else if err != nil {
			return nil, fmt.Errorf("field %s: %w", c.cle, err)
		}
	}
	return append(b, '}'), nil
}

// decode reads back what encode wrote, and nothing else: an unknown field, a
// blank, another order or a word out of its vocabulary is refused.
func (p plan) decode(contenu []byte) (reflect.Value, error) {
	v := reflect.New(p.typ)
	d := json.NewDecoder(bytes.NewReader(contenu))
	d.DisallowUnknownFields()
	if err := d.Decode(v.Interface()); err != nil {
		return reflect.Value{}, fmt.Errorf("decode facts: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return reflect.Value{}, errors.New("decode facts: something follows the object")
	}
	again, err := p.encode(v.Elem())
	if err != nil {
		return reflect.Value{}, fmt.Errorf("decode facts: %w", err)
	}
	if !bytes.Equal(again, contenu) {
		return reflect.Value{}, errors.New("decode facts: not canonical")
	}
	return v.Elem(), nil
}
