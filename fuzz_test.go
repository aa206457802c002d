package genkan

import (
	"bytes"
	"io"
	"math/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// FuzzConversation sends any bytes, whole and in pieces, and ends its sending.
// The server must answer or close, in words that begin as an answer does, and
// the pieces must make no difference. (A panic of ours ends the process, and
// goroutines that stay fail the end of the test.)
func FuzzConversation(f *testing.F) {
	for i, c := range conversations {
		f.Add([]byte(c.send), int64(i))
	}
	f.Add([]byte("POST /echo"+get+"Transfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"c\"\r\nhello\r\n0\r\nA: b\r\n\r\nGET /hello"+get+"\r\n"), int64(1))
	h := serve(f, stageMemory, at, func(srv *Server) { srv.Watch = nil })
	f.Fuzz(func(t *testing.T, data []byte, seed int64) {
		h.t = t
		whole := h.whole(t, data, nil)
		if whole != "" && !strings.HasPrefix(whole, "HTTP/1.1 ") {
			t.Fatalf("%q was answered %q", data, whole)
		}
		if bytes.Contains(bytes.ToLower(data), []byte("expect")) {
			h.whole(t, data, rand.New(rand.NewSource(seed)))
			return // whether 100 Continue is said depends on what has arrived
		}
		if split := h.whole(t, data, rand.New(rand.NewSource(seed))); split != whole {
			t.Fatalf("%q\nwhole: %q\nsplit: %q", data, whole, split)
		}
	})
}

// whole is everything that the server says to data, which is sent in pieces of
// random sizes if there is a source of chance.
func (h *hall) whole(t *testing.T, data []byte, random *rand.Rand) string {
	v := h.visit()
	defer v.Close()
	v.t = t
	v.SetDeadline(time.Now().Add(patience))
	for random != nil && len(data) > 0 {
		n := 1 + random.Intn(min(len(data), 64))
		v.Write(data[:n])
		data = data[n:]
		if random.Intn(2) == 0 {
			time.Sleep(20 * time.Microsecond) // maybe the server looks meanwhile
		}
	}
	v.Write(data)
	v.Conn.(interface{ CloseWrite() error }).CloseWrite() // an error: the server has closed already
	got, err := io.ReadAll(v.in)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("neither answered nor closed: %v\n%s", err, stacks())
	}
	return normal(string(got))
}

// TestAnswersAreParsable reads what the conversations give with our own
// parser of responses: what we say we understand.
func TestAnswersAreParsable(t *testing.T) {
	for _, c := range conversations {
		if strings.Contains(c.want, "…") || c.want == "" {
			continue
		}
		var p http1.ResponseParser
		in := []byte(c.want)
		broken := c.closed == http1.AnswerTooShort || c.closed == http1.HandlerPanicked
		for len(in) > 0 {
			p.Expect(map[bool]string{true: http.MethodHead, false: http.MethodGet}[strings.HasPrefix(c.send, "HEAD")])
			for {
				n, ev, err := p.Next(in, true)
				in = in[n:]
				if err != nil && broken {
					in = nil // and that it is incomplete, we understand as well
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if ev.Kind == http1.EventEnd && !p.Response.Interim {
					break
				}
			}
		}
	}
}
