package server

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"aidantsconnect/internal/secret"
)

// Lecture reads a Config out of the command line, the environment, files and
// defaults, in this order, and keeps every mistake instead of stopping at the
// first: an operator who starts a service repairs them all at once.
type Lecture struct {
	env    map[string]string // the AC_ variables
	base   map[string]string // defaults of the caller: the demo's
	fautes []string
}

// LoadConfig reads a configuration without a command line. base gives values
// to the variables that environ does not set.
func LoadConfig(environ []string, base map[string]string) (Config, error) {
	var cli struct{ Config }
	l := NewLecture(environ, base)
	k, err := kong.New(&cli, l.Options()...)
	if err != nil {
		return Config{}, fmt.Errorf("build configuration: %w", err)
	}
	if _, err := k.Parse(nil); err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	return cli.Config, l.Check(&cli.Config)
}

// NewLecture prepares a reading. An AC_ variable that no field has is a
// mistake: a misspelt one would silently leave a default in force.
func NewLecture(environ []string, base map[string]string) *Lecture {
	l := &Lecture{env: map[string]string{}, base: base}
	known := fields()
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		// AC_TEST_ belongs to the tests of the program, which start it.
		if !strings.HasPrefix(name, "AC_") || strings.HasPrefix(name, "AC_TEST_") || value == "" {
			continue
		}
		f, ok := known[strings.TrimSuffix(name, "_FILE")]
		if !ok || (f.variable != name && !f.secret) {
			l.fault("%s : variable inconnue%s", name, suggestion(name, known))
			continue
		}
		l.env[name] = value
	}
	return l
}

// suggestion names the variable that was probably meant.
func suggestion(name string, known map[string]field) string {
	best, at := "", 4 // further is another word
	for _, v := range slices.Sorted(maps.Keys(known)) {
		if d := lettres(name, v); d < at {
			best, at = v, d
		}
	}
	if best == "" {
		return ""
	}
	return " (" + best + " ?)"
}

// lettres is how many letters to add, remove or change between two words.
func lettres(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (l *Lecture) fault(format string, args ...any) {
	if f := fmt.Sprintf(format, args...); !slices.Contains(l.fautes, f) {
		l.fautes = append(l.fautes, f)
	}
}

// Options make kong read the fields of every Config of a command.
func (l *Lecture) Options() []kong.Option {
	return []kong.Option{
		kong.TypeMapper(reflect.TypeFor[secret.Key](), kong.MapperFunc(decodeKey)),
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
			variable := f.Tag.Get("variable")
			if variable == "" {
				return nil, nil
			}
			if s, ok := l.lookup(variable, f.Tag.Has("secret")); ok {
				if value, ok := l.accept(variable, s, f.Target.Type()); ok {
					return value, nil
				}
			}
			return nil, nil
		})),
	}
}

// lookup finds what the environment, a file or the caller gives to a variable.
func (l *Lecture) lookup(variable string, mayBeFile bool) (string, bool) {
	value, ok := l.env[variable]
	path, inFile := l.env[variable+"_FILE"]
	switch {
	case ok && inFile && mayBeFile:
		l.fault("%s et %s_FILE sont donnés tous les deux", variable, variable)
	case inFile && mayBeFile:
		return l.readFile(variable, path)
	case ok:
		return value, true
	}
	value, ok = l.base[variable]
	return value, ok && value != ""
}

func (l *Lecture) readFile(variable, path string) (string, bool) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		l.fault("%s_FILE : le fichier %s n'existe pas", variable, path)
	case errors.Is(err, os.ErrPermission):
		l.fault("%s_FILE : le fichier %s n'est pas lisible par ce programme", variable, path)
	case err != nil:
		l.fault("%s_FILE : %s n'est pas un fichier lisible", variable, path)
	case strings.TrimSpace(string(b)) == "":
		l.fault("%s_FILE : le fichier %s est vide", variable, path)
	case len(b) > 256<<10:
		l.fault("%s_FILE : le fichier %s est trop gros", variable, path)
	default:
		return strings.TrimRight(string(b), "\r\n"), true
	}
	return "", false
}

// accept checks that a text is of the field's type; kong would stop at the
// first that is not.
func (l *Lecture) accept(variable, s string, t reflect.Type) (any, bool) {
	var problem string
	switch t {
	case reflect.TypeFor[secret.Key]():
		if _, err := secret.ParseKey(strings.TrimSpace(s)); err != nil {
			problem = "clé trop faible ou illisible : il faut 32 octets au hasard, en base64 (aidantsconnect cles generate)"
		}
	case reflect.TypeFor[time.Duration]():
		if _, err := time.ParseDuration(s); err != nil {
			problem = "durée illisible : écrire par exemple 300s, 15m ou 24h"
		}
	case reflect.TypeFor[int]():
		if _, err := strconv.Atoi(s); err != nil {
			problem = "nombre entier attendu"
		}
	case reflect.TypeFor[bool]():
		switch strings.ToLower(s) {
		case "true", "1", "oui":
			return "true", true
		case "false", "0", "non":
			return "false", true
		}
		problem = "true ou false attendu"
	}
	if problem != "" {
		l.fault("%s : %s", variable, problem)
		return nil, false
	}
	return s, true
}

func decodeKey(ctx *kong.DecodeContext, target reflect.Value) error {
	var s string
	if err := ctx.Scan.PopValueInto("key", &s); err != nil {
		return err
	}
	k, err := secret.ParseKey(strings.TrimSpace(s))
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(k))
	return nil
}

// Refuse reports the secrets that were given as options of the command line.
func (l *Lecture) Refuse(ctx *kong.Context) {
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved && p.Flag.Tag.Has("secret") {
			v := p.Flag.Tag.Get("variable")
			l.fault("%s : un secret ne se donne pas sur la ligne de commande, que d'autres peuvent lire ; employer la variable %s ou %s_FILE", v, v, v)
		}
	}
}

// field is what the tags of a field of Config say.
type field struct {
	variable, help, group string
	secret                bool
	index                 []int
}

// fields are those of Config, by variable.
func fields() map[string]field {
	all := map[string]field{}
	for _, f := range orderedFields() {
		all[f.variable] = f
	}
	return all
}

// orderedFields are those of Config as they are written.
func orderedFields() []field {
	var list []field
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if v := f.Tag.Get("variable"); v != "" {
			list = append(list, newField(f, f.Index))
			continue
		}
		if f.Type == reflect.TypeFor[Cles]() {
			for _, k := range reflect.VisibleFields(f.Type) {
				list = append(list, newField(k, slices.Concat(f.Index, k.Index)))
			}
		}
	}
	return list
}

func newField(f reflect.StructField, index []int) field {
	_, isSecret := f.Tag.Lookup("secret")
	return field{f.Tag.Get("variable"), f.Tag.Get("help"), cmp.Or(f.Tag.Get("group"), "Service"), isSecret, index}
}
