//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// The system calls of macOS and the BSDs, as the methods of OS need them. What
// a Linux socket is born with (close-on-exec, non-blocking) is set afterwards
// here, under syscall.ForkLock, so that no child process inherits the
// descriptor in between. Two things differ: calls allocate, and an accepted
// connection has TCP_NODELAY only where its system hands it on.

const (
	tcpDeferAccept  = 0 // none
	tcpNotSentLowat = 0 // only macOS has it
	soAcceptConn    = unix.SO_ACCEPTCONN
)

func sysSocket(family Family, typ Type) (FD, syscall.Errno) {
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(nativeFamily(family), nativeType(typ), 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, errnoOf(err)
	}
	return born(fd, typ)
}

func sysAccept(fd FD, flags Type) (FD, Addr, syscall.Errno) {
	// A listener that waits would hold the lock, and with it every fork, until
	// somebody connects. package net takes the same liberty (accept4 is missing).
	if nonblocking(fd) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
	}
	conn, sa, err := unix.Accept(int(fd))
	if err != nil {
		return -1, Addr{}, errnoOf(err)
	}
	unix.CloseOnExec(conn)
	c, errno := born(conn, flags)
	return c, addrOf(sa), errno
}

// born gives a new socket the rest of its properties, or closes it.
func born(fd int, typ Type) (FD, syscall.Errno) {
	err := noSigpipe(fd)
	if err == nil {
		// Set either way: an accepted socket inherits the listener's mode here.
		err = unix.SetNonblock(fd, typ&NONBLOCK != 0)
	}
	if err != nil {
		unix.Close(fd)
		return -1, errnoOf(err)
	}
	return FD(fd), 0
}

func nonblocking(fd FD) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_NONBLOCK != 0
}

func sysBind(fd FD, addr Addr) syscall.Errno {
	sa, errno := sockaddrOf(addr)
	if errno != 0 {
		return errno
	}
	return errnoOf(unix.Bind(int(fd), sa))
}

func sysListen(fd FD, backlog int) syscall.Errno {
	return errnoOf(unix.Listen(int(fd), backlog))
}

func sysClose(fd FD) syscall.Errno { return errnoOf(unix.Close(int(fd))) }

func sysConnect(fd FD, addr Addr) syscall.Errno {
	sa, errno := sockaddrOf(addr)
	if errno != 0 {
		return errno
	}
	return errnoOf(unix.Connect(int(fd), sa))
}

func sysRecv(fd FD, p []byte, flags MsgFlag) (int, syscall.Errno) {
	n, _, err := unix.Recvfrom(int(fd), p, nativeFlags(flags))
	return n, errnoOf(err)
}

func sysSend(fd FD, p []byte, flags MsgFlag) (int, syscall.Errno) {
	n, err := unix.SendmsgN(int(fd), p, nil, nil, nativeFlags(flags)|msgNoSignal)
	return n, errnoOf(err)
}

func sysRecvfrom(fd FD, p []byte, flags MsgFlag) (int, Addr, syscall.Errno) {
	n, sa, err := unix.Recvfrom(int(fd), p, nativeFlags(flags))
	if err != nil {
		return 0, Addr{}, errnoOf(err)
	}
	return n, addrOf(sa), 0
}

func sysSendto(fd FD, p []byte, flags MsgFlag, to Addr) (int, syscall.Errno) {
	sa, errno := sockaddrOf(to)
	if errno != 0 {
		return 0, errno
	}
	n, err := unix.SendmsgN(int(fd), p, nil, sa, nativeFlags(flags)|msgNoSignal)
	return n, errnoOf(err)
}

func sysGetsockname(fd FD) (Addr, syscall.Errno) {
	sa, err := unix.Getsockname(int(fd))
	return addrOf(sa), errnoOf(err)
}

func sysGetpeername(fd FD) (Addr, syscall.Errno) {
	sa, err := unix.Getpeername(int(fd))
	return addrOf(sa), errnoOf(err)
}

// nativeFlags is the system's numbers for the flags; MORE does not exist here.
func nativeFlags(f MsgFlag) int {
	n := 0
	if f&DONTWAIT != 0 {
		n |= unix.MSG_DONTWAIT
	}
	if f&PEEK != 0 {
		n |= unix.MSG_PEEK
	}
	return n
}
