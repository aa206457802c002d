package genkan

import (
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// keptMany is how many requests TestNothingIsReusedOfMany keeps, on each of its
// stages.
const keptMany = 50_000

// witness is what a handler kept, and its fingerprint at that moment.
type witness struct {
	r     *http.Request
	body  []byte
	print uint64
}

var fingerprints = maphash.MakeSeed()

func (w witness) fingerprint() uint64 {
	r := w.r
	return maphash.String(fingerprints, fmt.Sprint(r.Method, r.URL, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, r.Proto, r.RemoteAddr, r.ContentLength, r.Header, r.Trailer, r.TransferEncoding, string(w.body)))
}

// TestNothingIsReusedOfMany: a hundred thousand requests, pipelined, plain and
// over TLS, each kept whole, and compared with what it was when all are over.
// No two of them share a Request, a URL or a body.
func TestNothingIsReusedOfMany(t *testing.T) {
	const visitors, together = 10, 25
	for _, s := range []stage{stageMemory, stageTLSMemory} {
		t.Run(s.name, func(t *testing.T) {
			var mu sync.Mutex
			kept := make([]witness, 0, keptMany)
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				one := witness{r: r, body: body}
				one.print = one.fingerprint()
				mu.Lock()
				kept = append(kept, one)
				mu.Unlock()
				io.WriteString(w, r.Header.Get("X"))
			}, func(srv *Server) { srv.Watch = nil })
			var all sync.WaitGroup
			for n := range visitors {
				v := h.visit()
				all.Go(func() {
					for i := 0; i < keptMany/visitors; i += together {
						var send strings.Builder
						for k := range together {
							id := fmt.Sprintf("%d.%d", n, i+k)
							switch k % 3 {
							case 0:
								fmt.Fprintf(&send, "GET /%s?%s HTTP/1.1\r\nHost: %s\r\nX: %s\r\nCookie: c=%s\r\n\r\n", id, id, id, id, id)
							case 1:
								fmt.Fprintf(&send, "PUT /%s%%20 HTTP/1.1\r\nHost: %s\r\nX: %s\r\nContent-Length: %d\r\n\r\n%s", id, id, id, len(id), id)
							case 2:
								fmt.Fprintf(&send, "POST /%s HTTP/1.1\r\nHost: %s\r\nX: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nT: %s\r\n\r\n", id, id, id, len(id), id, id)
							}
						}
						v.say(send.String())
						for k := range together {
							if _, got := v.answer("GET"); got != fmt.Sprintf("%d.%d", n, i+k) {
								t.Errorf("the answer to %d.%d is %q", n, i+k, got)
								return
							}
						}
					}
				})
			}
			all.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(kept) != keptMany {
				t.Errorf("%d requests were kept, want %d", len(kept), keptMany)
			}
			seen := make(map[unsafe.Pointer]bool, 3*keptMany)
			for _, one := range kept {
				if one.fingerprint() != one.print {
					t.Fatalf("a request has changed since its handler: it is now %v %v %q", one.r, one.r.URL, one.body)
				}
				for _, p := range []unsafe.Pointer{unsafe.Pointer(one.r), unsafe.Pointer(one.r.URL), unsafe.Pointer(unsafe.StringData(one.r.RequestURI))} {
					if seen[p] {
						t.Fatalf("two requests share a part: %v", one.r)
					}
					seen[p] = true
				}
			}
		})
	}
}
