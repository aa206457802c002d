package watch_test

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

// BenchmarkWatching is what a request costs, client and all, with different
// watchers: none, a ring that nobody reads, a page that records, and a page
// with a reader who is stuck.
func BenchmarkWatching(b *testing.B) {
	for _, test := range []struct {
		name  string
		watch func() (trace.Watcher, func())
	}{
		{"nobody", func() (trace.Watcher, func()) { return nil, func() {} }},
		{"ring", func() (trace.Watcher, func()) { return trace.NewRing(trace.Options{}), func() {} }},
		{"ring-bytes", func() (trace.Watcher, func()) { return trace.NewRing(trace.Options{Bytes: 4096}), func() {} }},
		{"page", func() (trace.Watcher, func()) { l := watch.New(watch.LiveOptions{}); return l, func() { l.Close() } }},
		{"page-stuck", func() (trace.Watcher, func()) {
			l := watch.New(watch.LiveOptions{})
			stuck := l.Store().Listen()
			return l, func() { stuck.Close(); l.Close() }
		}},
	} {
		b.Run(test.name, func(b *testing.B) {
			w, stop := test.watch()
			defer stop()
			srv := &genkan.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })}
			if w != nil {
				srv.Watch = w
			}
			e, err := socket.ParseEndpoint("127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			l, err := srv.Listen(e)
			if err != nil {
				b.Fatal(err)
			}
			go srv.Serve(l)
			defer srv.Close()
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			out, in := []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(out); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Read(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
