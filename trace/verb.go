package trace

// Verb is what happened. The first ten are the path of one request, in order,
// and the vocabulary of the whole project.
type Verb uint8

// The verbs. The zero Verb is none.
const (
	None Verb = iota

	Socket  // a descriptor was made
	Bind    // it got an address
	Listen  // the kernel queues connections for it
	Accept  // one connection was taken off the queue
	Recv    // bytes came
	Parse   // they were understood: a head, or a breach
	Handle  // the handler ran
	Respond // the head of an answer was written (to a buffer)
	Send    // bytes went
	Close   // with Note: the reason; with Result: the call

	// The side calls.
	Setsockopt
	Getsockopt
	Connect
	Shutdown
	Sendfile
	Recvfrom
	Sendto
	Getsockname
	Getpeername

	// The loop's own.
	Wait  // parked, in the middle of something, until the socket is ready
	Baton // passed on, or taken by the watchman
	Rest  // nothing to do: kept open without a goroutine or a buffer

	// TLS's: Recv and Send move its records, these are the bytes inside.
	Decrypt
	Encrypt

	verbs // how many there are
)

var verbNames = [verbs]string{
	"none",
	"socket", "bind", "listen", "accept", "recv", "parse", "handle", "respond", "send", "close",
	"setsockopt", "getsockopt", "connect", "shutdown", "sendfile", "recvfrom", "sendto", "getsockname", "getpeername",
	"wait", "baton", "rest", "decrypt", "encrypt",
}

// String is the verb in lower case; for a call, the name of its manual page.
func (v Verb) String() string {
	if v >= verbs {
		return "unknown"
	}
	return verbNames[v]
}
