package web

import (
	"net/http"
	"time"
)

// delaiFichiers is how long a phone may take to send its photos.
const delaiFichiers = 3 * time.Minute

// AllowFiles lets this request carry up to max bytes, and take longer than the
// server gives to others. A handler calls it once it knows who asks and for
// what; it must call done when it has read.
func AllowFiles(w http.ResponseWriter, r *http.Request, max int64) (done func()) {
	q := requestOf(r)
	if q.corps != nil {
		r.Body = http.MaxBytesReader(nil, q.corps, max)
	}
	rc := http.NewResponseController(w)
	// A writer without deadlines (a test's) has none to move.
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
	t := time.AfterFunc(delaiFichiers, func() { _ = rc.SetReadDeadline(time.Unix(1, 0)) })
	return func() { t.Stop() }
}
