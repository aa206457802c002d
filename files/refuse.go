package files

// Answers without a file: short, in words, with the reason and what to do.
// They never repeat anything from the request, and all 404 are alike.

import (
	"bytes"
	"log"
	"net/http"
	"strconv"
)

var (
	asJSON     = only("application/json")
	asHTML     = only("text/html; charset=utf-8")
	asText     = only("text/plain; charset=utf-8")
	varyByForm = only("Accept, Accept-Language")
	soon       = only("1") // seconds
)

// refuseFor answers for an error of the system, and tells the log what the
// visitor is not told.
func (h *Handler) refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client is gone: nobody reads the answer
	}
	if status >= 500 {
		logger := h.options.ErrorLog
		if logger == nil {
			logger = log.Default()
		}
		logger.Printf("files: %d for %q: %v", status, r.URL.Path, err)
	}
	refuse(w, r, status)
}

// refuse answers with one of the statuses of refusal (words.go). Fields that
// were set for the file are taken back.
func refuse(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	for _, name := range [...]string{"Etag", "Last-Modified", "Accept-Ranges", "Content-Encoding"} {
		delete(header, name)
	}
	header["Cache-Control"] = noCache
	header["Vary"] = varyByForm
	if status == http.StatusServiceUnavailable {
		header["Retry-After"] = soon
	}
	say := wordsFor(r.Header["Accept-Language"])
	reason := say.refusals[status]
	var body bytes.Buffer
	if prefersHTML(r.Header["Accept"]) {
		header["Content-Type"] = asHTML
		header["Content-Security-Policy"] = policy
		writeRefusal(&body, status, reason, say)
	} else {
		header["Content-Type"] = asText
		body.WriteString(strconv.Itoa(status) + " " + reason.Title + "\n\n" + reason.Why + "\n")
	}
	header["Content-Length"] = only(strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes())
	}
}
