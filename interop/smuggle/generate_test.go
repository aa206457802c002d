package smuggle

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// hidden is the request that stands where another reader sees a body.
const hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"

// last asks for the end of the connection, so that nobody waits for more.
const last = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

// framings are the fields that two readers might read differently. %d is the
// length of the body.
var framings = []string{
	"Content-Length: %d\r\n",
	"Content-Length: %d\r\nContent-Length: 0\r\n",
	"Content-Length: 0\r\nContent-Length: %d\r\n",
	"Content-Length: %d\r\nContent-Length: %[1]d\r\n",
	"Content-Length: %d, %[1]d\r\n",
	"Content-Length: 0, %d\r\n",
	"Content-Length: +%d\r\n",
	"Content-Length: -%d\r\n",
	"Content-Length: 0%d\r\n",
	"Content-Length: 0x%x\r\n",
	"Content-Length: %d \r\n",
	"Content-Length : %d\r\n",
	"Content-Length:\t%d\r\n",
	"Content-Length: \x0b%d\r\n",
	"Content-Length: %d\x00\r\n",
	" Content-Length: %d\r\n",
	"Content-Length:\r\n %d\r\n",
	"X: y\nContent-Length: %d\r\n",
	"X: y\rContent-Length: %d\r\n",
	"X\x00: y\r\nContent-Length: %d\r\n",
	"Content_Length: %d\r\n",
	"content-length: %d\r\n",
	"Content-Length: 18446744073709551616\r\n",
	"Transfer-Encoding: chunked\r\n",
	"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n",
	"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n",
	"Transfer-Encoding : chunked\r\n",
	"Transfer-Encoding: chunked \r\n",
	"Transfer-Encoding:\tchunked\r\n",
	"Transfer-Encoding: \x0bchunked\r\n",
	"Transfer-Encoding: xchunked\r\n",
	"Transfer-Encoding: chunked, identity\r\n",
	"Transfer-Encoding: identity, chunked\r\n",
	"Transfer-Encoding: chunked, chunked\r\n",
	"Transfer-Encoding: gzip, chunked\r\n",
	"Transfer-Encoding: identity\r\nContent-Length: %d\r\n",
	"Transfer-Encoding: \"chunked\"\r\n",
	"Transfer-Encoding: chunked;q=1\r\n",
	"Transfer-Encoding: CHUNKED\r\n",
	"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
	"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
	"Transfer-Encoding:\r\n chunked\r\n",
	"Transfer-Encoding: x\r\n chunked\r\n",
	"Transfer_Encoding: chunked\r\n",
	"X: y\nTransfer-Encoding: chunked\r\n",
	"X: y\r\n\rTransfer-Encoding: chunked\r\n",
	"Transfer-Encoding: chunked\x00\r\nContent-Length: %d\r\n",
	"Connection: Content-Length\r\nContent-Length: %d\r\n",
	"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
	"Expect: 100-continue\r\nContent-Length: %d\r\n",
	"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: %d\r\n",
	"",
}

// bodies are what may follow; the hidden request is in each.
var bodies = []string{
	hidden,
	"0\r\n\r\n" + hidden,
	"%x\r\n" + hidden + "\r\n0\r\n\r\n",
	"%x;a=b\r\n" + hidden + "\r\n0\r\n\r\n",
	"%x;\n" + hidden + "\r\n0\r\n\r\n",
	"%x\n" + hidden + "\n0\n\n",
	"0%x\r\n" + hidden + "\r\n0\r\n\r\n",
	"0x%x\r\n" + hidden + "\r\n0\r\n\r\n",
	"+%x\r\n" + hidden + "\r\n0\r\n\r\n",
	" %x \r\n" + hidden + "\r\n0\r\n\r\n",
	"%x\r\n" + hidden + "0\r\n\r\n",
	"%x\r\r\n" + hidden + "\r\n0\r\n\r\n",
	"1000000000000000%x\r\n" + hidden + "\r\n0\r\n\r\n",
	"0\r\nX: y\r\n\r\n" + hidden,
	"0\r\nContent-Length: 99\r\n\r\n" + hidden,
	"0\n\n" + hidden,
	"0\r\n" + hidden,
	"0;\r\nX\r\n\r\n" + hidden,
	"0 \r\n\r\n" + hidden,
	"00000\r\n\r\n" + hidden,
	"3\r\nabc\r\n0\r\n\r\n" + hidden,
	"3\r\nabcd\r\n0\r\n\r\n" + hidden,
	"\r\n" + hidden,
}

// lines are beginnings that two readers might not take for the same.
var lines = []string{
	"POST /first HTTP/1.1\r\n", "GET /first HTTP/1.1\r\n", "POST /first HTTP/1.0\r\n", "POST  /first HTTP/1.1\r\n", "POST /first  HTTP/1.1\r\n", "POST /first HTTP/1.1 \r\n", "POST\t/first\tHTTP/1.1\r\n",
	"post /first HTTP/1.1\r\n", "POST http://h/first HTTP/1.1\r\n", "POST http://other/first HTTP/1.1\r\n", "POST /first HTTP/1.2\r\n", "POST /first HTTP/01.1\r\n", "POST /first\r\n", "\r\nPOST /first HTTP/1.1\r\n", "\nPOST /first HTTP/1.1\r\n",
	"POST /fi\x00rst HTTP/1.1\r\n", "POST /first#x HTTP/1.1\r\n", "POST /first HTTP/1.1\n", "HEAD /first HTTP/1.1\r\n", "DELETE /first HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n",
}

// generate is the bytes of one attempt.
func generate(random *rand.Rand) []byte {
	body := pick(random, bodies)
	if strings.Contains(body, "%x") {
		body = fmt.Sprintf(body, len(hidden))
	}
	framing := pick(random, framings)
	length := len(body)
	switch random.IntN(8) {
	case 0:
		length = 0
	case 1:
		length = strings.Index(body, "GET /hidden")
	case 2:
		length += random.IntN(5)
	}
	if strings.Contains(framing, "%") {
		framing = fmt.Sprintf(framing, length)
	}
	if random.IntN(4) == 0 {
		framing += strings.ReplaceAll(pick(random, framings), "%d", fmt.Sprint(length))
	}
	host := "Host: h\r\n"
	if random.IntN(20) == 0 {
		host = pick(random, []string{"", "Host: h\r\nHost: i\r\n", "Host: h, i\r\n", "Host : h\r\n", "Host: h\x00\r\n"})
	}
	wire := []byte(pick(random, lines[:1+random.IntN(len(lines))]) + host + framing + "\r\n" + body)
	for range random.IntN(3) {
		wire = mutate(random, wire)
	}
	return append(wire, last...)
}

func pick(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }

// mutate changes a byte or a few.
func mutate(random *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	at := random.IntN(len(b))
	odd := []byte("\r\n\t \x00\x0b\x0c:;,=-+_\"'0aAxX\x7f\x80\xff")
	switch random.IntN(6) {
	case 0:
		b[at] = odd[random.IntN(len(odd))]
	case 1:
		return append(b[:at:at], append([]byte{odd[random.IntN(len(odd))]}, b[at:]...)...)
	case 2:
		return append(b[:at:at], b[at+1:]...)
	case 3:
		end := min(at+1+random.IntN(8), len(b))
		return append(b[:end:end], b[at:]...)
	case 4: // a line twice
		lines := bytes.SplitAfter(b, []byte("\n"))
		i := random.IntN(len(lines))
		return bytes.Join(append(lines[:i+1:i+1], lines[i:]...), nil)
	case 5: // two lines change places
		lines := bytes.SplitAfter(b, []byte("\n"))
		i, j := random.IntN(len(lines)), random.IntN(len(lines))
		lines[i], lines[j] = lines[j], lines[i]
		return bytes.Join(lines, nil)
	}
	return b
}
