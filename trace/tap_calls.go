package trace

import (
	"fmt"
	"strconv"

	"github.com/genkan-http/genkan/socket"
)

// The calls that make, name and end sockets. Those that move bytes are in
// tap_bytes.go.

// Socket implements [socket.Kernel].
func (t *Tap) Socket(family socket.Family, typ socket.Type) (socket.FD, error) {
	e := t.begin(Socket, -1, family.String()+", "+typ.String())
	fd, err := t.kernel.Socket(family, typ)
	if err == nil {
		e.FD = fd
		e.Result = itoa(fd)
	}
	t.report(e, err)
	return fd, err
}

// Setsockopt implements [socket.Kernel].
func (t *Tap) Setsockopt(fd socket.FD, opt socket.Option, value int) error {
	e := t.begin(Setsockopt, fd, fmt.Sprintf("%d, %s, %d", fd, optionName(opt), value))
	err := t.kernel.Setsockopt(fd, opt, value)
	return t.plain(e, err)
}

// Getsockopt implements [socket.Kernel].
func (t *Tap) Getsockopt(fd socket.FD, opt socket.Option) (int, error) {
	e := t.begin(Getsockopt, fd, fmt.Sprintf("%d, %s", fd, optionName(opt)))
	value, err := t.kernel.Getsockopt(fd, opt)
	e.Result = strconv.Itoa(value)
	t.report(e, err)
	return value, err
}

// Bind implements [socket.Kernel].
func (t *Tap) Bind(fd socket.FD, addr socket.Addr) error {
	e := t.begin(Bind, fd, fmt.Sprintf("%d, %s", fd, addr))
	return t.plain(e, t.kernel.Bind(fd, addr))
}

// Listen implements [socket.Kernel].
func (t *Tap) Listen(fd socket.FD, backlog int) error {
	args := fmt.Sprintf("%d, %d", fd, backlog)
	if backlog <= 0 {
		args = fmt.Sprintf("%d, SOMAXCONN", fd)
	}
	e := t.begin(Listen, fd, args)
	return t.plain(e, t.kernel.Listen(fd, backlog))
}

// Accept implements [socket.Kernel].
func (t *Tap) Accept(fd socket.FD, flags socket.Type) (socket.FD, socket.Addr, error) {
	args := itoa(fd)
	if flags != 0 {
		args += ", " + flags.String()
	}
	e := t.begin(Accept, fd, args)
	conn, peer, err := t.kernel.Accept(fd, flags)
	if err == nil {
		t.meet(conn)
		e.FD, e.Conn = conn, t.ConnOf(conn)
		e.Result = itoa(conn) + " " + peerText(peer)
		e.Note = peerNote(peer)
	}
	t.report(e, err)
	return conn, peer, err
}

// Connect implements [socket.Kernel].
func (t *Tap) Connect(fd socket.FD, addr socket.Addr) error {
	e := t.begin(Connect, fd, fmt.Sprintf("%d, %s", fd, addr))
	if e.Conn == 0 {
		t.meet(fd)
		e.Conn = t.ConnOf(fd)
	}
	e.Note = addr.String()
	return t.plain(e, t.kernel.Connect(fd, addr))
}

// Shutdown implements [socket.Kernel].
func (t *Tap) Shutdown(fd socket.FD, how socket.How) error {
	e := t.begin(Shutdown, fd, fmt.Sprintf("%d, %s", fd, how))
	return t.plain(e, t.kernel.Shutdown(fd, how))
}

// Close implements [socket.Kernel].
func (t *Tap) Close(fd socket.FD) error {
	e := t.begin(Close, fd, itoa(fd))
	t.forget(fd)
	return t.plain(e, t.kernel.Close(fd))
}

// Getsockname implements [socket.Kernel].
func (t *Tap) Getsockname(fd socket.FD) (socket.Addr, error) {
	e := t.begin(Getsockname, fd, itoa(fd))
	addr, err := t.kernel.Getsockname(fd)
	return t.named(e, addr, err)
}

// Getpeername implements [socket.Kernel].
func (t *Tap) Getpeername(fd socket.FD) (socket.Addr, error) {
	e := t.begin(Getpeername, fd, itoa(fd))
	addr, err := t.kernel.Getpeername(fd)
	return t.named(e, addr, err)
}

// plain reports a call that returns nothing but success.
func (t *Tap) plain(e Event, err error) error {
	e.Result = "0"
	t.report(e, err)
	return err
}

// named reports a call that returns an address.
func (t *Tap) named(e Event, addr socket.Addr, err error) (socket.Addr, error) {
	e.Result = peerText(addr)
	t.report(e, err)
	return addr, err
}
