package genkan

import (
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestUnsent: of an answer that nobody reads the kernel takes little, once many
// connections wait as this one will.
func TestUnsent(t *testing.T) {
	var taken atomic.Int64
	h := serve(t, stageTCP, func(w http.ResponseWriter, r *http.Request) {
		for piece := make([]byte, 16<<10); ; taken.Add(int64(len(piece))) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	h.srv.waiting.Add(waitMany)
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 64<<10) })
	}}
	c, err := d.Dial("tcp", h.at())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	v := &visitor{t: t, Conn: c}
	v.say("GET /" + get + "\r\n")
	before, since := int64(-1), time.Now()
	until(t, "the kernel takes no more", func() bool {
		if now := taken.Load(); now != before {
			before, since = now, time.Now()
		}
		return before > 0 && time.Since(since) > 300*time.Millisecond
	})
	if most := int64(128<<10 + unsentMost + 256<<10); before > most { // the peer's window, ours, and some packets
		t.Errorf("the kernel took %d bytes of an answer that nobody reads, want at most %d", before, most)
	}
	v.reset()
	h.closed()
}
