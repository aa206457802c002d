package interop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// gorillaRoom is gorilla/websocket's echo example, whose connections say good
// bye when the server is shut down.
type gorillaRoom struct {
	upgrader websocket.Upgrader
	closing  chan struct{}
	ended    chan error
	upgraded chan struct{}
}

func newGorillaRoom() *gorillaRoom {
	return &gorillaRoom{
		upgrader: websocket.Upgrader{EnableCompression: true, Subprotocols: []string{"echo"}},
		closing:  make(chan struct{}), ended: make(chan error, 1), upgraded: make(chan struct{}, 1),
	}
}

func (room *gorillaRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := room.upgrader.Upgrade(w, r, http.Header{"Set-Cookie": {"seen=1"}})
	if err != nil {
		return // it has answered
	}
	room.upgraded <- struct{}{}
	left := make(chan struct{})
	var saying sync.WaitGroup
	saying.Go(func() {
		select {
		case <-room.closing:
			bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "closing time")
			c.WriteControl(websocket.CloseMessage, bye, time.Now().Add(patience))
		case <-left:
		}
	})
	err = echoGorilla(c)
	close(left)
	saying.Wait()
	c.Close()
	room.ended <- err
}

func echoGorilla(c *websocket.Conn) error {
	for {
		kind, m, err := c.ReadMessage()
		if err != nil {
			return err
		}
		if err := c.WriteMessage(kind, m); err != nil {
			return err
		}
	}
}

func dialGorilla(t testing.TB, s *server) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{EnableCompression: true, Subprotocols: []string{"other", "echo"}, HandshakeTimeout: patience}
	c, res, err := dialer.Dial("ws"+strings.TrimPrefix(s.url, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if c.Subprotocol() != "echo" || res.Header.Get("Set-Cookie") != "seen=1" {
		t.Errorf("upgraded with %v, want the subprotocol echo and the handler's cookie", res.Header)
	}
	c.SetReadDeadline(time.Now().Add(patience))
	return c
}

func TestGorillaWebSocket(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		room := newGorillaRoom()
		c := dialGorilla(t, on.open(t, room))
		var sending sync.WaitGroup
		sending.Go(func() {
			for i, m := range messages() {
				if err := c.WriteMessage(websocket.TextMessage, m); err != nil {
					t.Errorf("sending message %d: %v", i, err)
					return
				}
			}
		})
		for i, want := range messages() {
			kind, got, err := c.ReadMessage()
			if err != nil || kind != websocket.TextMessage || !bytes.Equal(got, want) {
				t.Fatalf("message %d came back as %d bytes, %v, %v, want the same %d", i, len(got), kind, err, len(want))
			}
		}
		sending.Wait()
		c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4007, "said all"), time.Now().Add(patience))
		if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, 4007) {
			t.Errorf("the close handshake ended with %v, want the code sent back", err)
		}
		if err := within(t, "the server sees the end", room.ended); !websocket.IsCloseError(err, 4007) {
			t.Errorf("the server saw the end as %v, want the client's code", err)
		}
	})
}

// TestGorillaWebSocketShutdown ends the server in the middle of a talk. The
// server does not wait for hijacked connections, and does not cut them: they
// are told, say good bye, and go.
func TestGorillaWebSocketShutdown(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		room := newGorillaRoom()
		s := on.open(t, room)
		s.config.RegisterOnShutdown(func() { close(room.closing) })
		c := dialGorilla(t, s)
		c.WriteMessage(websocket.TextMessage, []byte("before"))
		if _, m, err := c.ReadMessage(); string(m) != "before" {
			t.Fatalf("heard %q, %v", m, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := s.config.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v, want it not to wait for what was hijacked", err)
		}
		if _, err := net.Dial("tcp", s.address); err == nil {
			t.Error("still listening after Shutdown")
		}
		_, _, err := c.ReadMessage() // which answers the close frame
		if closed := new(websocket.CloseError); !errors.As(err, &closed) || closed.Code != websocket.CloseGoingAway || closed.Text != "closing time" {
			t.Errorf("the client saw the end as %v, want the server's good bye", err)
		}
		if err := within(t, "the handler returns", room.ended); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
			t.Errorf("the server saw the end as %v, want its own code back", err)
		}
	})
}

// TestWebSocketPeerGone cuts a connection that has been hijacked.
func TestWebSocketPeerGone(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		room := newGorillaRoom()
		c := dialGorilla(t, on.open(t, room))
		within(t, "the upgrade", room.upgraded)
		c.NetConn().Close()
		if err := within(t, "the server sees the end", room.ended); !websocket.IsUnexpectedCloseError(err) && !errors.Is(err, io.EOF) {
			t.Errorf("the server saw the end as %v, want an end without a close frame", err)
		}
	})
}

// TestWebSocketHandshake compares the answers to handshakes, good and bad.
func TestWebSocketHandshake(t *testing.T) {
	const good = "Connection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
	gorilla := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := new(websocket.Upgrader).Upgrade(w, r, nil); err == nil {
			c.Close()
		}
	})
	for name, h := range map[string]http.Handler{"coder": coderGreet, "gorilla": gorilla} {
		t.Run(name, func(t *testing.T) {
			compare(t, h, []ask{
				{name: "good", request: "GET /", fields: good, status: 101},
				{name: "no upgrade", request: "GET /"},
				{name: "another protocol", request: "GET /", fields: strings.Replace(good, "websocket", "other", 1)},
				{name: "another version", request: "GET /", fields: strings.Replace(good, "13", "12", 1), status: 400},
				{name: "no key", request: "GET /", fields: strings.Replace(good, "dGhlIHNhbXBsZSBub25jZQ==", "", 1), status: 400},
				{name: "POST", request: "POST /", fields: good, status: 405},
				{name: "from another origin", request: "GET /", fields: good + "Origin: http://elsewhere.example", status: 403},
				{name: "from the same", request: "GET /", fields: good + "Origin: http://example.com", status: 101},
			})
		})
	}
}
