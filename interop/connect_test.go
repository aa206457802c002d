package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// heard is what a client hears of a call.
type heard struct {
	Messages        []string
	Header, Trailer http.Header
	Code            connect.Code
	Error           string
	Details         []string
	Meta            http.Header // of the error
}

// end notes how the call ended, and takes out what differs each time.
func (h *heard) end(header, trailer http.Header, err error) *heard {
	h.Header, h.Trailer = constant(header), constant(trailer)
	if err == nil {
		return h
	}
	h.Error = err.Error()
	var failed *connect.Error
	if errors.As(err, &failed) {
		h.Code, h.Meta = failed.Code(), constant(failed.Meta())
		for _, d := range failed.Details() {
			v, err := d.Value()
			h.Details = append(h.Details, fmt.Sprint(d.Type(), v, err))
		}
	}
	return h
}

// constant is header without the time, and without the length: Genkan counts
// some short answers that net/http sends in chunks.
func constant(header http.Header) http.Header {
	header = header.Clone()
	if _, err := http.ParseTime(header.Get("Date")); err == nil {
		header.Set("Date", "now")
	}
	header.Del("Content-Length")
	return header
}

// besides is everything but the messages, which may be too long to print.
func (h heard) besides() heard {
	h.Messages = nil
	return h
}

func greetIn(t *testing.T, s *server, d dialect, name string) *heard {
	r := connect.NewRequest(wrapperspb.String(name))
	r.Header().Set("Room-Visitor", "a test")
	res, err := caller[text, text](s, d, greetCall).CallUnary(t.Context(), r)
	if err != nil {
		return new(heard).end(nil, nil, err)
	}
	h := &heard{Messages: []string{res.Msg.GetValue()}}
	return h.end(res.Header(), res.Trailer(), nil)
}

func countIn(t *testing.T, s *server, d dialect, to int32) *heard {
	r := connect.NewRequest(wrapperspb.Int32(to))
	r.Header().Set("Room-Visitor", "a test")
	in, err := caller[number, number](s, d, countCall).CallServerStream(t.Context(), r)
	if err != nil {
		return new(heard).end(nil, nil, err)
	}
	defer in.Close()
	h := new(heard)
	for in.Receive() {
		h.Messages = append(h.Messages, fmt.Sprint(in.Msg().GetValue()))
	}
	return h.end(in.ResponseHeader(), in.ResponseTrailer(), in.Err())
}

func joinIn(t *testing.T, s *server, d dialect, words ...string) *heard {
	out := caller[text, text](s, d, joinCall).CallClientStream(t.Context())
	for _, word := range words {
		if err := out.Send(wrapperspb.String(word)); err != nil {
			return new(heard).end(nil, nil, err)
		}
	}
	res, err := out.CloseAndReceive()
	if err != nil {
		return new(heard).end(nil, nil, err)
	}
	h := &heard{Messages: []string{res.Msg.GetValue()}}
	return h.end(res.Header(), res.Trailer(), nil)
}

// talkIn says the words one by one, each after the answer to the last.
func talkIn(t *testing.T, s *server, d dialect, words ...string) *heard {
	both := caller[text, text](s, d, talkCall).CallBidiStream(t.Context())
	defer both.CloseResponse()
	both.RequestHeader().Set("Room-Visitor", "a test")
	h := new(heard)
	for _, word := range words {
		sent := both.Send(wrapperspb.String(word)) // io.EOF: Receive says why
		m, err := both.Receive()
		if err != nil {
			both.CloseRequest()
			return h.end(both.ResponseHeader(), both.ResponseTrailer(), err)
		}
		if sent != nil {
			t.Errorf("saying %.20q: %v", word, sent)
		}
		h.Messages = append(h.Messages, m.GetValue())
	}
	both.CloseRequest()
	_, err := both.Receive()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return h.end(both.ResponseHeader(), both.ResponseTrailer(), err)
}

// call is one call, and what is known of its end without asking.
type call struct {
	name     string
	in       func(*testing.T, *server, dialect) *heard
	messages []string
	trailer  string // a field of it, "Name: value"
	code     connect.Code
	needs2   bool // the call needs HTTP/2
	long     bool
}

// fits says whether it is of use to make the call. Compressed, what is long is
// short; and one long call is enough: over HTTP/1.1 not the one that it refuses,
// as whether a refusal is seen while one still sends is a matter of time.
func (c call) fits(w wire, d dialect) bool {
	over2 := w == h2c || w == http2
	return !c.long || !d.compresses && c.needs2 == over2
}

var calls = []call{
	{"unary", func(t *testing.T, s *server, d dialect) *heard { return greetIn(t, s, d, "Genkan 玄関") },
		[]string{"Hello, Genkan 玄関"}, "Room-Length: 13", 0, false, false},
	{"unary, long", func(t *testing.T, s *server, d dialect) *heard { return greetIn(t, s, d, long) },
		[]string{"Hello, " + long}, "Room-Length: 1200000", 0, false, true},
	{"unary, an error", func(t *testing.T, s *server, d dialect) *heard { return greetIn(t, s, d, "") },
		nil, "", connect.CodeInvalidArgument, false, false},
	{"a stream of answers", func(t *testing.T, s *server, d dialect) *heard { return countIn(t, s, d, 5) },
		[]string{"0", "1", "2", "3", "4"}, "Room-Counted: 5", 0, false, false},
	{"a stream of answers, an error after three", func(t *testing.T, s *server, d dialect) *heard { return countIn(t, s, d, -1) },
		[]string{"0", "1", "2"}, "Room-Counted: -1", connect.CodeOutOfRange, false, false},
	{"a stream of messages", func(t *testing.T, s *server, d dialect) *heard { return joinIn(t, s, d, "a", "b", "", "c") },
		[]string{"a+b++c"}, "Room-Joined: 4", 0, false, false},
	{"both streams", func(t *testing.T, s *server, d dialect) *heard { return talkIn(t, s, d, "one", "two", "three") },
		[]string{"ONE", "TWO", "THREE"}, "Room-Heard: 3", 0, true, false},
	{"both streams, long", func(t *testing.T, s *server, d dialect) *heard { return talkIn(t, s, d, long) },
		[]string{strings.ToUpper(long)}, "Room-Heard: 1", 0, true, true},
}

// long is more than the 1 MiB that an HTTP/2 server of net/http lets a client
// send without another word.
var long = strings.Repeat("Wer da? ", 150_000)

// check sees that net/http's server was asked what the test means to ask.
func (c call) check(t *testing.T, w wire, got *heard) {
	t.Helper()
	if c.needs2 && (w == http1 || w == secure1) {
		if got.Error == "" {
			t.Errorf("%s: %s went well over %s, which cannot speak and hear at once", reference.name, c.name, w)
		}
		return
	}
	field, value, _ := strings.Cut(c.trailer, ": ")
	if !slices.Equal(got.Messages, c.messages) || got.Trailer.Get(field) != value || got.Code != c.code || (got.Error != "") != (c.code != 0) {
		t.Errorf("%s: %s: heard %.200q, trailers %v, error %q, want %.200q, %q, code %d",
			reference.name, c.name, got.Messages, got.Trailer, got.Error, c.messages, c.trailer, c.code)
	}
}

// TestConnect makes each call in each dialect over each wire.
func TestConnect(t *testing.T) {
	onEachDialect(t, wires, func(t *testing.T, w wire, d dialect) {
		on := map[string]*server{}
		for _, h := range all {
			on[h.name] = h.over(t, newConnectRoom(), w)
		}
		for _, c := range calls {
			if !c.fits(w, d) {
				continue
			}
			want := c.in(t, on[reference.name], d)
			c.check(t, w, want)
			for _, h := range ours {
				got := c.in(t, on[h.name], d)
				if !slices.Equal(got.Messages, want.Messages) {
					t.Errorf("%s: %s: heard %.200q, want %.200q as from net/http", h.name, c.name, got.Messages, want.Messages)
				}
				if diff := cmp.Diff(want.besides(), got.besides()); diff != "" {
					t.Errorf("%s: %s: what comes beside the messages differs from net/http's (-):\n%s", h.name, c.name, diff)
				}
			}
		}
	})
}

// TestConnectClientGone has the client lose interest in the middle of a stream.
func TestConnectClientGone(t *testing.T) {
	onEachDialect(t, wires, func(t *testing.T, w wire, d dialect) {
		for _, on := range all {
			room := newConnectRoom()
			s := on.over(t, room, w)
			ctx, cancel := context.WithCancel(t.Context())
			in, err := caller[text, text](s, d, stayCall).CallServerStream(ctx, connect.NewRequest(wrapperspb.String("here")))
			if err != nil || !in.Receive() || in.Msg().GetValue() != "here" {
				t.Fatalf("%s: no answer: %v", on.name, err)
			}
			cancel()
			if err := within(t, on.name+": the handler's context ends", room.left); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: the handler's context ended with %v, want context.Canceled", on.name, err)
			}
			in.Close()
		}
	})
}

// TestConnectDeadline has the client say how long it will wait.
func TestConnectDeadline(t *testing.T) {
	onEachDialect(t, []wire{http1, http2}, func(t *testing.T, w wire, d dialect) {
		for _, on := range all {
			room := newConnectRoom()
			s := on.over(t, room, w)
			came := false
			for wait := 50 * time.Millisecond; !came && wait < patience; wait *= 2 { // until it is enough to get there
				var err error
				if came, err = stayFor(t, s, d, wait); connect.CodeOf(err) != connect.CodeDeadlineExceeded {
					t.Errorf("%s: the call ended with %v, want its deadline", on.name, err)
				}
			}
			// It had the deadline too, or was told that the client left at its own.
			within(t, on.name+": the handler's context ends", room.left)
		}
	})
}

// stayFor calls stay with a deadline, and says whether anything came of it, and
// how it ended.
func stayFor(t *testing.T, s *server, d dialect, wait time.Duration) (came bool, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	in, err := caller[text, text](s, d, stayCall).CallServerStream(ctx, connect.NewRequest(wrapperspb.String("here")))
	if err != nil {
		return false, err
	}
	defer in.Close()
	for in.Receive() {
		came = true
	}
	return came, in.Err()
}

// TestConnectShutdown ends the server in the middle of a talk, which goes on to
// its end.
func TestConnectShutdown(t *testing.T) {
	onEachDialect(t, []wire{h2c, http2}, func(t *testing.T, w wire, d dialect) {
		for _, on := range all {
			room := newConnectRoom()
			s := on.over(t, room, w)
			told := make(chan struct{})
			s.config.RegisterOnShutdown(func() { close(told) })
			both := caller[text, text](s, d, talkCall).CallBidiStream(t.Context())
			wantEcho(t, on, both, "before")
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			ended := make(chan error, 1)
			go func() { ended <- s.config.Shutdown(ctx) }()
			within(t, on.name+": Shutdown begins", told)
			until(t, on.name+": nobody listens any more", func() bool {
				c, err := net.Dial("tcp", s.address)
				if err == nil {
					c.Close()
				}
				return err != nil
			})
			for i := range 20 {
				wantEcho(t, on, both, fmt.Sprint("during ", i))
			}
			select {
			case err := <-ended:
				t.Errorf("%s: Shutdown returned %v during the talk", on.name, err)
			default:
			}
			both.CloseRequest()
			if _, err := both.Receive(); !errors.Is(err, io.EOF) {
				t.Errorf("%s: the talk ended with %v, want its own end", on.name, err)
			}
			if n := both.ResponseTrailer().Get("Room-Heard"); n != "21" {
				t.Errorf("%s: the trailer says %q messages, want 21", on.name, n)
			}
			both.CloseResponse()
			if err := within(t, on.name+": Shutdown ends", ended); err != nil {
				t.Errorf("%s: Shutdown: %v", on.name, err)
			}
			cancel()
			if err := within(t, on.name+": the handler leaves", room.left); err != nil {
				t.Errorf("%s: the talk was cut: %v", on.name, err)
			}
		}
	})
}

// wantEcho says something, and wants it back in capitals.
func wantEcho(t *testing.T, on hall, both *connect.BidiStreamForClient[text, text], say string) {
	t.Helper()
	if err := both.Send(wrapperspb.String(say)); err != nil {
		t.Fatalf("%s: saying %q: %v", on.name, say, err)
	}
	if m, err := both.Receive(); err != nil || m.GetValue() != strings.ToUpper(say) {
		t.Fatalf("%s: %q was answered %q, %v", on.name, say, m.GetValue(), err)
	}
}
