package genkan

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// slack is how late a deadline may be noticed: the loop's timer waits a little
// so that several fall together.
const slack = 10 * time.Millisecond

// end is when and with which last words the server ends the connection, from
// now on. Time is the bubble's.
func (v *visitor) end() (after time.Duration, words string) {
	began := time.Now()
	v.SetReadDeadline(began.Add(24 * time.Hour))
	b, _ := io.ReadAll(v.in)
	return time.Since(began), normal(string(b))
}

// TestDeadlines: each phase of a connection, how long it may last, and how it
// ends then: not earlier, and not later.
func TestDeadlines(t *testing.T) {
	const second = time.Second
	partial := "GET /hello HTTP/1.1\r\nHo"
	late := refusal("408 Request Timeout", "Content-Length: …")
	sayHello := func(v *visitor) { v.say("GET /hello" + get + "\r\n"); v.hear(wireLength(hello)) }
	for _, c := range []struct {
		name   string
		fields func(*Server)
		lead   func(*visitor)
		limit  time.Duration
		words  string
		closed http1.CloseReason
	}{
		{"new", nil, func(*visitor) {}, 10 * second, "", http1.HeadTimeout},
		{"first head, from accept", nil, func(v *visitor) { time.Sleep(3 * second); v.say(partial) }, 7 * second, late, http1.HeadTimeout},
		{"first head, byte by byte", nil, func(v *visitor) {
			for i := range 9 {
				time.Sleep(second)
				v.say(partial[i : i+1])
			}
		}, second, late, http1.HeadTimeout},
		{"second head, from its first byte", nil, func(v *visitor) { sayHello(v); time.Sleep(60 * second); v.say(partial) }, 10 * second, late, http1.HeadTimeout},
		{"second head, pipelined", nil, func(v *visitor) { v.say("GET /hello" + get + "\r\n" + partial); v.hear(wireLength(hello)) }, 10 * second, late, http1.HeadTimeout},
		{"idle", nil, sayHello, 75 * second, "", http1.IdleTimeout},
		{"idle again", nil, func(v *visitor) { sayHello(v); time.Sleep(74 * second); sayHello(v) }, 75 * second, "", http1.IdleTimeout},
		{"ReadHeaderTimeout", func(s *Server) { s.ReadHeaderTimeout = 3 * second }, func(v *visitor) { v.say(partial) }, 3 * second, late, http1.HeadTimeout},
		{"ReadHeaderTimeout of a new one", func(s *Server) { s.ReadHeaderTimeout = 3 * second }, func(*visitor) {}, 3 * second, "", http1.HeadTimeout},
		{"ReadTimeout in the head", func(s *Server) { s.ReadTimeout, s.ReadHeaderTimeout = 4*second, 20*second }, func(v *visitor) { v.say(partial) }, 4 * second, late, http1.HeadTimeout},
		{"ReadTimeout while idle", func(s *Server) { s.ReadTimeout = 4 * second }, sayHello, 4 * second, "", http1.IdleTimeout},
		{"IdleTimeout", func(s *Server) { s.ReadTimeout, s.IdleTimeout = 4*second, 20*second }, sayHello, 20 * second, "", http1.IdleTimeout},
		{"body, nothing", nil, func(v *visitor) { v.say("POST /swallow" + get + "Content-Length: 9\r\n\r\n") }, 5 * second, "HTTP/1.1 200 OK\r\n…", http1.BodyTooSlow},
		{"body, stalled", nil, func(v *visitor) {
			v.say("POST /swallow" + get + "Content-Length: 99999\r\n\r\n")
			synctest.Wait()
			v.say(strings.Repeat("x", 50_000))
		}, 30 * second, "HTTP/1.1 200 OK\r\n…", http1.BodyTimeout},
		{"body, ReadTimeout", func(s *Server) { s.ReadTimeout = 4 * second }, func(v *visitor) { v.say("POST /swallow" + get + "Content-Length: 9\r\n\r\n") }, 4 * second, "HTTP/1.1 200 OK\r\n…", http1.BodyTimeout},
		{"unread body", nil, func(v *visitor) { v.say("POST /ignore" + get + "Content-Length: 9\r\n\r\n123") }, 2 * second, ok("Content-Length: 8\r\n"+text, "not read"), http1.UnreadBody},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachBubbled(t, func(t *testing.T, s stage) {
				h := serve(t, s, at, func(srv *Server) {
					if c.fields != nil {
						c.fields(srv)
					}
				})
				v := h.visit()
				synctest.Wait()
				c.lead(v)
				after, words := v.end()
				if after < c.limit || after > c.limit+slack {
					t.Errorf("ended after %v, want %v", after, c.limit)
				}
				compare(t, conversation{want: c.words}, words)
				if strings.Contains(words, "HTTP/1.1 200") && c.closed != http1.UnreadBody && !strings.Contains(words, "\r\nConnection: close\r\n") {
					t.Errorf("the last answer does not say that it is the last: %q", words)
				}
				v.Close()
				h.wantClosed(c.closed, "")
			})
		})
	}
}

// TestNoDeadlines: a negative value means none.
func TestNoDeadlines(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at, func(srv *Server) { srv.ReadHeaderTimeout, srv.IdleTimeout = -1, -1 })
		v := h.visit()
		time.Sleep(24 * time.Hour)
		v.say("GET /hello HTTP")
		time.Sleep(24 * time.Hour)
		v.say("/1.1\r\nHost: h\r\n\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("after two days: %q", got)
		}
		time.Sleep(24 * time.Hour)
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("after three days: %q", got)
		}
	})
}

// TestJustInTime: what arrives a moment before the deadline is served.
func TestJustInTime(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		synctest.Wait()
		time.Sleep(headTimeout - time.Millisecond)
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("1 ms before the head's deadline: %q", got)
		}
		synctest.Wait()
		time.Sleep(idleTimeout - time.Millisecond)
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("1 ms before the idle deadline: %q", got)
		}
	})
}

// TestSlowBody: 240 B/s after the first 5 s; the handler's own time is not
// the client's.
func TestSlowBody(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(10 * time.Minute)
			at(w, r)
		})
		v := h.visit()
		v.say("POST /swallow" + get + "Content-Length: 60000\r\n\r\n")
		time.Sleep(10 * time.Minute)
		for range 200 {
			v.say(strings.Repeat("x", 300))
			time.Sleep(time.Second)
		}
		if _, got := v.answer("POST"); got != "60000 <nil>" {
			t.Errorf("300 B/s gave %q", got)
		}
		v.Close()
		h.closed()

		v = h.visit()
		v.say("POST /swallow" + get + "Content-Length: 60000\r\n\r\n")
		time.Sleep(10 * time.Minute)
		began := time.Now()
		go func() {
			for range 60 {
				v.say("x")
				time.Sleep(time.Second)
			}
		}()
		v.end()
		if after := time.Since(began); after < 5*time.Second || after > 6*time.Second {
			t.Errorf("1 B/s was suffered for %v, want a little more than 5 s", after)
		}
		v.Close()
		h.wantClosed(http1.BodyTooSlow, "")
		time.Sleep(time.Minute) // until the client has given up as well
	})
}

// endless writes until it cannot.
func endless(w http.ResponseWriter, _ *http.Request) {
	for piece := strings.Repeat("x", 10_000); ; {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

// TestSlowReader: a client that does not take its answer.
func TestSlowReader(t *testing.T) {
	for _, s := range []stage{stageMemory, stagePipe} {
		for _, c := range []struct {
			name            string
			reads, every    int // bytes, each second
			atLeast, atMost time.Duration
			reason          http1.CloseReason
		}{
			// What is in buffers counts as taken: 64 KiB in memory, none in a pipe.
			{"stops", 0, 0, 5 * time.Second, 30*time.Second + slack, 0},
			{"crawls", 10, 1000, 5 * time.Second, 300 * time.Second, http1.SendTooSlow},
		} {
			t.Run(s.name+"/"+c.name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					h := serve(t, s, endless)
					v := h.visit()
					v.say("GET /" + get + "\r\n")
					began := time.Now()
					for range c.every {
						v.SetReadDeadline(time.Now().Add(time.Hour))
						if _, err := io.ReadFull(v.Conn, make([]byte, c.reads)); err != nil {
							break
						}
						time.Sleep(time.Second)
					}
					ev := h.closing()
					after, reason := ev.Time.Sub(began), ev.Note
					if after < c.atLeast || after > c.atMost {
						t.Errorf("suffered for %v, want %v to %v", after, c.atLeast, c.atMost)
					}
					if c.reason != 0 && reason != c.reason.String() {
						t.Errorf("closed because %q, want %q", reason, c.reason)
					}
				})
			})
		}
	}
}

// TestWriteTimeout: from the end of the head to the end of the answer, as in
// http.Server: who misses it sends nothing any more.
func TestWriteTimeout(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			d, err := time.ParseDuration(r.URL.RawQuery)
			if err != nil {
				t.Error(err)
			}
			time.Sleep(d)
			at(w, r)
		}, func(srv *Server) { srv.WriteTimeout = 3 * time.Second })
		v := h.visit()
		v.say("GET /hello?2.9s" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("in time: %q", got)
		}
		v.say("GET /hello?3.1s" + get + "\r\n")
		if _, words := v.end(); words != "" {
			t.Errorf("too late: %q", words)
		}
		v.Close()
		h.wantClosed(http1.SendTimeout, "")
	})
}

// TestLinger: after a refusal the client has 2 s to stop sending.
func TestLinger(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := serve(t, stageMemory, at)
		v := h.visit()
		v.say("GET /\r\n\r\n")
		if after, _ := v.end(); after > slack {
			t.Errorf("the end of our sending came after %v", after)
		}
		began := time.Now()
		h.wantClosed(http1.Refused, "")
		if after := time.Since(began); after < lingerTimeout || after > lingerTimeout+slack {
			t.Errorf("lingered for %v, want %v", after, lingerTimeout)
		}
	})
}
