package record_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch/record"
)

const preface2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// talk2 is events of one connection, in order.
type talk2 struct {
	store    *record.Store
	seq      uint64
	in, out  int64
	received string
	sent     string
}

func (c *talk2) add(e trace.Event) {
	c.seq++
	e.Seq, e.Conn, e.Time = c.seq, 1, time.Unix(1_800_000_000, int64(c.seq))
	c.store.Add(e)
}

// moved is bytes of a call (result not empty) or of another's.
func (c *talk2) moved(v trace.Verb, data, result string) {
	e := trace.Event{Verb: v, FD: -1, Len: len(data), Data: []byte(data), Result: result}
	to, off := &c.received, &c.in
	if e.Sent() {
		to, off = &c.sent, &c.out
	}
	e.Off = *off
	*off += int64(len(data))
	*to += data
	c.add(e)
}

func (c *talk2) handed() {
	c.add(trace.Event{Verb: trace.Close, Note: http1.HandedToHTTP2.String()})
	c.add(trace.Event{Verb: trace.Close, FD: 7, Args: "7", Result: "0"}) // the server's own descriptor
}

func (c *talk2) frames(t *testing.T, id uint64) record.Frames {
	t.Helper()
	f, ok := c.store.Frames(id)
	if !ok {
		t.Fatalf("exchange %d is not kept, or no HTTP/2", id)
	}
	return f
}

// Inside TLS what came before was ciphertext; without, the preface had been
// received before the connection was handed over, after a header of a proxy.
func TestHTTP2IsOneExchange(t *testing.T) {
	for _, secure := range []bool{true, false} {
		c := &talk2{store: record.New(record.Options{})}
		in, out := trace.Recv, trace.Send
		c.add(trace.Event{Verb: trace.Accept, FD: 7, Args: "3, 0", Result: "7", Note: "127.0.0.1:9 (tcp)"})
		if secure {
			c.moved(trace.Recv, "\x16\x03\x01hello", "8")
			c.moved(trace.Send, "\x16\x03\x03hello", "8")
			c.in, c.out, c.received, c.sent = 0, 0, "", ""
			in, out = trace.Decrypt, trace.Encrypt
		} else {
			c.moved(trace.Recv, "PROXY TCP4 1.2.3.4 1.2.3.4 5 6\r\n"+preface2[:9], "41")
			c.moved(trace.Recv, preface2[9:]+"first", "20")
		}
		c.handed()
		c.moved(out, "settings", "")
		if secure {
			c.moved(in, preface2+"first", "")
		}
		c.moved(in, "second", "")
		c.moved(out, "answer", "")
		f := c.frames(t, 1)
		from := strings.Index(c.received, preface2)
		if string(f.Received.Bytes) != c.received[from:] || f.Received.Off != int64(from) || !f.Received.Begins {
			t.Errorf("TLS %v: received %q at %d, want %q at %d", secure, f.Received.Bytes, f.Received.Off, c.received[from:], from)
		}
		if string(f.Sent.Bytes) != c.sent || !f.Sent.Begins {
			t.Errorf("TLS %v: sent %q, want %q", secure, f.Sent.Bytes, c.sent)
		}
		c.add(trace.Event{Verb: trace.Close, FD: -1, Note: "closed by who had taken it"})
		d, _ := c.store.Detail(1, true)
		if s := d.Summary; s.TLS != secure || s.State != record.HTTP2 || s.Method != "PRI" || s.In != int64(len(c.received)-from) || s.Out != int64(len(c.sent)) {
			t.Errorf("%+v", s)
		}
		if d.Connection.Closed == nil || d.Connection.Peer != "127.0.0.1:9 (tcp)" || len(c.store.All()) != 1 {
			t.Errorf("%+v, %d exchanges", d.Connection, len(c.store.All()))
		}
	}
}

// Secrets are what Options.HTTP2 says; if nobody says, all is hidden, and so is
// what follows a gap.
func TestHTTP2IsHidden(t *testing.T) {
	shown := func(o record.Options) string {
		c := &talk2{store: record.New(o)}
		c.handed()
		c.moved(trace.Decrypt, preface2+"abcSECRETdef", "")
		c.in += 5 // lost
		c.moved(trace.Decrypt, "after", "")
		d, _ := c.store.Detail(1, false)
		var all []byte
		for _, chunk := range d.Received {
			all = append(all, chunk.Data...)
		}
		return string(all)
	}
	secret := func(wire []byte, begins bool) [][2]int64 {
		at := int64(bytes.Index(wire, []byte("SECRET")))
		if at < 0 || !begins {
			t.Errorf("asked of %q, begins %v", wire, begins)
		}
		return [][2]int64{{at, at + 6}}
	}
	if got, want := shown(record.Options{HTTP2: secret}), preface2+"abc******def*****"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := shown(record.Options{}); strings.Trim(got, "*") != "" {
		t.Errorf("%q, want it hidden", got)
	}
}

// An exchange that was cleared, or made room, begins again with what comes, and
// does not take itself for the beginning.
func TestHTTP2AfterClear(t *testing.T) {
	c := &talk2{store: record.New(record.Options{StreamBytes: 100})}
	c.handed()
	c.moved(trace.Encrypt, "settings", "")
	c.moved(trace.Decrypt, preface2+"first", "")
	c.store.Clear()
	if n := len(c.store.All()); n != 0 {
		t.Fatalf("%d exchanges after Clear", n)
	}
	c.moved(trace.Decrypt, "second", "")
	c.moved(trace.Encrypt, "answer", "")
	f := c.frames(t, 2)
	if string(f.Received.Bytes) != "second" || f.Received.Begins || string(f.Sent.Bytes) != "answer" || f.Sent.Begins {
		t.Errorf("%q %v, %q %v", f.Received.Bytes, f.Received.Begins, f.Sent.Bytes, f.Sent.Begins)
	}
	for range 50 {
		c.moved(trace.Decrypt, strings.Repeat("x", 50), "")
	}
	if f := c.frames(t, 2); len(f.Received.Bytes) > 100 {
		t.Errorf("%d bytes are kept, want 100 at most", len(f.Received.Bytes))
	}
	if d, _ := c.store.Detail(2, true); d.Summary.In != 6+2500 || !d.Truncated {
		t.Errorf("%+v, truncated %v", d.Summary, d.Truncated)
	}
}
