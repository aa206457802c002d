package genkan

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"

	"github.com/genkan-http/genkan/http1"
)

// response is the http.ResponseWriter of one exchange.
//
// What the handler writes is kept back as long as it fits bodyBuffer: an
// answer that ends within it gets a Content-Length and leaves in one piece.
// One that grows beyond, or is flushed, is sent as it comes: as long as the
// handler said, or in chunks, or (to HTTP/1.0) until the connection closes.
type response struct {
	ex     *exchange
	header http.Header

	status   int   // 0: WriteHeader has not been called
	length   int64 // Content-Length as the handler declared it; -1: not
	written  int64 // by the handler
	outBegin int   // where this answer begins in work.out

	head        bool // the request's method: no body is sent
	http10      bool
	keepAlive10 bool
	closing     bool // the connection ends after this answer
	askedClose  bool // because the client said so
	hijacked    bool
	headSent    bool // the head is in work.out, or gone
	chunked     bool
	untilClose  bool
	tooLong     bool // more was written than declared, and logged
	hasDate     bool // the handler made these itself, or forbade them
	hasType     bool
	encoded     bool // Content-Encoding: sniffing would see the wrong bytes
	userClose   bool
	userAlive   bool
	trailers    []string // announced by the handler, in canonical form
	err         error    // of sending; the connection is broken
}

// errReturned is what a goroutine gets that writes after the handler's return.
var errReturned = errors.New("genkan: write after the handler has returned")

func (r *response) begin(ex *exchange, head *http1.Request) {
	r.ex, r.length, r.head = ex, -1, head.Method == http.MethodHead
	r.http10, r.keepAlive10 = head.Minor == 0, head.KeepAlive10
	r.askedClose = head.Close
	r.closing = head.Close || !ex.c.srv.keepAlives()
	r.outBegin = len(ex.w.out)
	ex.w.body = ex.w.body[:0]
}

// Header is the map of fields that WriteHeader sends.
func (r *response) Header() http.Header {
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

// WriteHeader settles the status and the fields. 1xx, but 101, are sent at
// once, and may be sent before the final one. A second final one is logged and
// ignored.
func (r *response) WriteHeader(status int) {
	if err := r.enter(); err != nil {
		r.ex.c.srv.report(slog.LevelWarn, "WriteHeader too late", "genkan: WriteHeader(%d): %v, called from %s",
			slog.Int("status", status), slog.Any("error", err), slog.String("caller", caller()))
		return
	}
	defer r.leave()
	r.writeHeader(status)
}

func (r *response) writeHeader(status int) {
	switch {
	case r.status != 0:
		r.ex.c.srv.report(slog.LevelWarn, "superfluous WriteHeader", "genkan: superfluous WriteHeader(%d) after %d, called from %s",
			slog.Int("status", status), slog.Int("before", r.status), slog.String("caller", caller()))
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("genkan: WriteHeader: %d is no status code; RFC 9110 15 has them from 100 to 599", status))
	case status < 200 && status != http.StatusSwitchingProtocols:
		r.inform(status)
		return
	}
	r.status = status
	r.settle()
}

// inform sends an interim answer, RFC 9110 15.2, and the fields of now.
func (r *response) inform(status int) {
	if r.http10 {
		return // which knows no interim answers, RFC 9110 15.2
	}
	w := r.ex.w
	begin := len(w.out)
	w.out = http1.AppendStatusLine(w.out, status)
	for _, f := range r.inOrder() {
		if name := http1.CanonicalName(f.key); name == "Content-Length" || name == "Transfer-Encoding" {
			continue
		}
		for _, v := range f.values {
			w.out, _ = http1.AppendField(w.out, f.key, v)
		}
	}
	w.out = append(w.out, "\r\n"...)
	r.ex.c.emitRespond(w, begin, status)
	r.push()
	if status == http.StatusContinue && r.ex.body != nil {
		r.ex.body.said100 = true
	}
}

// Write sends part of the body. It returns http.ErrBodyNotAllowed where the
// status has none, http.ErrContentLength once the declared length is reached
// (what goes beyond it is cut), and an error once the peer is gone.
func (r *response) Write(p []byte) (int, error) {
	if err := r.enter(); err != nil {
		return 0, err
	}
	defer r.leave()
	fits, err := r.mayWrite(len(p))
	if fits == 0 {
		return 0, err
	}
	if r.bodyless() {
		r.keep(p[:fits])
		return fits, err
	}
	if n, err := write(r, p[:fits]); err != nil {
		return n, err
	}
	return fits, err
}

// WriteString is Write, without a copy of s for the conversion.
func (r *response) WriteString(s string) (int, error) {
	if err := r.enter(); err != nil {
		return 0, err
	}
	defer r.leave()
	fits, err := r.mayWrite(len(s))
	if fits == 0 {
		return 0, err
	}
	if r.bodyless() {
		r.keep([]byte(s[:min(fits, sniffLen)]))
		return fits, err
	}
	if n, err := write(r, s[:fits]); err != nil {
		return n, err
	}
	return fits, err
}

// mayWrite does what each write of n bytes begins with. It returns how many of
// them may be written, and what to return when they are.
func (r *response) mayWrite(n int) (fits int, err error) {
	if r.status == 0 {
		r.writeHeader(http.StatusOK)
	}
	switch {
	case n == 0 || r.err != nil:
		return 0, r.err
	case !bodyAllowed(r.status):
		return 0, http.ErrBodyNotAllowed
	case r.length >= 0 && r.written+int64(n) > r.length:
		if !r.tooLong {
			r.tooLong = true
			r.ex.c.srv.report(slog.LevelWarn, "an answer was longer than its Content-Length and was cut",
				"genkan: the answer to %s %q is longer than its Content-Length, %d, and was cut (RFC 9110 8.6)",
				slog.String("method", r.ex.req.Method), slog.String("target", r.ex.req.RequestURI), slog.Int64("length", r.length))
		}
		n, err = int(r.length-r.written), http.ErrContentLength
	}
	r.written += int64(n)
	return n, err
}

// Flush sends what there is.
func (r *response) Flush() { r.FlushError() }

// FlushError is Flush for http.ResponseController.
func (r *response) FlushError() error {
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	if r.status == 0 {
		r.writeHeader(http.StatusOK)
	}
	r.sendHead(false, "")
	r.chunk()
	return r.push()
}

// finish completes the answer after the handler. Small answers stay in
// work.out, to leave together with those that follow.
func (r *response) finish() error {
	if r.status == 0 {
		r.status = http.StatusOK
		r.settle()
	}
	w := r.ex.w
	if r.err != nil {
		return r.err
	}
	if !r.headSent {
		r.sendHead(true, "")
	}
	switch {
	case r.bodyless():
		w.body = w.body[:0]
	case r.chunked:
		r.chunk()
		w.out = http1.AppendLastChunk(w.out, r.finalTrailers())
	default:
		r.chunk()
	}
	return nil
}

// short says that the handler wrote less than it declared: the peer waits for
// the rest, and must see the connection end instead.
func (r *response) short() bool {
	return r.length >= 0 && r.written < r.length && !r.bodyless() && bodyAllowed(r.status)
}

// closeReason is why the connection ends after this answer, if it does.
func (r *response) closeReason() http1.CloseReason {
	switch {
	case r.untilClose:
		return http1.AnswerUntilClose
	case !r.closing:
		return http1.NotClosed
	case r.ex.c.srv.shutting.Load():
		return http1.ServerShutdown
	case r.askedClose && r.http10:
		return http1.HTTP10
	case r.askedClose:
		return http1.ClientAskedClose
	}
	return http1.HandlerAskedClose
}

// bodyAllowed: 1xx, 204 and 304 have none, RFC 9110 6.4.1.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// caller is the first function outside of this package that led here.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !more || !isOurs(f.Function) {
			return f.Function + " (" + f.File + ":" + strconv.Itoa(f.Line) + ")"
		}
	}
}
