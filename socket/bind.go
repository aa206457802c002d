//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

// Bind gives the socket an address: bind(2). Port 0 lets the kernel choose
// one, which Getsockname then tells. A UNIX path becomes a file, which stays
// when the socket is closed; the path of an abstract name does not.
//
// Errors one meets: EADDRINUSE, EACCES (a port below 1024, or no write
// permission in the path's folder), EADDRNOTAVAIL (not an address of this
// machine), EINVAL (bound already), ENAMETOOLONG (a path over 107 bytes),
// ENOENT (the path's folder is missing), ENODEV (no interface of the zone's name).
func (system) Bind(fd FD, addr Addr) error {
	return failedAt("bind", fd, addr, sysBind(fd, addr))
}
