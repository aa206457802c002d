package genkan

import (
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/proxyproto"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// A proxy that relays connections as they are says, before anything else on
// each of them, whose it is (package proxyproto). Where the header is read:
//
//	plain, on a loop     by run, as the first bytes of all: like a head it may come
//	                     in pieces, and the connection rests in between, without a
//	                     goroutine
//	TLS, or callbacks    by begin, which has a goroutine of its own already, and what
//	                     follows (a handshake, the program's ConnContext) needs the
//	                     client's address
//	over a net.Conn      by the connection's goroutine
//
// Until the header is whole the connection is nobody's: no callback of the
// program has seen it, and nothing is answered.

// trusts says whether what comes from peer has to begin with a PROXY header.
func (srv *Server) trusts(peer socket.Addr) bool {
	if peer.Family == socket.UNIX {
		return srv.TrustUnixProxies
	}
	ip := peer.IP.Addr().WithZone("")
	for _, p := range srv.TrustedProxies {
		if p.Contains(ip) || p.Contains(ip.Unmap()) { // a dual-stack socket sees IPv4 peers mapped
			return true
		}
	}
	return false
}

// expectHeader makes a new connection begin with a PROXY header.
func (c *conn) expectHeader() {
	c.phase.Store(phaseProxy)
	c.headDeadline = c.requestBegan.After(proxyTimeout)
}

// proxied looks for the header in what has arrived through tr. wait: it is not
// whole yet. ended: the connection has ended, as the Ending says.
func (c *conn) proxied(w *work, tr transport) (end loop.Ending, wait, ended bool) {
	if c.eof && w.r == w.w {
		return c.close(http1.PeerClosed), false, true // a proxy that looked whether anybody listens
	}
	h, n, err := proxyproto.Parse(w.unparsed(), c.eof)
	switch {
	case err != nil:
		c.emitHeader(w, tr, trace.Event{Note: "refused: no PROXY header", Len: w.w - w.r, Err: err})
		c.srv.report(slog.LevelWarn, "a connection from a trusted proxy did not begin with a PROXY header",
			"genkan: a connection from %s, a trusted proxy, was closed: %v", slog.String("peer", c.remoteAddr()), slog.Any("error", err))
		return c.close(http1.ProxyHeaderRefused), false, true
	case n == 0:
		return end, true, false
	}
	c.emitHeader(w, tr, trace.Event{Note: h.String(), Len: n})
	w.r += n
	c.announce(h)
	c.headDeadline = c.requestBegan.After(c.srv.headTime())
	c.phase.Store(phaseNew)
	if w.r < w.w {
		c.phase.Store(phaseHead)
	}
	return end, false, false
}

// announce makes the connection the client's.
func (c *conn) announce(h proxyproto.Header) {
	switch h.Family {
	case proxyproto.None:
		return // the proxy speaks for itself, or does not know
	case proxyproto.UNIX:
		c.peer, c.wanted = socket.Unix(h.Source.Path), &net.UnixAddr{Name: h.Destination.Path, Net: "unix"}
	default:
		c.peer, c.wanted = socket.TCP(h.Source.IP), net.TCPAddrFromAddrPort(h.Destination.IP)
	}
	c.remote = ""
}

// localAddr is where the client went: an address of the proxy's, if there is
// one, else the connection's own.
func (c *conn) localAddr() net.Addr {
	if c.wanted != nil {
		return c.wanted
	}
	return c.tr.local()
}

// awaitHeader is proxied for those who have a goroutine and may wait. What was
// received beyond the header is left in w.
func (c *conn) awaitHeader(w *work, tr transport) (loop.Ending, bool) {
	for c.phase.Load() == phaseProxy {
		if end, wait, ended := c.proxied(w, tr); ended {
			return end, false
		} else if !wait {
			break
		}
		n, err := tr.recv(w.room(inBuffer), c.headDeadline)
		if err == socket.ErrAgain {
			if err = tr.waitRecv(c.headDeadline.Time()); err == nil {
				continue
			}
		}
		if err != nil {
			return c.recvFailed(w, err), false
		}
		w.w += n
		c.eof = n == 0
	}
	return loop.Ending{}, true
}

// awaitHeaderDirect is awaitHeader over a net.Conn. With TLS the header comes
// before the handshake, so it is received below crypto/tls.
func (c *conn) awaitHeaderDirect(w *work) bool {
	if c.phase.Load() != phaseProxy {
		return true
	}
	view, tr := c.view, c.tr
	below, plain := view.(*relayed)
	if !plain {
		below = view.(*tls.Conn).NetConn().(*relayed)
		tr = &netTransport{nc: below, c: c}
	}
	c.view = nil // the callbacks do not know of it yet
	if _, ok := c.awaitHeader(w, tr); !ok {
		return false
	}
	c.view = view
	if c.wanted != nil {
		below.remote, below.local = netAddr(c.peer), c.wanted
	}
	if !plain {
		below.early = w.take()
	}
	return true
}

// emitHeader reports what was made of the first bytes.
func (c *conn) emitHeader(w *work, tr transport, ev trace.Event) {
	ring := c.srv.ring
	if ring == nil {
		return
	}
	received, _ := tr.offsets()
	ev.Time, ev.Verb = time.Now(), trace.Parse
	ev.Off = received - int64(w.w-w.r)
	ev.Data = clip(w.in[w.r:w.r+ev.Len], ring.WantBytes())
	c.emit(ev)
}
