package trace

import (
	"fmt"
	"strconv"

	"github.com/genkan-http/genkan/socket"
)

// The calls that move bytes. The bytes are copied after the call returned: a
// Recv's did not exist before, and a Send's are the first n, the ones that the
// kernel took.

// Recv implements [socket.Kernel].
func (t *Tap) Recv(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	e := t.begin(Recv, fd, bytesArgs(fd, len(p), flags))
	n, err := t.kernel.Recv(fd, p, flags)
	e.Result = strconv.Itoa(n)
	if n == 0 && len(p) > 0 {
		e.Result = "0 (the end: the peer sends no more)"
	}
	t.received(e, p, n, flags, err)
	return n, err
}

// Recvfrom implements [socket.Kernel].
func (t *Tap) Recvfrom(fd socket.FD, p []byte, flags socket.MsgFlag) (int, socket.Addr, error) {
	e := t.begin(Recvfrom, fd, bytesArgs(fd, len(p), flags))
	n, from, err := t.kernel.Recvfrom(fd, p, flags)
	e.Result = strconv.Itoa(n)
	if from.Family != 0 {
		e.Result += " from " + peerText(from)
	}
	t.received(e, p, n, flags, err)
	return n, from, err
}

// Send implements [socket.Kernel].
func (t *Tap) Send(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	e := t.begin(Send, fd, bytesArgs(fd, len(p), flags))
	n, err := t.kernel.Send(fd, p, flags)
	t.sent(e, p, n, err)
	return n, err
}

// Sendto implements [socket.Kernel].
func (t *Tap) Sendto(fd socket.FD, p []byte, flags socket.MsgFlag, to socket.Addr) (int, error) {
	e := t.begin(Sendto, fd, bytesArgs(fd, len(p), flags)+", "+to.String())
	n, err := t.kernel.Sendto(fd, p, flags, to)
	t.sent(e, p, n, err)
	return n, err
}

// Sendfile implements [socket.Kernel]. Its bytes never come into the program,
// so the event has none.
func (t *Tap) Sendfile(out, in socket.FD, offset int64, n int) (int, error) {
	e := t.begin(Sendfile, out, fmt.Sprintf("%d, %d, %d, %d", out, in, offset, n))
	moved, err := t.kernel.Sendfile(out, in, offset, n)
	t.sent(e, nil, moved, err)
	return moved, err
}

// received counts n bytes, unless they were only looked at, and reports.
func (t *Tap) received(e Event, p []byte, n int, flags socket.MsgFlag, err error) {
	if f := t.flow(e.FD); f != nil {
		e.Off = f.received.Load()
		if flags&socket.PEEK == 0 && n > 0 {
			f.received.Add(int64(n))
		}
	}
	e.moved(p, n, t.bytes)
	t.report(e, err)
}

// sent counts n bytes and reports.
func (t *Tap) sent(e Event, p []byte, n int, err error) {
	if f := t.flow(e.FD); f != nil {
		e.Off = f.sent.Load()
		if n > 0 {
			f.sent.Add(int64(n))
		}
	}
	e.Result = strconv.Itoa(n)
	e.moved(p, n, t.bytes)
	t.report(e, err)
}

// moved notes the n bytes of p that the call moved, the first keep of them in
// full. A datagram's n may be larger than p: it was cut.
func (e *Event) moved(p []byte, n, keep int) {
	e.Len = max(n, 0)
	e.Data = Copy(p[:min(e.Len, len(p))], keep)
}
