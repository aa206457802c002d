package trace

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// How arguments and results are spelled: as strace(1) and the manual pages do.

func familyName(f socket.Family) string {
	switch f {
	case socket.INET:
		return "AF_INET"
	case socket.INET6:
		return "AF_INET6"
	case socket.UNIX:
		return "AF_UNIX"
	}
	return fmt.Sprintf("family %d", uint8(f))
}

func typeName(t socket.Type) string {
	var names []string
	switch base := t &^ socket.NONBLOCK; base {
	case 0: // the flags of accept
	case socket.STREAM:
		names = append(names, "SOCK_STREAM")
	case socket.DGRAM:
		names = append(names, "SOCK_DGRAM")
	default:
		names = append(names, fmt.Sprintf("type %d", uint8(base)))
	}
	if t&socket.NONBLOCK != 0 {
		names = append(names, "SOCK_NONBLOCK")
	}
	return strings.Join(names, "|")
}

// optionName has the level too, which is the second argument of the real call.
func optionName(o socket.Option) string {
	switch o {
	case socket.ReuseAddr:
		return "SOL_SOCKET, SO_REUSEADDR"
	case socket.ReusePort:
		return "SOL_SOCKET, SO_REUSEPORT"
	case socket.V6Only:
		return "IPPROTO_IPV6, IPV6_V6ONLY"
	case socket.NoDelay:
		return "IPPROTO_TCP, TCP_NODELAY"
	case socket.KeepAlive:
		return "SOL_SOCKET, SO_KEEPALIVE"
	case socket.RecvBuffer:
		return "SOL_SOCKET, SO_RCVBUF"
	case socket.SendBuffer:
		return "SOL_SOCKET, SO_SNDBUF"
	case socket.DeferAccept:
		return "IPPROTO_TCP, TCP_DEFER_ACCEPT"
	case socket.LingerZero:
		return "SOL_SOCKET, SO_LINGER"
	case socket.SockError:
		return "SOL_SOCKET, SO_ERROR"
	}
	return fmt.Sprintf("option %d", uint8(o))
}

func howName(h socket.How) string {
	switch h {
	case socket.SHUT_RD:
		return "SHUT_RD"
	case socket.SHUT_WR:
		return "SHUT_WR"
	case socket.SHUT_RDWR:
		return "SHUT_RDWR"
	}
	return strconv.Itoa(int(h))
}

// bytesArgs are the arguments of recv and send, without the bytes.
func bytesArgs(fd socket.FD, n int, flags socket.MsgFlag) string {
	args := itoa(fd) + ", " + strconv.Itoa(n)
	if flags == 0 {
		return args
	}
	var names []string
	for _, f := range []struct {
		flag socket.MsgFlag
		name string
	}{
		{socket.DONTWAIT, "MSG_DONTWAIT"},
		{socket.PEEK, "MSG_PEEK"},
		{socket.MORE, "MSG_MORE"},
	} {
		if flags&f.flag != 0 {
			names = append(names, f.name)
			flags &^= f.flag
		}
	}
	if flags != 0 {
		names = append(names, fmt.Sprintf("flags %#x", uint8(flags)))
	}
	return args + ", " + strings.Join(names, "|")
}

// peerText is an address; the client end of a UNIX connection has none.
func peerText(a socket.Addr) string {
	if a.Family == socket.UNIX && a.Path == "" {
		return "(no name)"
	}
	return a.String()
}

// peerNote is the same in words, with the family.
func peerNote(a socket.Addr) string {
	if a.Family == socket.UNIX {
		if a.Path == "" {
			return "a process on this machine (unix)"
		}
		return a.String() + " (unix)"
	}
	return a.String() + " (tcp)"
}

func itoa(fd socket.FD) string { return strconv.Itoa(int(fd)) }
