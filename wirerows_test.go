package genkan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// The conversations of http1/testdata, of which docs/wire.md is made, held with
// the whole server: in its answers, in what the handler sees, in what OnRefused
// is told and in why the connection ends it has to make of each what the file
// says, however the bytes arrive.

// failedBody is the status with which the witness answers when a body fails; no
// answer of the server's own has it.
const failedBody = http.StatusTeapot

// rowWitness is the handler and OnRefused of a server, and remembers.
type rowWitness struct {
	leaves bool // the body where it is, for the server to read away

	mu      sync.Mutex
	seen    []witnessed
	refused []Refusal
}

// witnessed is a request as a handler saw it.
type witnessed struct {
	*http.Request
	body []byte
	err  error
}

func (w *rowWitness) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	s := witnessed{Request: r}
	if !w.leaves {
		s.body, s.err = io.ReadAll(r.Body)
	}
	w.mu.Lock()
	w.seen = append(w.seen, s)
	w.mu.Unlock()
	res.Header().Set("Content-Type", "text/plain")
	switch {
	case s.err != nil:
		res.WriteHeader(failedBody)
	case r.Method == "CONNECT":
		res.WriteHeader(http.StatusMethodNotAllowed) // a 200 would begin a tunnel
	}
	io.WriteString(res, answerTo(r.Method, r.RequestURI))
}

// answerTo tells one answer from another.
func answerTo(method, target string) string { return "to " + method + " " + target }

func (w *rowWitness) hear(r *Refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = append(w.refused, *r)
}

// take is what has been seen since the last time.
func (w *rowWitness) take() (seen []witnessed, refused []Refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen, refused = w.seen, w.refused
	w.seen, w.refused = nil, nil
	return seen, refused
}

// rowHall is a hall with a witness.
type rowHall struct {
	*hall
	witness *rowWitness
	real    bool

	// Of the conversation that is being held:
	received int    // bytes, as far as was looked
	ended    string // why the connection was closed, if it was seen already
}

// serveRows runs a server with these limits.
func serveRows(t testing.TB, s stage, limits string, w *rowWitness) *rowHall {
	t.Helper()
	return &rowHall{witness: w, real: s.real, hall: serve(t, s, w.ServeHTTP, func(srv *Server) {
		srv.OnRefused = w.hear
		srv.DisableGeneralOptionsHandler = true // the witness is to see OPTIONS * too
		if limits != "" {
			srv.wire = new(http1.Limits)
		}
		for limit := range strings.FieldsSeq(limits) {
			name, n, _ := strings.Cut(limit, "=")
			reflect.ValueOf(srv.wire).Elem().FieldByName(name).SetInt(int64(atoi(n)))
		}
	})}
}

// holdRows holds conversations with the same limits, one after the other on one
// server, each in every way.
func holdRows(t *testing.T, s stage, rows []*wireRow, w *rowWitness, way wireWay) {
	h := serveRows(t, s, rows[0].limits, w)
	failed := 0
	breaches := map[string]uint64{}
	for _, row := range rows {
		breach := -1
		if row.breach != nil {
			breach = row.breach.offset
		}
		for _, pieces := range way(row.in, breach) {
			tb := &inRow{TB: t, where: fmt.Sprintf("%s, %s", row.name, cutInto(pieces))}
			h.hold(tb, row, pieces)
			if row.breach != nil {
				breaches[row.breach.rule]++
			}
			if tb.failed {
				failed++
				break
			}
		}
		if failed == 10 {
			t.Fatal("that is enough")
		}
	}
	if got := h.srv.Refused(); failed == 0 && !reflect.DeepEqual(got, breaches) {
		t.Errorf("Refused counts %v, want %v", got, breaches)
	}
}

func cutInto(pieces [][]byte) string {
	switch len(pieces) {
	case 1:
		return "whole"
	case 2:
		return fmt.Sprintf("split after %d bytes", len(pieces[0]))
	}
	return fmt.Sprintf("in %d pieces", len(pieces))
}

// inRow says of which conversation a failure is.
type inRow struct {
	testing.TB
	where  string
	failed bool
}

func (t *inRow) Errorf(format string, args ...any) {
	t.TB.Helper()
	t.failed = true
	t.TB.Errorf("%s: "+format, append([]any{t.where}, args...)...)
}

// hold says the pieces and compares all that can be seen of what came of them.
func (h *rowHall) hold(t *inRow, row *wireRow, pieces [][]byte) {
	h.t, h.received, h.ended = t, 0, ""
	v := h.visit()
	defer v.Close()
	said := 0
	for i, p := range pieces {
		v.say(string(p))
		if said += len(p); i < len(pieces)-1 && (!h.real || len(pieces) == 2) {
			h.settle(said)
		}
	}
	if row.waits && !h.witness.leaves {
		h.settle(said)
		v.wantSilence(h.real)
	}
	if row.eof || row.waits {
		v.halfClose()
	}
	interim := h.wantAnswers(t, v, row)
	kept := row.closes == http1.NotClosed.String()
	if kept {
		v.say("GET /last HTTP/1.1\r\nHost: last\r\nConnection: close\r\n\r\n")
		v.wantAnswer(t, "GET", 200, answerTo("GET", "/last"), true)
	}
	v.wantEnd(t)
	v.Close()
	got := h.ended
	if got == "" {
		got = h.closed()
	}
	if want := row.closes; !kept && got != want {
		t.Errorf("closed because %q, want %q", got, want)
	} else if want := http1.ClientAskedClose.String(); kept && got != want {
		t.Errorf("closed because %q, want %q: the last request said so", got, want)
	}
	seen, refused := h.witness.take()
	if n := len(seen) - 1; kept && n >= 0 && seen[n].RequestURI == "/last" {
		seen = seen[:n]
	}
	wantSeen(t, row, seen, !h.witness.leaves)
	wantRefused(t, row, refused)
	wantInterim(t, row, pieces, interim, h.real)
}

// settle waits until the server has done all that it can with what it was sent.
func (h *rowHall) settle(said int) {
	h.t.Helper()
	if !h.real {
		synctest.Wait()
		return
	}
	h.receive(said)
}

// wantAnswers reads an answer for each request, and one for a head that is
// refused. It counts the interim ones.
func (h *rowHall) wantAnswers(t *inRow, v *visitor, row *wireRow) (interim int) {
	t.Helper()
	for i, r := range row.requests {
		last := i == len(row.requests)-1
		status, closes := 200, r.close
		switch {
		case h.witness.leaves:
			closes = closes || r.length-int64(r.body) > unreadMost // which is known by then
		case last && row.breach != nil && row.breach.inBody:
			status, closes = failedBody, true
		case r.method == "CONNECT":
			status = http.StatusMethodNotAllowed
		}
		res, n := v.wantAnswer(t, r.method, status, answerTo(r.method, r.target), closes)
		interim += n
		if res == nil {
			return interim
		}
		if says := res.Header.Get("Connection"); r.keepAlive10 && !closes && !strings.EqualFold(says, "keep-alive") {
			t.Errorf("answer %d says Connection: %q; HTTP/1.0 needs keep-alive (RFC 9112 9.3)", i+1, says)
		}
	}
	if b := row.breach; b != nil && !b.inBody {
		v.wantAnswer(t, "GET", b.status, b.rule, true)
	}
	return interim
}

// wantAnswer reads an answer, and the interim ones before it, which it counts.
// What it says holds words, if it has a body.
func (v *visitor) wantAnswer(t *inRow, method string, status int, words string, closes bool) (*http.Response, int) {
	t.Helper()
	v.SetReadDeadline(time.Now().Add(patience))
	for interim := 0; ; interim++ {
		res, err := http.ReadResponse(v.in, &http.Request{Method: method})
		if err != nil {
			t.Errorf("no answer to %s, but %v; want %d", method, err, status)
			return nil, interim
		}
		if res.StatusCode == http.StatusContinue {
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != status || res.Close != closes {
			t.Errorf("the answer to %s is %d, close %v, %.300q and %v; want %d, close %v", method, res.StatusCode, res.Close, body, err, status, closes)
		}
		if method != "HEAD" && !strings.Contains(string(body), words) {
			t.Errorf("the answer says %.300q, which does not hold %.300q", body, words)
		}
		return res, interim
	}
}

// wantEnd: the server says no more.
func (v *visitor) wantEnd(t *inRow) {
	t.Helper()
	v.SetReadDeadline(time.Now().Add(patience))
	rest, err := io.ReadAll(bufio.NewReader(v.in))
	if len(rest) > 0 || err != nil && !isReset(err) {
		t.Errorf("after the last answer came %q and %v, want the end", clipped(rest), err)
	}
}

// wantSilence: nothing has come. Where time passes that takes some, so there it
// is the next answer that would be another.
func (v *visitor) wantSilence(real bool) {
	v.t.Helper()
	if real {
		return
	}
	v.SetReadDeadline(time.Now().Add(time.Millisecond))
	if b, _ := v.in.Peek(1); len(b) > 0 {
		v.t.Errorf("an answer came before the request's end")
	}
}

// wantSeen: the handler saw the requests of the conversation, and no others.
func wantSeen(t *inRow, row *wireRow, seen []witnessed, read bool) {
	t.Helper()
	if len(seen) != len(row.requests) {
		t.Errorf("the handler saw %d requests, want %d", len(seen), len(row.requests))
		return
	}
	for i, want := range row.requests {
		got := seen[i]
		if got.Method != want.method || got.RequestURI != want.target || got.Host != want.host || got.URL.RawQuery != want.query ||
			got.ProtoMajor != 1 || got.ProtoMinor != want.minor || got.Close != want.close {
			t.Errorf("the handler saw %s %.100q 1.%d, Host %q, query %q, close %v; want %s %.100q 1.%d, %q, %q, %v", got.Method, got.RequestURI, got.ProtoMinor,
				got.Host, got.URL.RawQuery, got.Close, want.method, want.target, want.minor, want.host, want.query, want.close)
		}
		if !read {
			want.body, want.bodyBegins, want.whole, want.trailers = 0, "", true, nil
		}
		if got.ContentLength != want.length || len(got.body) != want.body || !bytes.HasPrefix(got.body, []byte(want.bodyBegins)) {
			t.Errorf("the handler saw a length of %d and read %.100q; want %d, %d bytes and %q", got.ContentLength, got.body, want.length, want.body, want.bodyBegins)
		}
		if chunked := slices.Equal(got.TransferEncoding, []string{"chunked"}); chunked != (want.length < 0) {
			t.Errorf("the handler saw the transfer codings %q of a body of length %d", got.TransferEncoding, want.length)
		}
		wantFields(t, "field", got.Header, want.fields, want.length < 0)
		if want.whole {
			wantFields(t, "trailer", got.Trailer, want.trailers, false)
		}
		wantBodyError(t, row, want.whole, got.err)
	}
}

// wantBodyError: only a body that is not whole fails, and says by which rule; of
// an end that comes too early the io package has its own error.
func wantBodyError(t *inRow, row *wireRow, whole bool, err error) {
	t.Helper()
	var breach *http1.Error
	switch {
	case whole:
		if err != nil {
			t.Errorf("reading a whole body: %v", err)
		}
	case row.breach.rule == "eof-in-body":
		if err != io.ErrUnexpectedEOF {
			t.Errorf("reading a body that ends too early: %v, want io.ErrUnexpectedEOF", err)
		}
	case !errors.As(err, &breach) || breach.Rule.ID != row.breach.rule:
		t.Errorf("reading a body: %v, want a breach of %s", err, row.breach.rule)
	}
}

// wantFields: each field is in the map, and the map has no others. Some have
// places of their own in http.Request.
func wantFields(t *inRow, what string, got http.Header, want []http1.Field, chunked bool) {
	t.Helper()
	all := http.Header{}
	for _, f := range want {
		switch name := http.CanonicalHeaderKey(f.Name); {
		case name == "Host", name == "Transfer-Encoding", name == "Trailer" && chunked:
		default:
			all[name] = append(all[name], f.Value)
		}
	}
	if len(got) == 0 && len(all) == 0 {
		return
	}
	if !reflect.DeepEqual(got, all) {
		t.Errorf("the handler saw the %ss %.300q, want %.300q", what, got, all)
	}
}

// wantRefused: OnRefused was told of the breach, once, and of the byte.
func wantRefused(t *inRow, row *wireRow, refused []Refusal) {
	t.Helper()
	want := row.breach
	if want == nil {
		if len(refused) > 0 {
			t.Errorf("OnRefused was told of %s, and no rule is broken", refused[0].Rule.ID)
		}
		return
	}
	if len(refused) != 1 {
		t.Errorf("OnRefused was told %d times, want once, of %s", len(refused), want.rule)
		return
	}
	got, status := refused[0], want.status
	if want.inBody {
		status = 0 // the answer is the handler's
	}
	if got.Rule.ID != want.rule || got.Offset != int64(want.offset-want.begin) || got.Status != status || got.Rule.Status != want.status {
		t.Errorf("refused by %s (%d) at byte %d with %d, want %s (%d) at %d with %d", got.Rule.ID, got.Rule.Status, got.Offset, got.Status,
			want.rule, want.status, want.offset-want.begin, status)
	}
	from := want.offset - got.At
	if from < want.begin || from+len(got.Around) > len(row.in) || !bytes.Equal(got.Around, row.in[from:from+len(got.Around)]) {
		t.Errorf("around byte %d of the input is said to be %q, with it at %d", want.offset, got.Around, got.At)
	}
}

// wantInterim: one 100 Continue to who waits for it, and none to others.
func wantInterim(t *inRow, row *wireRow, pieces [][]byte, interim int, real bool) {
	t.Helper()
	most, least := 0, 0
	for _, r := range row.requests {
		if r.expects {
			most++
			if len(pieces) == 2 && len(pieces[0]) == r.headEnd && !real {
				least++
			}
		}
	}
	if interim < least || interim > most {
		t.Errorf("%d interim answers, want %d to %d", interim, least, most)
	}
}
