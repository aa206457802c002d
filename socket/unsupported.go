//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package socket

import (
	"errors"
	"runtime"
)

// errNoOS is why OS does nothing on this system.
var errNoOS error = noOS{}

type noOS struct{}

func (noOS) Error() string {
	return "package socket has no kernel for " + runtime.GOOS +
		"; Genkan serves here through Serve(net.Listener)"
}

func (noOS) Unwrap() error { return errors.ErrUnsupported }

func unsupported(call string, fd FD, addr Addr) error {
	return &Error{Call: call, FD: fd, Addr: addr, Errno: errNoOS}
}

func (system) Socket(Family, Type) (FD, error) { return -1, unsupported("socket", -1, Addr{}) }

func (system) Setsockopt(fd FD, _ Option, _ int) error { return unsupported("setsockopt", fd, Addr{}) }

func (system) Getsockopt(fd FD, _ Option) (int, error) {
	return 0, unsupported("getsockopt", fd, Addr{})
}

func (system) Bind(fd FD, addr Addr) error { return unsupported("bind", fd, addr) }

func (system) Listen(fd FD, _ int) error { return unsupported("listen", fd, Addr{}) }

func (system) Accept(fd FD, _ Type) (FD, Addr, error) {
	return -1, Addr{}, unsupported("accept", fd, Addr{})
}

func (system) Connect(fd FD, addr Addr) error { return unsupported("connect", fd, addr) }

func (system) Recv(fd FD, _ []byte, _ MsgFlag) (int, error) {
	return 0, unsupported("recv", fd, Addr{})
}

func (system) Send(fd FD, _ []byte, _ MsgFlag) (int, error) {
	return 0, unsupported("send", fd, Addr{})
}

func (system) Recvfrom(fd FD, _ []byte, _ MsgFlag) (int, Addr, error) {
	return 0, Addr{}, unsupported("recvfrom", fd, Addr{})
}

func (system) Sendto(fd FD, _ []byte, _ MsgFlag, to Addr) (int, error) {
	return 0, unsupported("sendto", fd, to)
}

func (system) Sendfile(out FD, _ FD, _ int64, _ int) (int, error) {
	return 0, unsupported("sendfile", out, Addr{})
}

func (system) Shutdown(fd FD, _ How) error { return unsupported("shutdown", fd, Addr{}) }

func (system) Close(fd FD) error { return unsupported("close", fd, Addr{}) }

func (system) Getsockname(fd FD) (Addr, error) {
	return Addr{}, unsupported("getsockname", fd, Addr{})
}

func (system) Getpeername(fd FD) (Addr, error) {
	return Addr{}, unsupported("getpeername", fd, Addr{})
}
