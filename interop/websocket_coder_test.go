package interop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// coderEcho is the echo server of coder/websocket: what a client sends comes
// back, message by message, until it closes. ended is told how it did.
func coderEcho(t testing.TB, ended chan<- error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		// Not r.Context(): after Hijack it is no longer about the connection.
		ended <- func() error {
			for {
				kind, r, err := c.Reader(context.Background())
				if err != nil {
					return err
				}
				w, err := c.Writer(context.Background(), kind)
				if err != nil {
					return err
				}
				if _, err := io.Copy(w, r); err != nil {
					return err
				}
				if err := w.Close(); err != nil {
					return err
				}
			}
		}()
	})
}

// coderGreet shakes hands, and closes.
var coderGreet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if c, err := websocket.Accept(w, r, nil); err == nil {
		c.CloseNow()
	}
})

func dialCoder(t testing.TB, url string) (*websocket.Conn, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(1 << 20)
	return c, ctx
}

// messages are of all the sizes at which a frame's head, or a buffer, changes.
func messages() (all [][]byte) {
	for _, size := range []int{0, 1, 125, 126, 127, 4095, 4096, 4097, 65535, 65536, 200_000} {
		all = append(all, bytes.Repeat([]byte("message "), size/8+1)[:size])
	}
	for i := range 500 {
		all = append(all, []byte(streamLine(i)))
	}
	return all
}

func TestCoderWebSocket(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		ended := make(chan error, 1)
		s := on.open(t, coderEcho(t, ended))
		talkCoder(t, s.url, ended)
	})
}

func TestCoderWebSocketThroughProxy(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		ended := make(chan error, 1)
		s := on.open(t, coderEcho(t, ended))
		talkCoder(t, on.open(t, proxyTo(t, s.url)).url, ended)
	})
}

// talkCoder sends all messages without waiting for those that come back, pings
// in between, and closes with a reason.
func talkCoder(t *testing.T, url string, ended <-chan error) {
	t.Helper()
	c, ctx := dialCoder(t, url)
	var sending sync.WaitGroup
	sending.Go(func() {
		for i, m := range messages() {
			if err := c.Write(ctx, websocket.MessageBinary, m); err != nil {
				t.Errorf("sending message %d: %v", i, err)
				return
			}
			if i%100 == 99 { // its pong is read by whoever reads messages
				if err := c.Ping(ctx); err != nil {
					t.Errorf("ping after message %d: %v", i, err)
				}
			}
		}
	})
	for i, want := range messages() {
		kind, got, err := c.Read(ctx)
		if err != nil || kind != websocket.MessageBinary || !bytes.Equal(got, want) {
			t.Fatalf("message %d came back as %d bytes, %v, %v, want the same %d", i, len(got), kind, err, len(want))
		}
	}
	sending.Wait()
	if err := c.Close(4007, "said all"); err != nil {
		t.Errorf("close handshake: %v", err)
	}
	var closed websocket.CloseError
	if err := within(t, "the server sees the end", ended); !errors.As(err, &closed) || closed.Code != 4007 || closed.Reason != "said all" {
		t.Errorf("the server saw the end as %v, want the client's code and reason", err)
	}
}

// TestCoderWebSocketEarly sends the first message in one piece with the
// handshake: it has been received by the server when the handler hijacks.
func TestCoderWebSocketEarly(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		ended := make(chan error, 1)
		c, err := net.Dial("tcp", on.open(t, coderEcho(t, ended)).address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		const text = "\x81\x82\x00\x00\x00\x00hi" // one text frame of 2 bytes, masked with zeros, RFC 6455 5.2
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+text)
		in := bufio.NewReader(c)
		res, err := http.ReadResponse(in, nil)
		if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("the handshake was answered %v, %v", res, err)
		}
		back := make([]byte, 4)
		if _, err := io.ReadFull(in, back); string(back) != "\x01\x02hi" {
			t.Errorf("the first message came back as %q, %v, want it unmasked, as the first frame of a message", back, err)
		}
		c.Close()
		within(t, "the server sees the end", ended)
	})
}
