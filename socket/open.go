package socket

import (
	"errors"
	"net/netip"
	"syscall"
)

// Open makes a listening socket of an endpoint: socket, setsockopt, bind,
// listen. The socket is non-blocking and close-on-exec; the address is the one
// it has got, with the real port. backlog is as for Listen.
//
// TCP sockets get SO_REUSEADDR, so that a server can start again while old
// connections linger, and TCP_NODELAY, which on Linux accepted connections
// inherit (one call less for each). IPV6_V6ONLY is set either way, because its
// default is the machine's. An endpoint with DualStack on a machine without
// IPv6 is opened as 0.0.0.0.
//
// A UNIX path where a dead server left its socket is taken over; where a server
// answers, or where another kind of file is, Open says so and touches nothing.
// Until Mode is set nobody can connect: the kernel refuses connections before
// listen. [RemoveUnix] removes the path in the end.
//
// Errors are of the call that was refused, and unwrap to its errno.
func Open(k Kernel, e Endpoint, backlog int) (FD, Addr, error) {
	switch {
	case e.Addr.Family == 0:
		return inherit(k, e.Inherited)
	case e.Addr.Family == UNIX && !e.Addr.Abstract():
		return openPath(k, e, backlog)
	}
	fd, addr, err := open(k, e, backlog)
	if err != nil && e.DualStack && e.Addr.IP.Addr().IsUnspecified() && noIPv6(err) {
		e.Addr = TCP(netip.AddrPortFrom(netip.IPv4Unspecified(), e.Addr.IP.Port()))
		return open(k, e, backlog)
	}
	return fd, addr, err
}

// noIPv6 reports whether err is how a machine without IPv6 refuses.
func noIPv6(err error) bool {
	return errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)
}

// open is socket, setsockopt, bind, listen, getsockname.
func open(k Kernel, e Endpoint, backlog int) (FD, Addr, error) {
	return build(k, e, func(fd FD) error {
		if err := k.Bind(fd, e.Addr); err != nil {
			return err
		}
		return k.Listen(fd, backlog)
	})
}

// build makes the socket and its name; publish binds it and makes it listen.
func build(k Kernel, e Endpoint, publish func(FD) error) (FD, Addr, error) {
	fd, err := k.Socket(e.Addr.Family, STREAM|NONBLOCK)
	if err != nil {
		return -1, Addr{}, withAddr(err, e.Addr)
	}
	var addr Addr
	err = setOptions(k, fd, e)
	if err == nil {
		err = publish(fd)
	}
	if err == nil {
		addr, err = k.Getsockname(fd)
	}
	if err != nil {
		k.Close(fd)
		return -1, Addr{}, withAddr(err, e.Addr)
	}
	return fd, addr, nil
}

func setOptions(k Kernel, fd FD, e Endpoint) error {
	if e.ReusePort {
		if err := k.Setsockopt(fd, ReusePort, 1); err != nil {
			return err
		}
	}
	if e.Addr.Family == UNIX {
		return nil
	}
	if e.Addr.Family == INET6 {
		only := 1
		if e.DualStack {
			only = 0
		}
		if err := k.Setsockopt(fd, V6Only, only); err != nil {
			return err
		}
	}
	if err := k.Setsockopt(fd, ReuseAddr, 1); err != nil {
		return err
	}
	return k.Setsockopt(fd, NoDelay, 1)
}

// withAddr tells which address it was that could not be opened, where the call
// itself took none.
func withAddr(err error, addr Addr) error {
	var e *Error
	if errors.As(err, &e) && e.Addr.Family == 0 {
		with := *e
		with.Addr = addr
		return &with
	}
	return err
}
