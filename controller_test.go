package genkan

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// wrapped is what middlewares make of a ResponseWriter.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestReadDeadlineMoved: a Read that waits obeys a deadline that another
// goroutine sets meanwhile, through any number of wrappers; the answer leaves.
func TestReadDeadlineMoved(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(wrapped{wrapped{w}})
			go func() {
				time.Sleep(5 * time.Millisecond) // so that Read waits by then, mostly; both orders are right
				if err := rc.SetReadDeadline(time.Now().Add(5 * time.Millisecond)); err != nil {
					t.Error(err)
				}
			}()
			n, err := r.Body.Read(make([]byte, 10))
			if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Read gives %d, %v, want os.ErrDeadlineExceeded", n, err)
			}
			io.WriteString(w, "too late")
		})
		v := h.visit()
		v.say("POST /" + get + "Content-Length: 10\r\n\r\n")
		if res, got := v.answer("POST"); got != "too late" || !res.Close {
			t.Errorf("the answer is %q, Close %v; want it, and the end: the rest of the body may still come", got, res.Close)
		}
	})
}

// TestReadDeadlineLifted: the handler's deadline takes the place of the
// server's, and a later one that of an earlier.
func TestReadDeadlineLifted(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(w)
			rc.SetReadDeadline(time.Now().Add(time.Hour))
			rc.SetReadDeadline(time.Time{})
			body, err := io.ReadAll(r.Body)
			if string(body) != "body" || err != nil {
				t.Errorf("the body is %q, %v", body, err)
			}
		}, func(srv *Server) { srv.ReadTimeout = 30 * time.Millisecond })
		v := h.visit()
		v.say("POST /" + get + "Content-Length: 4\r\n\r\n")
		time.Sleep(60 * time.Millisecond) // past ReadTimeout, which no longer counts
		v.say("body")
		v.answer("POST")
	})
}

// TestWriteDeadlineMoved: a Write that waits for its reader obeys a deadline
// that another goroutine sets meanwhile.
func TestWriteDeadlineMoved(t *testing.T) {
	for _, at := range []time.Duration{-time.Hour, 5 * time.Millisecond} {
		onEach(t, func(t *testing.T, s stage) {
			failed := make(chan error, 1)
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				rc := http.NewResponseController(wrapped{w})
				go func() {
					time.Sleep(20 * time.Millisecond) // the Write waits by then, mostly
					if err := rc.SetWriteDeadline(time.Now().Add(at)); err != nil {
						t.Error(err)
					}
				}()
				_, err := io.WriteString(w, strings.Repeat("w", 64<<20))
				failed <- err
				if _, err := io.WriteString(w, "more"); err == nil {
					t.Error("a write after the one that failed succeeded")
				}
			})
			v := h.visit()
			v.say("GET /" + get + "\r\n")
			select {
			case err := <-failed:
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("Write gives %v, want os.ErrDeadlineExceeded", err)
				}
			case <-time.After(patience):
				t.Fatalf("Write still waits\n%s", stacks())
			}
			h.closed()
		})
	}
}

// TestWriteDeadlineLifted: as for reading.
func TestWriteDeadlineLifted(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).SetWriteDeadline(time.Time{})
			time.Sleep(60 * time.Millisecond) // past WriteTimeout
			io.WriteString(w, "late")
		}, func(srv *Server) { srv.WriteTimeout = 30 * time.Millisecond })
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		if _, got := v.answer("GET"); got != "late" {
			t.Errorf("the answer is %q", got)
		}
	})
}

// TestDeadlinesEndWithTheRequest: what one handler sets is not the next one's,
// not even when it is set after its handler's return.
func TestDeadlinesEndWithTheRequest(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		kept := make(chan http.ResponseWriter, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/first" {
				rc := http.NewResponseController(w)
				rc.SetReadDeadline(time.Now())
				rc.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
				kept <- w
			}
			io.Copy(w, r.Body)
		})
		v := h.visit()
		v.say("GET /first" + get + "\r\n")
		v.answer("GET")
		rc := http.NewResponseController(<-kept)
		if rc.SetReadDeadline(longAgo) == nil || rc.SetWriteDeadline(longAgo) == nil {
			t.Error("a deadline could be set after the handler's return")
		}
		time.Sleep(250 * time.Millisecond)
		v.say("POST /second" + get + "Content-Length: 4\r\n\r\n")
		v.say("body")
		if _, got := v.answer("POST"); got != "body" {
			t.Errorf("the second request got %q", got)
		}
	})
}

// TestFullDuplex: a handler reads on after it has begun to answer, piece by
// piece, with and without asking for it first.
func TestFullDuplex(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(wrapped{w})
			if r.URL.Path == "/asked" {
				if err := rc.EnableFullDuplex(); err != nil {
					t.Error(err)
				}
			}
			piece := make([]byte, 1)
			for {
				if _, err := io.ReadFull(r.Body, piece); err != nil {
					return
				}
				w.Write(piece)
				if err := rc.Flush(); err != nil {
					t.Error(err)
				}
			}
		})
		for _, path := range []string{"/asked", "/notasked"} {
			v := h.visit()
			v.say("POST " + path + get + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
			head := ok("Content-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n", "1\r\na\r\n")
			if got := v.hear(wireLength(head)); got != head {
				t.Errorf("before the second piece was sent %q came, want %q", got, head)
			}
			v.say("1\r\nb\r\n")
			if got := v.hear(6); got != "1\r\nb\r\n" {
				t.Errorf("then %q", got)
			}
			v.say("0\r\n\r\n")
			if got := v.hear(5); got != "0\r\n\r\n" {
				t.Errorf("at the end %q", got)
			}
		}
	})
}

// TestBothWaysAtOnce: one goroutine reads the body while another writes the
// answer, neither waiting for the other.
func TestBothWaysAtOnce(t *testing.T) {
	const size = 4 << 20
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			read := make(chan int64)
			go func() {
				n, _ := io.Copy(io.Discard, r.Body)
				read <- n
			}()
			for range size / (32 << 10) {
				if _, err := io.WriteString(w, strings.Repeat("d", 32<<10)); err != nil {
					t.Error(err)
					break
				}
			}
			if n := <-read; n != size {
				t.Errorf("%d bytes were read, want %d", n, size)
			}
		})
		v := h.visit()
		sent := make(chan bool)
		go func() {
			defer close(sent)
			v.SetWriteDeadline(time.Now().Add(patience))
			io.WriteString(v.Conn, "POST /"+get+"Content-Length: 4194304\r\n\r\n")
			io.WriteString(v.Conn, noise(size))
		}()
		if _, got := v.answer("POST"); len(got) != size {
			t.Errorf("%d bytes came, want %d", len(got), size)
		}
		<-sent
	})
}
