package http1

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// replay feeds a parser in pieces and writes down what it says: one line per
// event with the bytes it covers, counted from the start of the input; body
// events that follow each other are one, because where they are cut is the
// network's affair. The last line says why the connection ends, if it does.

type parser interface {
	Next(in []byte, atEOF bool) (int, Event, error)
	BetweenMessages() bool
}

type transcript struct {
	strings.Builder
	at, bodyAt int // how far the input was used; where a body's bytes began
	body       []byte
	messageAt  int
	verdict    CloseReason
}

func replay(t testing.TB, p parser, pieces [][]byte, eof bool) string {
	t.Helper()
	var tr transcript
	var in []byte
	for i := 0; ; i++ {
		atEOF := eof && i >= len(pieces)-1
		if i < len(pieces) {
			in = append(in[:len(in):len(in)], pieces[i]...)
		}
		for {
			n, ev, err := p.Next(in, atEOF)
			if err != nil {
				return tr.refused(t, p, in, n, err)
			}
			if n < 0 || n > len(in) {
				t.Fatalf("advance %d of %d bytes", n, len(in))
			}
			tr.event(p, ev, n)
			if in = in[n:]; ev.Kind == EventNeedMore {
				break
			}
		}
		if i >= len(pieces)-1 {
			break
		}
	}
	tr.flush()
	tr.close(p, len(in), eof)
	return tr.String()
}

func (tr *transcript) refused(t testing.TB, p parser, in []byte, n int, err error) string {
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T, want *Error: the contract of Next", err)
	}
	if n != 0 {
		t.Fatalf("advance %d with an error, want 0: the contract of Next", n)
	}
	if _, _, again := p.Next(append(in, "GET / HTTP/1.1\r\n\r\n"...), true); again != err {
		t.Fatalf("after %v came %v: nothing after a refused message is parsed", err, again)
	}
	tr.flush()
	fmt.Fprintf(tr, "%d refused %d %s\n", tr.messageAt+int(e.Offset), e.Status, e.Rule)
	fmt.Fprintf(tr, "  %s\nclose: %v\n", e.Reason, Refused)
	return tr.String()
}

func (tr *transcript) event(p parser, ev Event, n int) {
	from := tr.at
	tr.at += n
	if ev.Kind == EventBody {
		if tr.body == nil {
			tr.bodyAt = tr.at - len(ev.Data)
		}
		tr.body = append(tr.body, ev.Data...)
		return
	}
	if ev.Kind == EventNeedMore {
		return
	}
	tr.flush()
	switch ev.Kind {
	case EventHead:
		fmt.Fprintf(tr, "%d head %s\n", tr.messageAt, describe(p))
		for _, f := range fieldsOf(p) {
			fmt.Fprintf(tr, "  %s: %q\n", f.Name, f.Value)
		}
		_ = from
	case EventEnd:
		fmt.Fprintf(tr, "%d end\n", tr.at)
		for _, f := range trailersOf(p) {
			fmt.Fprintf(tr, "  %s: %q\n", f.Name, f.Value)
		}
		tr.messageAt = tr.at
		if r, ok := p.(*RequestParser); ok && r.Request.Close && tr.verdict == NotClosed {
			tr.verdict = ClientAskedClose
			if r.Request.Minor == 0 {
				tr.verdict = HTTP10
			}
		}
	}
}

func (tr *transcript) flush() {
	if tr.body != nil {
		fmt.Fprintf(tr, "%d body %d bytes %s\n", tr.bodyAt, len(tr.body), quote(tr.body))
		tr.body = nil
	}
}

func (tr *transcript) close(p parser, left int, eof bool) {
	switch {
	case eof && tr.verdict == NotClosed:
		tr.verdict = PeerClosed
	case !p.BetweenMessages() && !eof:
		fmt.Fprintf(tr, "waiting, %d bytes held\n", left)
	}
	fmt.Fprintf(tr, "close: %v\n", tr.verdict)
}

func describe(p parser) string {
	switch p := p.(type) {
	case *RequestParser:
		r := &p.Request
		s := fmt.Sprintf("%q %q 1.%d form=%d host=%q path=%q", r.Method, r.Target, r.Minor, r.Form, r.Host, r.Path)
		if r.Scheme != "" {
			s += fmt.Sprintf(" scheme=%q", r.Scheme)
		}
		if r.HasQuery {
			s += fmt.Sprintf(" query=%q", r.RawQuery)
		}
		return s + fmt.Sprintf(" length=%d", r.ContentLength) +
			words("chunked", r.Chunked, "close", r.Close, "keep-alive", r.KeepAlive10, "expect-100", r.Expect100) +
			fmt.Sprintf(" bytes=%d", r.HeadBytes)
	case *ResponseParser:
		r := &p.Response
		return fmt.Sprintf("1.%d %d %q length=%d", r.Minor, r.Status, r.Reason, r.ContentLength) +
			words("chunked", r.Chunked, "until-close", r.UntilClose, "no-body", r.NoBody, "interim", r.Interim, "switched", r.Switched, "close", r.Close) +
			fmt.Sprintf(" bytes=%d", r.HeadBytes)
	}
	panic("a third parser")
}

func words(pairs ...any) (s string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			s += " " + pairs[i].(string)
		}
	}
	return s
}

func fieldsOf(p parser) []Field {
	if r, ok := p.(*RequestParser); ok {
		return r.Request.Fields.List()
	}
	return p.(*ResponseParser).Response.Fields.List()
}

func trailersOf(p parser) []Field {
	if r, ok := p.(*RequestParser); ok {
		return r.Request.Trailers
	}
	return p.(*ResponseParser).Response.Trailers
}

// bytewise is the worst network: one byte at a time.
func bytewise(in []byte) (pieces [][]byte) {
	for i := range in {
		pieces = append(pieces, in[i:i+1])
	}
	return pieces
}
