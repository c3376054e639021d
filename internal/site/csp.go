package site

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"time"

	"aidantsconnect/internal/limite"
)

// cspReports bounds what one network may write in our log.
var cspReports = limite.Regle{Nom: "site.csp", N: 20, Fenetre: time.Hour}

const maxReport = 16 << 10

// directive is a name of the content policy; nothing else of a report is kept:
// the rest is what anybody writes, and addresses that may hold a secret.
var directive = regexp.MustCompile(`^[a-z]{2,12}(-[a-z]{2,12}){0,3}$`)

// reportCSP logs that a browser met what our content policy refuses (comptes
// 12): a page of ours that is wrong, an extension, or somebody's attempt.
func (h *Handlers) reportCSP(w http.ResponseWriter, r *http.Request) error {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err == nil {
		var report struct {
			Report struct {
				Effective string `json:"effective-directive"`
				Violated  string `json:"violated-directive"`
			} `json:"csp-report"`
		}
		name := "illisible"
		if json.Unmarshal(b, &report) == nil {
			for _, d := range []string{report.Report.Violated, report.Report.Effective} {
				if directive.MatchString(d) {
					name = d
				}
			}
		}
		h.Log.WarnContext(r.Context(), "content policy", "directive", name)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
