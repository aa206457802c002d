package genkan

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// requests are sent to net/http and to us, and the http.Request that the
// handler gets is compared field by field.
var requests = []string{
	"GET /" + get + "\r\n",
	"GET /a/b%20c/%2Fd/é?x=1&y=%zz" + get + "\r\n",
	"GET /a/b%20c/%2Fd?x=1&y=%zz" + get + "\r\n",
	"GET /a;b,c:d@e!f*g'(h)" + get + "\r\n",
	"GET //double//slash/../x" + get + "\r\n",
	"GET /?" + get + "\r\n",
	"GET /x??" + get + "\r\n",
	"GET /{x}|y" + get + "\r\n",
	"GET http://other.example:81/path?q" + get + "\r\n",
	"GET http://other.example" + get + "\r\n",
	"GET HTTPS://other.example/X" + get + "\r\n",
	"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n",
	"FOO /" + get + "\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"GET /" + get + "Connection: close\r\n\r\n",
	"GET /" + get + "Connection: Upgrade, close\r\nUpgrade: x\r\n\r\n",
	"GET /" + get + "accept: a\r\nAccept: b\r\nx-y_z: 1\r\nX-Y_Z:2 \t\r\nCookie: a=b\r\n\r\n",
	"GET /" + get + "Empty:\r\nTab: a\tb\r\nHigh: \xe4\xb8\x96\r\n\r\n",
	"GET /" + get + "Pragma: no-cache\r\n\r\n",
	"GET /" + get + "Pragma: no-cache\r\nCache-Control: max-age=1\r\n\r\n",
	"GET /" + get + "Pragma: other\r\n\r\n",
	"GET /" + get + "Trailer: X\r\n\r\n",
	"POST /" + get + "Content-Length: 3\r\n\r\nabc",
	"POST /" + get + "Content-Length: 0\r\n\r\n",
	"POST /" + get + "Content-Length: 003\r\n\r\nabc",
	"POST /" + get + "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	"POST /" + get + "Transfer-Encoding: chunked\r\nTrailer: Sum, other\r\nTrailer: Third\r\n\r\n3\r\nabc\r\n0\r\nSum: 1\r\nsum: 2\r\nSurprise: 3\r\n\r\n",
	"POST /" + get + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
	"POST /" + get + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=b&c=d",
}

// requestDifferences are those where Genkan tells the handler something else.
var requestDifferences = map[string]string{
	"GET /a/b%20c/%2Fd/é?x=1&y=%zz" + get + "\r\n": "bytes beyond ASCII are no URL (RFC 3986 2): refused",
}

// described is all that a handler can see of r.
func described(r *http.Request) string {
	var b strings.Builder
	line := func(name string, v any) { fmt.Fprintf(&b, "%s: %#v\n", name, v) }
	fields := func(name string, h http.Header) {
		for _, key := range slices.Sorted(maps.Keys(h)) {
			line(name+" "+key, h[key])
		}
	}
	line("Method", r.Method)
	line("URL", *r.URL)
	line("RequestURI", r.RequestURI)
	line("Proto", []any{r.Proto, r.ProtoMajor, r.ProtoMinor})
	line("Host", r.Host)
	fields("Header", r.Header)
	line("ContentLength", r.ContentLength)
	line("TransferEncoding", r.TransferEncoding)
	line("Close", r.Close)
	line("no body", r.Body == http.NoBody)
	fields("Trailer before", r.Trailer)
	body, err := io.ReadAll(r.Body)
	line("body", string(body))
	line("read error", err)
	fields("Trailer after", r.Trailer)
	line("set by clients only", []any{r.GetBody == nil, r.Response == nil, r.TLS == nil, r.Form == nil, r.Pattern})
	host, port, err := net.SplitHostPort(r.RemoteAddr)
	line("RemoteAddr", []any{host, port != "", err})
	ctx := r.Context()
	addr, isTCP := ctx.Value(http.LocalAddrContextKey).(*net.TCPAddr)
	line("local address", []any{isTCP, addr != nil && addr.IP.IsLoopback()})
	line("server", ctx.Value(http.ServerContextKey) != nil)
	line("base", ctx.Value(baseKey{}))
	deadline, has := ctx.Deadline()
	line("deadline", []any{deadline, has})
	line("error", ctx.Err())
	return b.String()
}

type baseKey struct{}

// TestRequestParity compares what handlers are told.
func TestRequestParity(t *testing.T) {
	clean(t)
	base := context.WithValue(context.Background(), baseKey{}, "base")
	told := make(chan string, 1)
	handler := func(w http.ResponseWriter, r *http.Request) { told <- described(r) }
	standard := httptest.NewUnstartedServer(http.HandlerFunc(handler))
	standard.Config.BaseContext = func(net.Listener) context.Context { return base }
	standard.Start()
	defer standard.Close()
	ask := func(t *testing.T, dial func() (net.Conn, error), request string) string {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		v := &visitor{t: t, Conn: conn, in: bufio.NewReader(conn)}
		defer v.Close()
		v.say(request)
		// When an answer has come the handler was called, or never will be.
		res, _ := v.answer("HEAD")
		for res.StatusCode == http.StatusContinue {
			res, _ = v.answer("HEAD")
		}
		select {
		case s := <-told:
			return s
		default:
			return "refused: " + res.Status
		}
	}
	for _, s := range []stage{stageTCP, stageDirect} {
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, handler, withBase(base))
			for _, request := range requests {
				want := ask(t, dialer("tcp", standard.Listener.Addr().String()), request)
				got := ask(t, h.dial, request)
				if _, known := requestDifferences[request]; known == (got != want) {
					continue
				}
				t.Errorf("%q\ngenkan:\n%s\nnet/http:\n%s", request, got, want)
			}
		})
	}
}
