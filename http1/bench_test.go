package http1

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// What Chromium sends for a page.
var browserHead = strings.ReplaceAll(`GET /articles/2024/reading-list?page=2 HTTP/1.1
Host: www.example.com
Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Sec-Fetch-Site: none
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-US,en;q=0.9,ja;q=0.8

`, "\n", "\r\n")

const plainHead = "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"

func benchRequest(b *testing.B, head string) {
	var p RequestParser
	in := []byte(head)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		n, ev, err := p.Next(in, false)
		if err != nil || ev.Kind != EventHead || n != len(in) {
			b.Fatal(n, ev, err)
		}
		if _, ev, _ = p.Next(nil, false); ev.Kind != EventEnd {
			b.Fatal(ev)
		}
	}
}

func BenchmarkRequestBrowser(b *testing.B) { benchRequest(b, browserHead) }
func BenchmarkRequestPlain(b *testing.B)   { benchRequest(b, plainHead) }

func BenchmarkResponseParse(b *testing.B) {
	var p ResponseParser
	in := []byte("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		p.Expect("GET")
		rest := in
		for kind := EventNeedMore; kind != EventEnd; {
			n, ev, err := p.Next(rest, false)
			if err != nil {
				b.Fatal(err)
			}
			rest, kind = rest[n:], ev.Kind
		}
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendStatusLine(dst[:0], 200)
		dst, _ = AppendField(dst, "Date", "Sun, 06 Nov 1994 08:49:37 GMT")
		dst, _ = AppendField(dst, "Content-Type", "text/plain; charset=utf-8")
		dst = AppendContentLength(dst, 13)
		dst = append(AppendHeadEnd(dst), "Hello, World!"...)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkCanonicalName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CanonicalName("User-Agent")
		CanonicalName("sec-ch-ua-platform")
	}
}

// BenchmarkNetHTTPBrowser is the yardstick: the same head, read by net/http.
func BenchmarkNetHTTPBrowser(b *testing.B) {
	in := strings.NewReader("")
	br := bufio.NewReader(in)
	b.SetBytes(int64(len(browserHead)))
	b.ReportAllocs()
	for b.Loop() {
		in.Reset(browserHead)
		br.Reset(in)
		if _, err := http.ReadRequest(br); err != nil {
			b.Fatal(err)
		}
	}
}
