package web

import (
	"net/url"
	"path"
	"strings"
)

// NextPath checks an address to come back to: a path of this site, with its
// query, and nothing a browser could read as another host (A-W17). Browsers
// take "\" for "/" and drop tabs and newlines, so none may appear, encoded in
// the path or not.
func NextPath(s string) (string, bool) {
	if len(s) > 4096 || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\#") {
		return "", false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return "", false
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	if strings.ContainsAny(u.Path, "\\\r\n\t\x00") || strings.HasPrefix(path.Clean(u.Path), "//") || strings.Contains(u.Path, "//") {
		return "", false
	}
	return s, true
}
