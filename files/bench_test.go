package files

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// nowhere is a ResponseWriter that costs nothing by itself.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(int)             {}

func benchmark(b *testing.B, h http.Handler, target string, fields ...string) {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := &nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}

func BenchmarkHandler(b *testing.B) {
	content := map[string]string{"1k.txt": string(make([]byte, 1024)), "a/b/c/1k.txt": string(make([]byte, 1024)), "i/index.html": string(make([]byte, 1024)), "30k.txt": string(make([]byte, 30<<10))}
	for i := range 50 {
		content[fmt.Sprintf("l/file%d.txt", i)] = "x"
	}
	h, dir := newHandler(b, Options{Recheck: -1}, content)
	kept, _ := newHandler(b, Options{Recheck: time.Hour}, content)
	rested := time.Now().Add(clockTick)
	kept.now = func() time.Time { return rested }
	etag := ask(b, h, "GET", "/1k.txt").Header().Get("Etag")
	b.Run("1KiB-kept", func(b *testing.B) { benchmark(b, kept, "/1k.txt") })
	b.Run("1KiB", func(b *testing.B) { benchmark(b, h, "/1k.txt") })
	b.Run("30KiB", func(b *testing.B) { benchmark(b, h, "/30k.txt") })
	b.Run("1KiB-deep", func(b *testing.B) { benchmark(b, h, "/a/b/c/1k.txt") })
	b.Run("index", func(b *testing.B) { benchmark(b, h, "/i/") })
	b.Run("304", func(b *testing.B) { benchmark(b, h, "/1k.txt", "If-None-Match", etag) })
	b.Run("304-kept", func(b *testing.B) {
		benchmark(b, kept, "/1k.txt", "If-None-Match", ask(b, kept, "GET", "/1k.txt").Header().Get("Etag"))
	})
	b.Run("404", func(b *testing.B) { benchmark(b, h, "/missing") })
	b.Run("listing-50", func(b *testing.B) { benchmark(b, h, "/l/") })
	b.Run("listing-50-JSON", func(b *testing.B) { benchmark(b, h, "/l/", "Accept", "application/json") })

	theirs := http.FileServerFS(h.tree.root.FS())
	b.Run("http.FileServerFS-root-1KiB", func(b *testing.B) { benchmark(b, theirs, "/1k.txt") })
	b.Run("http.FileServer-Dir-1KiB", func(b *testing.B) { benchmark(b, http.FileServer(http.Dir(dir)), "/1k.txt") })
}
