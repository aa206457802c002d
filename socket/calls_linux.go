package socket

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of Linux, as the methods of OS need them: an errno instead
// of an error, an Addr instead of an interface, nothing allocated. This is the
// one file of the package that uses unsafe.
//
// recv and send with DONTWAIT cannot wait, so the scheduler is not told about
// them (RawSyscall): telling it costs 0.3 us of a request of 8 us, and a thread
// that returns from a told call may find that its processor was given away. The
// same goes for accept where nobody waits, and for close, which does not wait
// for sockets without SO_LINGER. (A new connection for each request, in turns:
// 41.5 us with calls that are told, 35.7 without; a told call also wakes the
// runtime's monitor, which then looks every 20 us.)

const (
	tcpDeferAccept  = unix.TCP_DEFER_ACCEPT
	tcpNotSentLowat = unix.TCP_NOTSENT_LOWAT
	soAcceptConn    = unix.SO_ACCEPTCONN
)

func sysSocket(family Family, typ Type) (FD, syscall.Errno) {
	t := nativeType(typ) | unix.SOCK_CLOEXEC
	if typ&NONBLOCK != 0 {
		t |= unix.SOCK_NONBLOCK
	}
	fd, err := unix.Socket(nativeFamily(family), t, 0)
	return FD(fd), errnoOf(err)
}

func sysBind(fd FD, addr Addr) syscall.Errno {
	var sa sockaddr
	if errno := sa.encode(addr); errno != 0 {
		return errno
	}
	_, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&sa.bytes)), uintptr(sa.size))
	return errno
}

func sysListen(fd FD, backlog int) syscall.Errno {
	return errnoOf(unix.Listen(int(fd), backlog))
}

func sysAccept(fd FD, flags Type) (FD, Addr, syscall.Errno) {
	sa := sockaddr{size: sockaddrMax}
	f := uintptr(unix.SOCK_CLOEXEC)
	if flags&NONBLOCK != 0 {
		f |= unix.SOCK_NONBLOCK
	}
	var conn uintptr
	var errno syscall.Errno
	if flags&NONBLOCK != 0 {
		conn, _, errno = unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd),
			uintptr(unsafe.Pointer(&sa.bytes)), uintptr(unsafe.Pointer(&sa.size)), f, 0, 0)
	} else {
		conn, _, errno = unix.Syscall6(unix.SYS_ACCEPT4, uintptr(fd),
			uintptr(unsafe.Pointer(&sa.bytes)), uintptr(unsafe.Pointer(&sa.size)), f, 0, 0)
	}
	if errno != 0 {
		return -1, Addr{}, errno
	}
	return FD(conn), sa.decode(), 0
}

func sysClose(fd FD) syscall.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	return errno
}

func sysConnect(fd FD, addr Addr) syscall.Errno {
	var sa sockaddr
	if errno := sa.encode(addr); errno != 0 {
		return errno
	}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&sa.bytes)), uintptr(sa.size))
	return errno
}

func sysRecv(fd FD, p []byte, flags MsgFlag) (int, syscall.Errno) {
	var n uintptr
	var errno syscall.Errno
	if flags&DONTWAIT != 0 {
		n, _, errno = unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags), 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags), 0, 0)
	}
	return int(n), errno
}

func sysSend(fd FD, p []byte, flags MsgFlag) (int, syscall.Errno) {
	var n uintptr
	var errno syscall.Errno
	if flags&DONTWAIT != 0 {
		n, _, errno = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags)|unix.MSG_NOSIGNAL, 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_SENDTO, uintptr(fd),
			uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags)|unix.MSG_NOSIGNAL, 0, 0)
	}
	return int(n), errno
}

func sysRecvfrom(fd FD, p []byte, flags MsgFlag) (int, Addr, syscall.Errno) {
	sa := sockaddr{size: sockaddrMax}
	n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags),
		uintptr(unsafe.Pointer(&sa.bytes)), uintptr(unsafe.Pointer(&sa.size)))
	if errno != 0 {
		return 0, Addr{}, errno
	}
	return int(n), sa.decode(), 0
}

func sysSendto(fd FD, p []byte, flags MsgFlag, to Addr) (int, syscall.Errno) {
	var sa sockaddr
	if errno := sa.encode(to); errno != 0 {
		return 0, errno
	}
	n, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), nativeFlags(flags)|unix.MSG_NOSIGNAL,
		uintptr(unsafe.Pointer(&sa.bytes)), uintptr(sa.size))
	return int(n), errno
}

func sysGetsockname(fd FD) (Addr, syscall.Errno) { return sysName(unix.SYS_GETSOCKNAME, fd) }
func sysGetpeername(fd FD) (Addr, syscall.Errno) { return sysName(unix.SYS_GETPEERNAME, fd) }

func sysName(call uintptr, fd FD) (Addr, syscall.Errno) {
	sa := sockaddr{size: sockaddrMax}
	_, _, errno := unix.RawSyscall(call, uintptr(fd),
		uintptr(unsafe.Pointer(&sa.bytes)), uintptr(unsafe.Pointer(&sa.size)))
	if errno != 0 {
		return Addr{}, errno
	}
	return sa.decode(), 0
}

// nativeFlags is Linux's numbers for the flags.
func nativeFlags(f MsgFlag) uintptr {
	var n uintptr
	if f&DONTWAIT != 0 {
		n |= unix.MSG_DONTWAIT
	}
	if f&PEEK != 0 {
		n |= unix.MSG_PEEK
	}
	if f&MORE != 0 {
		n |= unix.MSG_MORE
	}
	return n
}
