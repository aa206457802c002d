package genkan

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

// settle turns the handler's fields into bytes, at WriteHeader: what it does
// to the map afterwards changes nothing but trailers.
func (r *response) settle() {
	w := r.ex.w
	w.head = w.head[:0]
	if len(r.header) == 0 {
		return
	}
	for _, f := range r.inOrder() {
		if !r.special(f.key, f.values) {
			continue
		}
		for _, v := range f.values {
			var ok bool
			if w.head, ok = http1.AppendField(w.head, f.key, v); !ok {
				r.ex.c.srv.report(slog.LevelWarn, "a field cannot be sent and was left out",
					"genkan: field %q with value %q cannot be sent and was left out (RFC 9110 5.1, 5.5)",
					slog.String("name", f.key), slog.String("value", v))
			}
		}
	}
}

// inOrder is the handler's fields by name, so that equal answers are equal
// bytes. The next call overwrites it.
func (r *response) inOrder() []setField {
	set := r.ex.w.set[:0]
	for key, values := range r.header {
		set = append(set, setField{key, values})
	}
	if len(set) > 1 {
		slices.SortFunc(set, func(a, b setField) int { return strings.Compare(a.key, b.key) })
	}
	r.ex.w.set = set
	return set
}

// special sees to the fields that are the server's to decide. False: the
// field is not sent as the handler set it.
func (r *response) special(key string, values []string) bool {
	upgrade := false
	switch http1.CanonicalName(key) { // however the handler spelled it
	case "Content-Length":
		return r.declare(values)
	case "Transfer-Encoding":
		if !slices.Equal(values, []string{"chunked"}) {
			r.ex.c.srv.report(slog.LevelWarn, "the handler's Transfer-Encoding was left out",
				"genkan: the handler's Transfer-Encoding %q was left out: framing is the server's", slog.Any("values", values))
		}
		return false
	case "Date":
		r.hasDate = true
	case "Content-Type":
		r.hasType = true
		return r.status != http.StatusNotModified
	case "Content-Encoding":
		r.encoded = len(values) > 0 && values[0] != ""
	case "Connection":
		for _, v := range values {
			r.userClose = r.userClose || http1.HasToken(v, "close")
			r.userAlive = r.userAlive || http1.HasToken(v, "keep-alive")
			upgrade = upgrade || http1.HasToken(v, "upgrade")
		}
		r.closing = r.closing || r.userClose
		return r.userClose || upgrade // whether it is kept alive we say ourselves
	case "Trailer":
		for _, v := range values {
			for name := range strings.SplitSeq(v, ",") {
				r.trailers = append(r.trailers, http1.CanonicalName(strings.Trim(name, " \t")))
			}
		}
	}
	if strings.HasPrefix(key, http.TrailerPrefix) {
		r.trailers = append(r.trailers, "")
		return false
	}
	return true
}

// declare takes the handler's Content-Length. One that is no number is logged
// and left out.
func (r *response) declare(values []string) bool {
	if !bodyAllowed(r.status) && r.status != http.StatusNotModified {
		return false // RFC 9110 8.6: never on 1xx and 204
	}
	if len(values) == 0 {
		return false
	}
	if r.length >= 0 {
		r.ex.c.srv.report(slog.LevelWarn, "a second Content-Length was left out",
			"genkan: a second Content-Length, %q, in another spelling, was left out (RFC 9110 8.6)", slog.Any("values", values))
		return false
	}
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil || len(values) > 1 {
		r.ex.c.srv.report(slog.LevelWarn, "the handler's Content-Length was left out",
			"genkan: the handler's Content-Length %q was left out: it is one number (RFC 9110 8.6)", slog.Any("values", values))
		return false
	}
	if r.status == http.StatusNotModified {
		return false
	}
	r.length = int64(n)
	return true
}

// sendHead puts the head of the answer into work.out, once. whole says that
// the body is complete in work.body; otherwise it goes on with next, whose
// first bytes sniffing may need.
func (r *response) sendHead(whole bool, next string) {
	if r.headSent {
		return
	}
	r.headSent = true
	w := r.ex.w
	r.closing = r.closing || !r.ex.c.srv.keepAlives() // Shutdown may have begun meanwhile
	auto := r.frame(whole)
	begin := len(w.out)
	w.out = http1.AppendStatusLine(w.out, r.status)
	w.out = append(w.out, w.head...)
	if !r.hasDate {
		w.out = r.ex.c.srv.clock.appendDate(w.out, w.now())
	}
	if auto {
		n := int64(len(w.body))
		if r.bodyless() {
			n = r.written
		}
		w.out = http1.AppendContentLength(w.out, n)
	}
	if !r.hasType && !r.encoded && bodyAllowed(r.status) && len(w.body)+len(next) > 0 {
		kind := http.DetectContentType(append(w.body, next...)) // a copy, or behind what is kept
		w.out, _ = http1.AppendField(w.out, "Content-Type", kind)
	}
	switch {
	case r.closing && !r.userClose:
		w.out = append(w.out, "Connection: close\r\n"...)
	case !r.closing && (r.keepAlive10 || r.userAlive):
		w.out = append(w.out, "Connection: keep-alive\r\n"...)
	}
	if r.chunked {
		w.out = append(w.out, "Transfer-Encoding: chunked\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
	r.ex.c.emitRespond(w, begin, r.status)
}

// frame decides how the peer will know where the body ends (RFC 9112 6.3).
// auto: by a Content-Length that the handler did not set.
func (r *response) frame(whole bool) (auto bool) {
	switch {
	case r.status == http.StatusSwitchingProtocols:
		// The handler did not take the connection, and what follows on it is no
		// HTTP/1.1 that we could read.
		r.untilClose = true
		return false
	case !bodyAllowed(r.status), r.length >= 0:
		return false
	case whole && len(r.trailers) == 0:
		// A handler that wrote nothing for HEAD may know a length for GET
		// that we do not.
		return !r.bodyless() || r.written > 0
	case r.bodyless():
		return false
	case r.http10:
		r.untilClose, r.closing = true, true
	default:
		r.chunked = true
	}
	return false
}

// finalTrailers is what follows the last chunk: the announced fields, and
// those with http.TrailerPrefix.
func (r *response) finalTrailers() []http1.Field {
	if len(r.trailers) == 0 && !r.hasPrefixed() {
		return nil
	}
	var fields []http1.Field
	for _, f := range r.inOrder() {
		name, prefixed := strings.CutPrefix(f.key, http.TrailerPrefix)
		if !prefixed && !slices.Contains(r.trailers, f.key) {
			continue
		}
		for _, v := range f.values {
			fields = append(fields, http1.Field{Name: name, Value: v})
		}
	}
	return fields
}

func (r *response) hasPrefixed() bool {
	for key := range r.header {
		if strings.HasPrefix(key, http.TrailerPrefix) {
			return true
		}
	}
	return false
}

func isOurs(function string) bool {
	return strings.HasPrefix(function, "github.com/genkan-http/genkan.(*")
}

// emitRespond reports the head of an answer that has just been queued, from
// begin on.
func (c *conn) emitRespond(w *work, begin, status int) {
	ring := c.srv.ring
	if ring == nil {
		return
	}
	head := w.out[begin:]
	_, sent := c.tr.offsets() // of what was handed to the kernel; the queue goes after it
	c.emit(trace.Event{
		Time: time.Now(), Verb: trace.Respond, Len: len(head), Off: sent + int64(begin),
		Note: "HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status),
		Data: clip(head, ring.WantBytes()),
	})
}
