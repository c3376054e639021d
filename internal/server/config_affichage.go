package server

import (
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"time"

	"aidantsconnect/internal/secret"
)

// Print writes the configuration in force as an environment file, with the
// help of each variable. Secrets are told set or not, never shown.
func (c Config) Print(w io.Writer) error {
	v := reflect.ValueOf(c)
	group := ""
	for _, f := range orderedFields() {
		if f.group != group {
			group = f.group
			if _, err := fmt.Fprintf(w, "\n## %s\n", group); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "# %s\n%s=%s\n", f.help, f.variable, show(f, v.FieldByIndex(f.index))); err != nil {
			return err
		}
	}
	return nil
}

// show writes a value that may be read over a shoulder.
func show(f field, v reflect.Value) string {
	switch x := v.Interface().(type) {
	case secret.Key:
		return hidden(x.IsZero())
	case secret.Text:
		return redact(x.Reveal())
	case time.Duration:
		return x.String()
	case []string:
		return strings.Join(x, ",")
	case string:
		if f.secret {
			return redact(x)
		}
		return x
	default:
		return fmt.Sprint(x)
	}
}

func hidden(absent bool) string {
	if absent {
		return "[absent]"
	}
	return "[défini]"
}

// redact keeps of a secret address where it leads, which helps, and hides the
// rest: only what is known not to be secret is shown.
func redact(s string) string {
	if s == "" {
		return hidden(true)
	}
	for _, scheme := range []string{"sqlite:", "dossier:"} {
		if strings.HasPrefix(s, scheme) {
			return s
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return hidden(false)
	}
	// The query of a PostgreSQL address may hold a password too.
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String() + " [défini]"
}
