package genkan

import (
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// browserRequest is what a browser sends for a page.
var browserRequest = strings.ReplaceAll(`GET /plain HTTP/1.1
Host: localhost:8080
Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
Sec-Fetch-Site: none
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-GB,en;q=0.9,ja;q=0.8
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark

`, "\n", "\r\n")

// BenchmarkRequest is a request and its answer over a loopback connection. The
// client allocates nothing, so that the allocations are the server's and the
// handler's. Its times hold both ends and the wake-ups between them: what a
// request costs the server is measured in bench/.
func BenchmarkRequest(b *testing.B) {
	for _, server := range []string{"genkan", "net/http"} {
		b.Run(server+"/plain", func(b *testing.B) { benchmarkRequest(b, server, "GET /plain HTTP/1.1\r\nHost: h\r\n\r\n") })
		b.Run(server+"/browser", func(b *testing.B) { benchmarkRequest(b, server, browserRequest) })
	}
}

func benchmarkRequest(b *testing.B, server, request string) {
	c, err := net.Dial("tcp", benchmarkServer(b, server, benchmarkMux()))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	out, in := []byte(request), make([]byte, 4096)
	ask := func() {
		if _, err := c.Write(out); err != nil {
			b.Fatal(err)
		}
		if n, err := c.Read(in); err != nil || n < len("Hello, World!\n") || string(in[n-len("World!\n"):n]) != "World!\n" {
			b.Fatalf("%q, %v", in[:n], err)
		}
	}
	for range 100 { // pools, and the table of routes, fill
		ask()
	}
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// benchmarkMux is what both kinds of benchmark ask.
func benchmarkMux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /plain", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "Hello, World!\n")
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(body)
	})
	return mux
}

// benchmarkServer starts a server and gives its address.
func benchmarkServer(b *testing.B, server string, h http.Handler) string {
	quiet := log.New(io.Discard, "", 0)
	if server == "net/http" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		srv := &http.Server{Handler: h, ErrorLog: quiet}
		go srv.Serve(l)
		b.Cleanup(func() { srv.Close() })
		return l.Addr().String()
	}
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := &Server{Handler: h, ErrorLog: quiet}
	l, err := srv.Listen(e)
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	b.Cleanup(func() {
		srv.Close()
		<-served
	})
	return l.Addr().String()
}
