package ask

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

const recvSize = 32 << 10

// errStale is a kept connection that could not even be sent on.
var errStale = errors.New("the connection was closed while it rested")

// exchange sends the request and reads the answer. A body is sent beside the
// reading, for a server may answer before it has read all of it.
func (c *Client) exchange(ctx context.Context, one *conn, r *Request, head []byte, sink Sink) error {
	one.reusable = false
	stop := context.AfterFunc(ctx, one.interrupt)
	defer stop()
	one.emit(trace.Event{Verb: trace.Respond, Off: one.sentBytes(), Len: len(head), Data: head, Note: r.Method + " " + r.Target})
	one.parser.Expect(r.Method)
	if err := one.sendAll(head); err != nil {
		return at(Sending, errors.Join(errStale, err))
	}
	sent := make(chan error, 1)
	go func() { sent <- one.sendBody(r) }()
	final, err := one.receive(sink)
	if err != nil || final.Close {
		one.interrupt() // a body that nobody reads any more need not be sent
		serr := <-sent
		var own *Error
		if err != nil && errors.As(serr, &own) && own.Stage == Reading {
			return serr
		}
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	one.reusable = len(one.in) == 0
	return nil
}

// receive reads heads and bodies up to the end of the final answer.
func (one *conn) receive(sink Sink) (final http1.Response, err error) {
	began, buffer := false, make([]byte, recvSize)
	eof := false
	for {
		n, ev, err := one.parser.Next(one.in, eof)
		if err != nil {
			var breach *http1.Error
			if errors.As(err, &breach) && breach.Rule.ID == "eof-in-body" {
				return final, at(Receiving, ErrPartial)
			}
			one.emit(trace.Event{Verb: trace.Parse, Off: one.received - int64(len(one.in)), Len: len(one.in), Data: one.in, Note: "refused", Err: err})
			return final, at(Parsing, err)
		}
		wire := one.in[:n]
		one.in = one.in[n:]
		switch ev.Kind {
		case http1.EventHead:
			began = true
			head := &one.parser.Response
			one.emit(trace.Event{Verb: trace.Parse, Off: one.received - int64(len(one.in)) - int64(n), Len: n, Data: wire,
				Note: "HTTP/1." + strconv.Itoa(head.Minor) + " " + strconv.Itoa(head.Status) + " " + head.Reason})
			if err := sink.Head(head, wire); err != nil {
				return final, at(Writing, err)
			}
			if head.Switched {
				return final, at(Parsing, ErrSwitched)
			}
			final = *head
			continue
		case http1.EventBody:
			if err := sink.Body(ev.Data); err != nil {
				return final, at(Writing, err)
			}
			continue
		case http1.EventEnd:
			if final.Interim {
				continue
			}
			one.emit(trace.Event{Verb: trace.Rest})
			return final, nil
		}
		if n > 0 {
			continue
		}
		if eof {
			if !began && len(one.in) == 0 {
				return final, at(Receiving, ErrEmpty)
			}
			return final, at(Receiving, ErrPartial)
		}
		k, err := one.link.recv(buffer)
		switch {
		case err != nil:
			return final, at(Receiving, err)
		case k == 0:
			eof = true
		default:
			one.in = append(one.in, buffer[:k]...)
			one.received += int64(k)
		}
	}
}

// sendBody sends the body as the fields say.
func (one *conn) sendBody(r *Request) error {
	if r.Body == nil {
		return nil
	}
	chunked := r.chunked()
	buffer, out := make([]byte, recvSize), []byte(nil)
	for {
		n, err := r.Body.Read(buffer)
		if n > 0 {
			out = append(out[:0], buffer[:n]...)
			if chunked {
				out = http1.AppendChunk(out[:0], buffer[:n])
			}
			if serr := one.sendAll(out); serr != nil {
				return at(Sending, serr)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			one.interrupt()
			return at(Reading, err)
		}
	}
	if chunked {
		return at(Sending, one.sendAll(http1.AppendLastChunk(nil, nil)))
	}
	return nil
}

func (one *conn) sendAll(b []byte) error {
	for len(b) > 0 {
		n, err := one.link.send(b)
		if err != nil {
			return err
		}
		one.sent.Add(int64(n))
		b = b[n:]
	}
	return nil
}

// emit reports what was made of the bytes.
func (one *conn) emit(e trace.Event) {
	if one.ring == nil {
		return
	}
	e.Time, e.Conn, e.FD = time.Now(), one.number, one.fd
	e.Data = trace.Copy(e.Data, one.ring.WantBytes())
	one.ring.Emit(e)
}
