package genkan

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"

const upgrade = get + "Connection: Upgrade\r\nUpgrade: x\r\n\r\n"

// TestHijackEndsTheWatchOverThePeer: over a net.Conn somebody reads, to see the
// peer go, once the handler has asked for the context's end. After Hijack the
// first byte is the new protocol's.
func TestHijackEndsTheWatchOverThePeer(t *testing.T) {
	onEachTakeable(t, func(t *testing.T, s stage) {
		got := make(chan string, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			r.Context().Done() // from here on somebody reads
			nc, both, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				got <- ""
				return
			}
			defer nc.Close()
			io.WriteString(nc, switching)
			nc.SetReadDeadline(time.Now().Add(patience))
			b := make([]byte, len("HELLO"))
			n, err := io.ReadFull(both, b)
			if err != nil {
				t.Errorf("reading the new protocol: %v after %d bytes", err, n)
			}
			got <- string(b[:n])
		})
		v := h.visit()
		v.say("GET /" + upgrade)
		v.hear(len(switching))
		v.say("HELLO")
		if b := <-got; b != "HELLO" {
			t.Errorf("who took the connection read %q, want every byte that came after Hijack: HELLO", b)
		}
	})
}

// TestNothingIsWrittenAfterHijack: the descriptor may be somebody else's then,
// so whatever sends says http.ErrHijacked, and sends nothing.
func TestNothingIsWrittenAfterHijack(t *testing.T) {
	onEachTakeable(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK) // a status is set: nothing else would stop a Write
			nc, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			for _, c := range []struct {
				name string
				call func() (int64, error)
			}{
				{"Write", func() (int64, error) { n, err := w.Write([]byte("secret")); return int64(n), err }},
				{"a long Write", func() (int64, error) { n, err := w.Write(make([]byte, 1<<20)); return int64(n), err }},
				{"WriteString", func() (int64, error) { n, err := io.WriteString(w, "secret"); return int64(n), err }},
				{"ReadFrom", func() (int64, error) { return w.(io.ReaderFrom).ReadFrom(strings.NewReader("secret")) }},
				{"Flush", func() (int64, error) { return 0, http.NewResponseController(w).Flush() }},
				{"a second Hijack", func() (int64, error) { _, _, err := w.(http.Hijacker).Hijack(); return 0, err }},
			} {
				if n, err := c.call(); n != 0 || !errors.Is(err, http.ErrHijacked) {
					t.Errorf("%s after Hijack: %d, %v; want http.ErrHijacked", c.name, n, err)
				}
			}
			w.WriteHeader(http.StatusEarlyHints)
			io.WriteString(nc, "mine")
		})
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		_, body, _ := strings.Cut(v.hear(-1), "\r\n\r\n")
		if body != "mine" {
			t.Errorf("after the head came %q, want only what was written to the connection itself", clipped([]byte(body)))
		}
	})
}
