package socket

// Two options that tell what somebody else's socket is. Getsockopt only.
const (
	AcceptConn Option = SockError + 1 + iota // SO_ACCEPTCONN: 1 if it listens
	SockType                                 // SO_TYPE: its Type
)
