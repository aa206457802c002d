package genkan

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// Listener is a listening socket of our own, from [Server.Listen], to be given
// to [Server.Serve]. It is a net.Listener, so that it can stand wherever one
// is expected.
type Listener struct {
	srv  *Server
	fd   socket.FD // -1: net stands in, on systems without a loop
	addr socket.Addr

	mu      sync.Mutex
	net     net.Listener // nil: nobody has wanted it
	kept    bool         // the path of a UNIX socket stays
	closed  bool
	closing []func()
}

// Listen opens a socket: socket(2), setsockopt(2), bind(2), listen(2), asked
// of the server's Kernel. Where there is no loop, package net opens it. A
// socket that systemd or another parent process has opened is one of
// [socket.InheritedEndpoints]; closing it leaves it to them as it was, with
// what waits in its queue and, for a UNIX path, the file.
func (srv *Server) Listen(e socket.Endpoint) (*Listener, error) {
	srv.begin()
	if !loop.Supported && srv.newPoller == nil {
		return srv.listenNet(e)
	}
	fd, addr, err := socket.Open(srv.kernel, e, 0)
	if err != nil {
		return nil, err
	}
	return &Listener{srv: srv, fd: fd, addr: addr, kept: e.Addr.Family == 0}, nil
}

// Addr is where it listens, as package net has it.
func (l *Listener) Addr() net.Addr {
	if l.fd < 0 {
		return l.net.Addr()
	}
	return netAddr(l.addr)
}

// SocketAddr is where it listens, with the port that the kernel chose.
func (l *Listener) SocketAddr() socket.Addr { return l.addr }

// SetUnlinkOnClose says whether Close removes the path of a UNIX socket, as the
// method of net.UnixListener does. It does by default, unless the socket was
// inherited. A path that stays is in nobody's way: the next Listen finds that
// nobody answers there, and replaces it.
func (l *Listener) SetUnlinkOnClose(unlink bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = !unlink
	if u, ok := l.net.(*net.UnixListener); ok && l.fd < 0 {
		u.SetUnlinkOnClose(unlink)
	}
}

// Close stops listening: what waits in the kernel's queue is refused, and a
// UNIX path that is still ours is removed ([Listener.SetUnlinkOnClose]).
// Connections go on.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	closing, kept, stands := l.closing, l.kept, l.net
	l.mu.Unlock()
	for _, f := range closing {
		f()
	}
	var err error
	if stands != nil {
		err = stands.Close()
	}
	if l.fd < 0 {
		return err
	}
	err = errors.Join(err, l.srv.kernel.Close(l.fd)) // what stood in had a descriptor of its own
	if l.addr.Family == socket.UNIX && !kept {       // after the close: it asks whether anybody still listens there
		err = errors.Join(err, socket.RemoveUnix(l.srv.kernel, l.addr))
	}
	return err
}

// onClose has f called when Close is, before the descriptor is given back. At
// once, if that has been.
func (l *Listener) onClose(f func()) {
	l.mu.Lock()
	closed := l.closed
	l.closing = append(l.closing, f)
	l.mu.Unlock()
	if closed {
		f()
	}
}

// Accept is for who does not want the loop: the next connection as a net.Conn.
// It is not to be called while Serve serves l.
func (l *Listener) Accept() (net.Conn, error) {
	n, err := l.standIn()
	if err != nil {
		return nil, err
	}
	return n.Accept()
}

// standIn is the socket as package net's.
func (l *Listener) standIn() (_ net.Listener, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, net.ErrClosed
	}
	if l.net == nil {
		l.net, err = l.asNet()
	}
	return l.net, err
}

// listenNet is Listen where there is no loop.
func (srv *Server) listenNet(e socket.Endpoint) (*Listener, error) {
	l := &Listener{srv: srv, fd: -1, addr: e.Addr}
	var err error
	switch {
	case e.Addr.Family == 0:
		f := os.NewFile(uintptr(e.Inherited), "inherited socket")
		l.net, err = net.FileListener(f)
		f.Close()
	case e.Addr.Family == socket.UNIX:
		l.net, err = net.Listen("unix", e.Addr.Path)
		if err == nil && e.Mode != 0 {
			err = os.Chmod(e.Addr.Path, e.Mode)
		}
	case e.DualStack:
		l.net, err = net.Listen("tcp", e.Addr.IP.String())
	case e.Addr.IP.Addr().Is4():
		l.net, err = net.Listen("tcp4", e.Addr.IP.String())
	default:
		l.net, err = net.Listen("tcp6", e.Addr.IP.String())
	}
	if err != nil {
		return nil, fmt.Errorf("listen %v: %w", e, err)
	}
	if a, ok := l.net.Addr().(*net.TCPAddr); ok {
		l.addr = socket.TCP(a.AddrPort())
	}
	return l, nil
}

// resolve makes an endpoint of http.Server's "host:port", which may name a
// host and a service.
func resolve(addr string) (socket.Endpoint, error) {
	if addr == "" {
		addr = ":http"
	}
	if strings.Contains(addr, "://") || strings.HasPrefix(addr, "unix:") {
		return socket.ParseEndpoint(addr)
	}
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return socket.Endpoint{}, fmt.Errorf("listen address %q: %w", addr, err)
	}
	ap := a.AddrPort()
	if !ap.Addr().IsValid() { // no host: every address
		ap = netip.AddrPortFrom(netip.IPv6Unspecified(), ap.Port())
	}
	ap = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	e := socket.Endpoint{Addr: socket.TCP(ap), Inherited: -1}
	e.DualStack = ap.Addr().Is6() && ap.Addr().IsUnspecified()
	return e, nil
}
