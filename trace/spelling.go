package trace

import (
	"strconv"

	"github.com/genkan-http/genkan/socket"
)

// How arguments and results are spelled: as strace(1) and the manual pages do.

// optionName has the level too, which is the second argument of the real call.
func optionName(o socket.Option) string {
	level := "SOL_SOCKET"
	switch o {
	case socket.V6Only:
		level = "IPPROTO_IPV6"
	case socket.NoDelay, socket.DeferAccept, socket.NotSentLowat:
		level = "IPPROTO_TCP"
	}
	return level + ", " + o.String()
}

// bytesArgs are the arguments of recv and send, without the bytes.
func bytesArgs(fd socket.FD, n int, flags socket.MsgFlag) string {
	args := itoa(fd) + ", " + strconv.Itoa(n)
	if flags == 0 {
		return args
	}
	return args + ", " + flags.String()
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
		return a.String()
	}
	return a.String() + " (" + a.Network() + ")"
}

func itoa(fd socket.FD) string { return strconv.Itoa(int(fd)) }
