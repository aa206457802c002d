package genkan

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hostileTime is how long TestHostile goes on; GENKAN_HOSTILE sets another.
func hostileTime() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("GENKAN_HOSTILE")); err == nil {
		return d
	}
	return 300 * time.Millisecond
}

// open is what handlers may do, besides those of mixed.
func open(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	switch r.URL.Path {
	case "/take":
		nc, rw, err := rc.Hijack()
		if err != nil {
			return // HTTP/2 has nothing to take
		}
		go func() { // longer than the handler, as websockets are
			defer nc.Close()
			nc.SetDeadline(time.Now().Add(50 * time.Millisecond))
			io.Copy(nc, rw)
		}()
	case "/hurry":
		rc.SetReadDeadline(time.Now().Add(time.Millisecond))
		rc.SetWriteDeadline(time.Now().Add(2 * time.Millisecond))
		io.Copy(w, r.Body)
	case "/both":
		go io.Copy(io.Discard, r.Body)
		io.WriteString(w, strings.Repeat("b", 100_000))
	default:
		mixed(w, r)
	}
}

// TestHostile: clients that do all that breaks a TLS connection, at any byte,
// beside honest ones; a program that closes connections by what ConnContext
// gave it; and the end of the server in the midst of it. Whatever arrives whole
// is right, and nothing is left.
func TestHostile(t *testing.T) {
	hello := clientHello(t)
	for _, s := range stagesOf2() {
		t.Run(s.name, func(t *testing.T) {
			var views sync.Map
			var dropped atomic.Int64
			h := serve(t, s, open, func(srv *Server) {
				srv.ConnState = func(c net.Conn, state http.ConnState) {
					views.Store(c, true)
					if state == http.StateClosed || state == http.StateHijacked {
						views.Delete(c)
					}
				}
			})
			secret := h.srv.TLSConfig != nil
			addr := h.at()
			var stop atomic.Bool
			var honest atomic.Int64
			var all sync.WaitGroup
			for n := range 12 {
				all.Go(func() {
					random := rand.New(rand.NewSource(time.Now().UnixNano() + int64(n)))
					for !stop.Load() {
						h.attack(random, addr, secret, hello)
					}
				})
			}
			for range 3 {
				all.Go(func() {
					for !stop.Load() {
						if h.honest() {
							honest.Add(1)
						}
					}
				})
			}
			all.Go(func() {
				for !stop.Load() {
					time.Sleep(3 * time.Millisecond)
					views.Range(func(c, _ any) bool {
						c.(net.Conn).Close()
						dropped.Add(1)
						return false
					})
				}
			})
			time.Sleep(hostileTime()) // how long it lasts; nothing depends on it
			until(t, "an honest client is answered", func() bool { return honest.Load() > 0 })
			ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
			defer cancel()
			err := h.srv.Shutdown(ctx)
			stop.Store(true)
			all.Wait()
			if err != nil {
				t.Errorf("Shutdown under attack: %v", err)
			}
			t.Logf("%d honest answers, %d connections closed from inside", honest.Load(), dropped.Load())
			if i := strings.Index(h.log.String(), "panic: "); i >= 0 && !strings.Contains(h.log.String()[i:], "on purpose") {
				t.Errorf("a panic that is not the handler's: %s", h.log.String()[i:])
			}
		})
	}
}

// honest is one request that, if it is answered whole, is answered rightly.
func (h *hall) honest() bool {
	c, err := h.dial()
	if err != nil {
		time.Sleep(time.Millisecond)
		return false
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, "GET /large"+get+"\r\n")
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return false
	}
	if string(body) != strings.Repeat("l", 200_000) {
		h.t.Errorf("an honest client got %.60q", body)
	}
	return true
}

var attacks = []string{
	"GET /hello" + get + "\r\n", "GET /large" + get + "\r\nGET /stream" + get + "\r\n", "GET /take" + get + "\r\nearly",
	"POST /hurry" + get + "Content-Length: 100\r\n\r\n12345", "POST /both" + get + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
	"POST /echo" + get + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", "GET /sleep" + get + "\r\n", "GET /wait" + get + "\r\n",
	"GET /exit" + get + "\r\n", "GET /abort" + get + "\r\n", "GET /panic" + get + "\r\n", "nonsense\r\n\r\n", "GET /hello HTTP/1.1\r\nHo",
	string(preface) + frame(frameSettings, 0, 0, "") + frame(frameHeaders, 5, 1, getHello2), string(preface)[:10],
}

// attack is one connection that ends badly.
func (h *hall) attack(random *rand.Rand, addr string, secret bool, hello string) {
	var c net.Conn
	var err error
	below := func() (net.Conn, error) { return net.Dial("tcp", addr) }
	if secret && random.Intn(3) == 0 { // below TLS
		if c, err = below(); err == nil {
			say := hello[:random.Intn(len(hello)+1)] + attacks[random.Intn(len(attacks))]
			io.WriteString(c, say)
		}
	} else if secret && random.Intn(2) == 0 {
		c, err = dialTLS(below, trusting(func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }))
	} else {
		c, err = h.dial()
	}
	if err != nil {
		time.Sleep(time.Millisecond)
		return
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Second))
	v := &visitor{t: h.t, Conn: c, in: bufio.NewReader(c)}
	for range 1 + random.Intn(3) {
		say := attacks[random.Intn(len(attacks))]
		io.WriteString(c, say[:random.Intn(len(say)+1)])
		if random.Intn(2) == 0 {
			io.WriteString(c, say)
		}
		switch random.Intn(4) {
		case 0:
			c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
			io.ReadFull(v.in, make([]byte, random.Intn(100_000)))
		case 1:
			time.Sleep(time.Duration(random.Intn(3)) * time.Millisecond)
		}
	}
	if tc, ok := c.(*tls.Conn); ok {
		switch random.Intn(3) {
		case 0:
			tc.CloseWrite()
		case 1:
			junk := make([]byte, random.Intn(100))
			random.Read(junk)
			tc.NetConn().Write(append([]byte("\x17\x03\x03\x00\x40"), junk...))
		}
	}
	if random.Intn(2) == 0 {
		v.reset()
	}
}
