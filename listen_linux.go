package genkan

import (
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/socket"
)

// asNet is the socket as package net has it; the descriptor stays ours.
func (l *Listener) asNet() (net.Listener, error) {
	fd, err := duplicate(l.fd)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), l.addr.String())
	defer f.Close()
	return net.FileListener(f)
}

// duplicate is a second descriptor for the same socket.
func duplicate(fd socket.FD) (int, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	return n, os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
}

// maxConns is MaxConns, or 80 % of the descriptors that this process may open
// (the Go runtime has raised that limit to its hard one).
func (srv *Server) maxConns() int {
	if srv.MaxConns != 0 {
		return srv.MaxConns
	}
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil || r.Cur > 1<<30 {
		return 0
	}
	return int(r.Cur / 5 * 4)
}
