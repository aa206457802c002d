package smuggle

import (
	"bufio"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
)

// naive is a back that knows no chunks: what smuggling lives on. It is here to
// see that the contest finds it.
func naive(t *testing.T, s *seen) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := textproto.NewReader(bufio.NewReader(c))
				for {
					line, err := in.ReadLine()
					if err != nil {
						return
					}
					h, _ := in.ReadMIMEHeader()
					n, _ := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
					if _, err := io.CopyN(io.Discard, in.R, n); err != nil {
						return
					}
					s.mu.Lock()
					s.list = append(s.list, strings.TrimSuffix(line, " HTTP/1.1"))
					s.mu.Unlock()
					if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n"+fromBack+": 1\r\nContent-Length: 3\r\n\r\nok\n"); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestContestFinds: a back that reads otherwise than the front before it is
// found.
func TestContestFinds(t *testing.T) {
	addresses, all := make([]string, lanes), make([]*seen, lanes)
	for i := range addresses {
		all[i] = &seen{}
		addresses[i] = genkanServer(t, proxyTo(t, naive(t, all[i])))
	}
	r := compete(t, addresses, func(lane int) []string { return all[lane].take() })
	if r.disagreed.Load() == 0 {
		t.Errorf("a back that does not know chunks went unnoticed in %d attempts", r.attempts.Load())
	}
}
