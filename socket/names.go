package socket

import "strconv"

// String is the family's name in the manual: "AF_INET".
func (f Family) String() string {
	switch f {
	case INET:
		return "AF_INET"
	case INET6:
		return "AF_INET6"
	case UNIX:
		return "AF_UNIX"
	}
	return "AF_" + strconv.Itoa(int(f))
}

// String is the type's name in the manual, with its flag:
// "SOCK_STREAM|SOCK_NONBLOCK".
func (t Type) String() string {
	var s string
	switch t &^ NONBLOCK {
	case 0:
		if t == 0 {
			return "0"
		}
		return "SOCK_NONBLOCK"
	case STREAM:
		s = "SOCK_STREAM"
	case DGRAM:
		s = "SOCK_DGRAM"
	default:
		s = "SOCK_" + strconv.Itoa(int(t&^NONBLOCK))
	}
	if t&NONBLOCK != 0 {
		s += "|SOCK_NONBLOCK"
	}
	return s
}

// String is the flags' names in the manual: "MSG_DONTWAIT|MSG_MORE", or "0".
func (f MsgFlag) String() string {
	s := ""
	for _, n := range [...]struct {
		flag MsgFlag
		name string
	}{{DONTWAIT, "MSG_DONTWAIT"}, {PEEK, "MSG_PEEK"}, {MORE, "MSG_MORE"}} {
		if f&n.flag == 0 {
			continue
		}
		if s != "" {
			s += "|"
		}
		s += n.name
	}
	if s == "" {
		return strconv.Itoa(int(f))
	}
	return s
}

// String is the direction's name in the manual: "SHUT_WR".
func (h How) String() string {
	switch h {
	case SHUT_RD:
		return "SHUT_RD"
	case SHUT_WR:
		return "SHUT_WR"
	case SHUT_RDWR:
		return "SHUT_RDWR"
	}
	return "SHUT_" + strconv.Itoa(int(h))
}

// String is the option's name in the manual: "SO_REUSEADDR".
func (o Option) String() string {
	switch o {
	case ReuseAddr:
		return "SO_REUSEADDR"
	case ReusePort:
		return "SO_REUSEPORT"
	case V6Only:
		return "IPV6_V6ONLY"
	case NoDelay:
		return "TCP_NODELAY"
	case KeepAlive:
		return "SO_KEEPALIVE"
	case RecvBuffer:
		return "SO_RCVBUF"
	case SendBuffer:
		return "SO_SNDBUF"
	case DeferAccept:
		return "TCP_DEFER_ACCEPT"
	case NotSentLowat:
		return "TCP_NOTSENT_LOWAT"
	case LingerZero:
		return "SO_LINGER"
	case SockError:
		return "SO_ERROR"
	case AcceptConn:
		return "SO_ACCEPTCONN"
	case SockType:
		return "SO_TYPE"
	}
	return "SO_" + strconv.Itoa(int(o))
}
