package genkan

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// differences are the conversations in which net/http answers otherwise, and
// why Genkan does not follow.
var differences = map[string]string{
	"1.0":                            "we say Connection: close whenever we close, and HTTP/1.1, the version that we speak (RFC 9110 6.2)",
	"1.0 keep-alive":                 "we answer HTTP/1.1 (RFC 9110 6.2)",
	"1.0 keep-alive, length unknown": "as 1.0",
	"close wins over keep-alive":     "as 1.0",
	"no early hints on 1.0":          "net/http sends them, against RFC 9110 15.2",
	"empty lines first":              "net/http's words are fewer",
	"empty line first":               "net/http refuses what RFC 9112 2.2 asks servers to ignore",
	"more than declared":             "net/http drops the whole write that goes beyond, so that the answer is too short; we send what was declared",
	"a byte above":                   "the sizes of chunks are nobody's promise",
	"declared nonsense":              "net/http leaves it out as well, and then sends chunks",
	"8 KiB":                          "net/http knows a length up to 2 KiB only",
	"refused":                        "net/http's words are fewer",
	"refused behind a good one":      "net/http's words are fewer",
	"nothing after a refused one":    "net/http takes a line that ends with LF alone (RFC 9112 2.2 permits it, smugglers use it)",
	"version 2":                      "net/http's words are fewer",
	"preface of HTTP/2":              "net/http answers 505 in words of its own",
	"long target":                    "net/http has no limit for the line, only for the head",
	"many fields":                    "net/http has no limit for their number",
	"TLS":                            "net/http's words are fewer",
	"two framings":                   "net/http lets Transfer-Encoding win, which RFC 9112 6.3 permits, and smugglers use",
	"unknown coding":                 "net/http's words are fewer",
	"unknown expectation":            "net/http's words are fewer",
	"no URL":                         "net/http's words are fewer",
}

// TestParity holds each conversation with net/http too. Where its answer is
// another one, byte for byte, the table must say why; and it may not say so
// without need.
func TestParity(t *testing.T) {
	clean(t)
	standard := httptest.NewUnstartedServer(http.HandlerFunc(at))
	standard.Config.ErrorLog = log.New(io.Discard, "", 0)
	standard.Start()
	defer standard.Close()
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", standard.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			v := &visitor{t: t, Conn: conn, in: bufio.NewReader(conn)}
			defer v.Close()
			v.say(c.send)
			v.halfClose() // then it ends in any case, and what it says has an end
			got := v.hear(-1)
			same := got == c.want
			if i := strings.Index(c.want, "…"); i >= 0 {
				same = strings.HasPrefix(got, c.want[:i])
			}
			why, known := differences[c.name]
			switch {
			case !same && !known:
				t.Errorf("net/http answers\n%q\nand we\n%q\nand nothing says why", got, c.want)
			case same && known:
				t.Errorf("net/http answers as we do, and the table of differences says %q", why)
			}
		})
	}
}
