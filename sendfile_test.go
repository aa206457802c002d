package genkan

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A descriptor is sent from where the transport can, and the handler is told
// where it cannot; the bytes are the same.
func TestSendFile(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 64<<10)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	onEach(t, func(t *testing.T, s stage) {
		type result struct {
			sent int64
			err  error
		}
		results := make(chan result, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			if r.URL.Path == "/part" {
				w.Header().Set("Content-Length", "100005")
				io.WriteString(w, "hello")
			}
			if r.URL.Path == "/undeclared" {
				_, err := w.(FileSender).SendFile(f.Fd(), 0, 10)
				results <- result{0, err}
				return
			}
			sent, err := w.(FileSender).SendFile(f.Fd(), 7, 100000)
			results <- result{sent, err}
			if errors.Is(err, errors.ErrUnsupported) {
				io.WriteString(w, content[7:100007])
			}
		})
		v := h.visit()
		v.say("GET /part HTTP/1.1\r\nHost: h\r\n\r\n")
		if _, body := v.answer("GET"); body != "hello"+content[7:100007] {
			t.Errorf("%d bytes of the body, want hello and 100,000 from the seventh on", len(body))
		}
		if got := <-results; !(got.sent == 100000 && got.err == nil) && !(got.sent == 0 && errors.Is(got.err, errors.ErrUnsupported)) {
			t.Errorf("%d, %v", got.sent, got.err)
		}
		v.say("GET /undeclared HTTP/1.1\r\nHost: h\r\n\r\n")
		v.answer("GET")
		if got := <-results; !errors.Is(got.err, errors.ErrUnsupported) {
			t.Errorf("without a Content-Length: %v, want errors.ErrUnsupported", got.err)
		}
		v.say("HEAD /part HTTP/1.1\r\nHost: h\r\n\r\n")
		v.answer("HEAD")
		if got := <-results; !errors.Is(got.err, errors.ErrUnsupported) {
			t.Errorf("HEAD: %v, want errors.ErrUnsupported", got.err)
		}
	})
}

// A file that is shorter than announced ends the connection: nobody takes it
// for whole.
func TestSendFileEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", "2000")
			sent, err := w.(FileSender).SendFile(f.Fd(), 0, 2000)
			if errors.Is(err, errors.ErrUnsupported) {
				io.WriteString(w, strings.Repeat("x", 1000))
				return
			}
			if sent != 1000 || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%d, %v; want 1000 and io.ErrUnexpectedEOF", sent, err)
			}
		})
		v := h.visit()
		v.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if _, err := http.ReadResponse(v.in, nil); err != nil {
			t.Fatal(err)
		}
		if rest, _ := io.ReadAll(v.in); len(rest) != 1000 {
			t.Errorf("%d bytes and the end, want 1000", len(rest))
		}
	})
}
