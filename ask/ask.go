// Package ask is an HTTP/1.1 client that can be watched: it makes the calls of
// package socket itself (socket, connect, send, recv, close) and reads answers
// with package http1, so that what it shows is what it did.
//
//	name ─ addresses ─ socket, connect ─ [TLS] ─ send: the request ─ recv ─ parse ─ the answer
//
// It is for asking and looking, one request at a time: "genkan get" is made of
// it. Programs that want answers quickly use net/http.
//
// Answers are judged as strictly as Genkan judges requests. What an answer
// breaks is an error with the rule, its source and the byte; see [http1.Error].
package ask

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// Request is what is asked. Every field is sent as it is, in this order, and
// none that is not here.
type Request struct {
	Method string
	Target string // the request-target, such as "/a?b"
	Fields []Field
	Body   io.Reader // nil: none. Its framing is said by Fields: Content-Length, or Transfer-Encoding: chunked
	Old    bool      // HTTP/1.0
}

// Field is one field line, and Answer the head of an answer, as package http1
// has them.
type (
	Field  = http1.Field
	Answer = http1.Response
)

// Place is whom to ask.
type Place struct {
	TLS  bool
	Host string // a name or an address, for TLS too
	Port uint16
	Unix string // a path, or "@name"; then Host and Port are not connected to
}

func (p Place) String() string {
	if p.Unix != "" {
		return "unix:" + p.Unix
	}
	return net.JoinHostPort(p.Host, fmt.Sprint(p.Port))
}

// Sink takes an answer as it comes.
type Sink interface {
	// Head is called for each head, interim ones (1xx) too, with its bytes.
	// Neither is kept after it returns.
	Head(head *Answer, wire []byte) error
	// Body is called with each piece of the body, its framing removed.
	Body(data []byte) error
}

// Client asks. Its connections are kept open where both sides allow, one for
// each place. It is for one goroutine at a time; Close gives back what is open.
type Client struct {
	Kernel socket.Kernel // nil: socket.OS
	Ring   *trace.Ring   // nil: nobody watches
	TLS    *tls.Config   // nil: the system's roots
	Limits http1.Limits  // of answers

	// Addresses are looked at before names are looked up: "host:port" to
	// addresses.
	Addresses map[string][]netip.Addr
	// Family is INET or INET6 for these alone; 0: both.
	Family socket.Family
	// ConnectTimeout is for one address; 0: as long as the kernel takes.
	ConnectTimeout time.Duration

	tap  *trace.Tap
	kept map[Place]*conn
}

// Error is why there is no whole answer, and where on the way that was.
type Error struct {
	Stage Stage
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Stage is a step on the way to an answer.
type Stage int

// The steps, in order.
const (
	Resolving  Stage = iota + 1 // the name
	Connecting                  // no address answered
	Securing                    // TLS could not be agreed upon
	Verifying                   // who answers is not who was asked for
	Sending
	Receiving // the connection broke, or ended, before the answer did
	Parsing   // the answer breaks a rule
	Timing    // the deadline came first
	Reading   // the request's own body
	Writing   // the Sink
)

func at(stage Stage, err error) error {
	var already *Error
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &Error{stage, err}
}

// ErrEmpty is an end of the connection without a byte of an answer.
var ErrEmpty = errors.New("the connection ended without an answer")

// ErrPartial is an end in the middle of a body.
var ErrPartial = errors.New("the connection ended in the middle of the body")

// ErrSwitched is an answer after which HTTP is no longer spoken.
var ErrSwitched = errors.New("the server switched to another protocol, which is not spoken here")

// Do asks, and gives the answer to sink. The context's end ends it. Errors are
// of type [*Error].
//
// A connection that was kept may have been closed by the server meanwhile: then
// a request without a body is asked once more, on a new one, if nothing of an
// answer has come.
func (c *Client) Do(ctx context.Context, p Place, r *Request, sink Sink) error {
	head, err := r.head()
	if err != nil {
		return at(Sending, err)
	}
	if old := c.kept[p]; old != nil {
		delete(c.kept, p)
		err := c.exchange(ctx, old, r, head, sink)
		if !errors.Is(err, ErrEmpty) && !errors.Is(err, errStale) || r.Body != nil || ctx.Err() != nil {
			return c.done(ctx, p, old, err)
		}
		old.close()
	}
	fresh, err := c.dial(ctx, p)
	if err != nil {
		return late(ctx, err)
	}
	return c.done(ctx, p, fresh, c.exchange(ctx, fresh, r, head, sink))
}

// done keeps the connection, or closes it.
func (c *Client) done(ctx context.Context, p Place, one *conn, err error) error {
	if err == nil && one.reusable {
		if c.kept == nil {
			c.kept = map[Place]*conn{}
		}
		c.kept[p] = one
		return nil
	}
	one.close()
	return late(ctx, err)
}

// late says that it was the deadline, if it was.
func late(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &Error{Timing, ctx.Err()}
	}
	return err
}

// Close closes the connections that are kept.
func (c *Client) Close() error {
	for p, one := range c.kept {
		one.close()
		delete(c.kept, p)
	}
	return nil
}

// head is the request's head.
func (r *Request) head() ([]byte, error) {
	b := http1.AppendRequestLine(nil, r.Method, r.Target)
	if len(b) == 0 {
		return nil, fmt.Errorf("the request line %q cannot be sent: a method is a token of 32 bytes at most, and a target holds visible ASCII (RFC 9112 3)", r.Method+" "+r.Target)
	}
	if r.Old {
		b = append(b[:len(b)-len("1\r\n")], "0\r\n"...)
	}
	for _, f := range r.Fields {
		var ok bool
		if b, ok = http1.AppendField(b, f.Name, f.Value); !ok {
			return nil, fmt.Errorf("the field %q: %q cannot be sent: a name is a token, and a value holds no control characters (RFC 9110 5)", f.Name, f.Value)
		}
	}
	return http1.AppendHeadEnd(b), nil
}

// chunked: the body goes out in chunks.
func (r *Request) chunked() bool {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, "Transfer-Encoding") {
			return true
		}
	}
	return false
}
