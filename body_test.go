package genkan

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// noise is n bytes that no compression and no wrong offset leaves alike.
func noise(n int) string {
	b := make([]byte, n)
	rand.New(rand.NewSource(1)).Read(b)
	return string(b)
}

// TestLargeBodies echoes a body that fits no buffer, in both framings and both
// directions at once.
func TestLargeBodies(t *testing.T) {
	const size = 3 << 20
	body := noise(size)
	chunked := new(strings.Builder)
	for rest, n := body, 1; len(rest) > 0; n = n*3 + 1 {
		n = min(n, len(rest), 100_000)
		fmt.Fprintf(chunked, "%x\r\n%s\r\n", n, rest[:n])
		rest = rest[n:]
	}
	framings := map[string]string{
		"length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body),
		"chunks": "Transfer-Encoding: chunked\r\n\r\n" + chunked.String() + "0\r\n\r\n",
	}
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for name, framed := range framings {
			v := h.visit()
			go v.say("POST /echo" + get + framed)
			_, got := v.answer("POST")
			if sha256.Sum256([]byte(got)) != sha256.Sum256([]byte(body)) {
				t.Errorf("%s: %d bytes came back, and not those that were sent (%d)", name, len(got), size)
			}
			v.say("GET /hello" + get + "\r\n")
			if got := v.hear(wireLength(hello)); got != hello {
				t.Errorf("%s: after it the connection gave %q", name, got)
			}
		}
	})
}

// TestBackPressure: a handler that does not read makes the client stand still,
// and nothing is piled up for it.
func TestBackPressure(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		release := make(chan struct{})
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			r.Body.Read(make([]byte, 1))
			<-release
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%d %v", n+1, err)
		})
		const size = 64 << 20
		v := h.visit()
		v.say(fmt.Sprintf("POST /"+get+"Content-Length: %d\r\n\r\n", size))
		before := heap()
		var sent atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			piece := make([]byte, 64<<10)
			for sent.Load() < size {
				v.SetWriteDeadline(time.Now().Add(patience))
				n, err := v.Write(piece)
				sent.Add(int64(n))
				if err != nil {
					t.Errorf("the client could not send on after %d bytes: %v", sent.Load(), err)
					return
				}
			}
		}()
		// The client stands still when nothing has moved for a while.
		last, still := int64(-1), 0
		until(t, "the client stands still", func() bool {
			if now := sent.Load(); now == last {
				still++
			} else {
				last, still = now, 0
			}
			return still == 50
		})
		if last >= size {
			t.Errorf("all of %d bytes were taken for a handler that does not read", size)
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("the heap has grown by %d bytes while nobody read", grown)
		}
		close(release)
		_, got := v.answer("POST")
		if want := fmt.Sprintf("%d <nil>", size); got != want {
			t.Errorf("got %q, want %q: back-pressure loses nothing", got, want)
		}
		<-done
	})
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestUnreadBody: how a body is got rid of that the handler did not want.
func TestUnreadBody(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)

		v := h.visit()
		v.say(fmt.Sprintf("POST /ignore"+get+"Content-Length: %d\r\n\r\n%s", unreadMost/2, strings.Repeat("x", unreadMost/2)))
		if _, got := v.answer("POST"); got != "not read" {
			t.Errorf("a body of %d bytes: got %q", unreadMost/2, got)
		}
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("after a body that was read away the connection gave %q", got)
		}
		v.Close()
		h.wantClosed(http1.PeerClosed, "it was kept until the client went")

		// More than is read away, and more than any kernel's buffer holds: the
		// client is in the middle of sending when the connection ends.
		v = h.visit()
		v.say(fmt.Sprintf("POST /ignore"+get+"Content-Length: %d\r\n\r\n", 64<<20))
		go v.say(strings.Repeat("x", 2*unreadMost))
		res, got := v.answer("POST")
		if got != "not read" || !res.Close {
			t.Errorf("got %q, Connection: close said: %v; the answer must arrive whole, and say that it is the last", got, res.Close)
		}
		if rest := v.hear(-1); rest != "" {
			t.Errorf("after the last answer came %q", rest)
		}
		v.Close()
		h.wantClosed(http1.UnreadBody, "it is not worth reading so much away")
	})
}

// TestBodyAfterReturn: a body outlives its handler as an error only.
func TestBodyAfterReturn(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		bodies := make(chan io.ReadCloser, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) { bodies <- r.Body })
		v := h.visit()
		v.say("POST /" + get + "Content-Length: 3\r\n\r\nabc")
		v.answer("POST")
		if n, err := (<-bodies).Read(make([]byte, 3)); n != 0 || !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("Read gave %d, %v, want 0, http.ErrBodyReadAfterClose as net/http has it", n, err)
		}
	})
}

// TestReaderOutlivesHandler: a goroutine that waits for the body when the
// handler ends, in whichever way, gets an error at once, and the next
// connection none of its bytes.
func TestReaderOutlivesHandler(t *testing.T) {
	endings := map[string]func(){
		"returns": func() {},
		"panics":  func() { panic("on purpose") },
		"aborts":  func() { panic(http.ErrAbortHandler) },
		"exits":   runtime.Goexit,
	}
	onEach(t, func(t *testing.T, s stage) {
		for name, end := range endings {
			t.Run(name, func(t *testing.T) {
				outcome := make(chan error, 1)
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					if r.Method == "GET" {
						at(w, r)
						return
					}
					reading := make(chan struct{})
					go func() {
						r.Body.Read(make([]byte, 1))
						close(reading)
						_, err := r.Body.Read(make([]byte, 100))
						outcome <- err
					}()
					<-reading
					time.Sleep(time.Millisecond) // it makes the wait likely, and either order must do
					end()
				})
				v := h.visit()
				v.say("POST /" + get + "Content-Length: 100\r\n\r\na")
				select {
				case err := <-outcome:
					if !errors.Is(err, http.ErrBodyReadAfterClose) {
						t.Errorf("the reader got %v, want http.ErrBodyReadAfterClose", err)
					}
				case <-time.After(patience):
					t.Fatalf("the reader waits on\n%s", stacks())
				}
				v.Close()
				h.closed()
				next := h.visit()
				next.say("GET /hello" + get + "\r\n")
				if got := next.hear(wireLength(hello)); got != hello {
					t.Errorf("the next connection got %q", got)
				}
			})
		}
	})
}

// TestBodyEnds: what a handler reads when the body does not end as it should.
func TestBodyEnds(t *testing.T) {
	for _, c := range []struct {
		name, body string
		end        func(*visitor)
		want       string
		reason     http1.CloseReason // NotClosed: it depends on what is seen first, the end or the answer's way
	}{
		{"half-closed inside", "Content-Length: 10\r\n\r\nabc", (*visitor).halfClose, "3 unexpected EOF", http1.PeerClosed},
		{"half-closed inside a chunk", "Transfer-Encoding: chunked\r\n\r\nA\r\nabc", (*visitor).halfClose, "3 unexpected EOF", http1.PeerClosed},
		{"half-closed behind it", "Content-Length: 3\r\n\r\nabc", (*visitor).halfClose, "3 <nil>", http1.NotClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				h := serve(t, s, at)
				v := h.visit()
				v.say("POST /swallow" + get + c.body)
				c.end(v)
				if _, got := v.answer("POST"); got != c.want {
					t.Errorf("got %q, want %q (RFC 9112 8: an incomplete message must be told from a whole one)", got, c.want)
				}
				if rest := v.hear(-1); rest != "" {
					t.Errorf("then %q", rest)
				}
				v.Close()
				if reason := h.closed(); c.reason != http1.NotClosed && reason != c.reason.String() {
					t.Errorf("closed because %q, want %q", reason, c.reason)
				}
			})
		})
	}
}
