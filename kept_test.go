package genkan

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestNothingIsReused keeps what handlers were given, and looks at it when
// thousands of other requests have passed through the same goroutines and
// buffers. Under the race detector this also shows who writes to it.
func TestNothingIsReused(t *testing.T) {
	const visitors, each = 8, 600
	type keeping struct {
		r    *http.Request
		body []byte
		w    http.ResponseWriter
	}
	onEach(t, func(t *testing.T, s stage) {
		var mu sync.Mutex
		kept := map[string]keeping{}
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("X-Id", r.Header.Get("X-Id"))
			io.WriteString(w, r.URL.Path)
			mu.Lock()
			kept[r.Header.Get("X-Id")] = keeping{r, body, w}
			mu.Unlock()
		})
		var all sync.WaitGroup
		for n := range visitors {
			v := h.visit()
			all.Go(func() {
				for i := range each {
					id := fmt.Sprintf("%d-%d", n, i)
					body := strings.Repeat(id+".", i%200)
					v.say(fmt.Sprintf("POST /p/%s?q=%s HTTP/1.1\r\nHost: %s.example\r\nX-Id: %s\r\nX-Twice: a%s\r\nX-Twice: b%s\r\nContent-Length: %d\r\n\r\n%s",
						id, id, id, id, id, id, len(body), body))
					if _, got := v.answer("POST"); got != "/p/"+id {
						t.Errorf("request %s was answered %q", id, got)
						return
					}
				}
			})
		}
		all.Wait()
		mu.Lock() // an answer over the wire is no order that the race detector knows
		defer mu.Unlock()
		if len(kept) != visitors*each {
			t.Errorf("%d requests were kept, want %d", len(kept), visitors*each)
		}
		for id, k := range kept {
			var i, n int
			fmt.Sscanf(id, "%d-%d", &n, &i)
			got := fmt.Sprint(k.r.Method, k.r.URL.Path, k.r.URL.RawQuery, k.r.RequestURI, k.r.Host, k.r.Header["X-Id"], k.r.Header["X-Twice"], k.w.Header()["X-Id"])
			want := fmt.Sprint("POST", "/p/"+id, "q="+id, "/p/"+id+"?q="+id, id+".example", []string{id}, []string{"a" + id, "b" + id}, []string{id})
			if got != want {
				t.Fatalf("request %s is now\n%s\nand was\n%s", id, got, want)
			}
			if string(k.body) != strings.Repeat(id+".", i%200) {
				t.Fatalf("the body of request %s is now %q", id, k.body)
			}
			if n, err := k.r.Body.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Fatalf("the body of request %s gave %d, %v after its handler", id, n, err)
			}
			if n, err := k.w.Write([]byte("x")); n != 0 || err == nil {
				t.Fatalf("a write after the handler gave %d, %v", n, err)
			}
		}
	})
}
