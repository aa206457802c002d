package http1

// CloseReason says why a connection ended. Every close has one.
type CloseReason uint8

// The reasons. The zero value is a connection that has not ended.
const (
	NotClosed          CloseReason = iota
	PeerClosed                     // the peer ended the connection between messages
	PeerReset                      // the peer's kernel said that nobody listens any more
	ClientAskedClose               // the request said Connection: close
	HTTP10                         // a 1.0 request that did not ask for keep-alive
	HandlerAskedClose              // the handler said Connection: close
	Refused                        // a rule was broken; the answer named it
	HeadTimeout                    // the head did not arrive in time
	BodyTimeout                    // no byte of the body arrived for too long
	BodyTooSlow                    // the body arrived, but too slowly
	SendTimeout                    // the peer took no byte of the answer for too long
	SendTooSlow                    // the peer took the answer, but too slowly
	IdleTimeout                    // nothing came between two requests
	HandshakeTimeout               // the TLS handshake did not end in time
	UnreadBody                     // the handler left more of the body than we read away
	HandlerPanicked                // the handler panicked
	HandlerExited                  // the handler's goroutine ended by runtime.Goexit
	HandlerAborted                 // the handler panicked with http.ErrAbortHandler
	AnswerTooShort                 // the handler wrote less than its Content-Length
	AnswerUntilClose               // the end of the connection is the end of the answer
	PeerShutdown                   // the peer ended its sending side and was answered
	HandshakeFailed                // the TLS handshake broke off
	Hijacked                       // the handler took the connection
	HandedToHTTP2                  // the connection speaks HTTP/2, which another engine serves
	ServerShutdown                 // the server ended in good order
	ServerClosed                   // the server was cut
	KernelError                    // a system call failed
	TooManyConnections             // no room for another connection
	ExpectationUnread              // answered without reading the body that the client held back
	ProxyHeaderRefused             // a trusted proxy's connection did not begin with a PROXY header
	ProxyHeaderTimeout             // the PROXY header did not arrive in time
	closeReasons
)

var closeWords = [closeReasons]string{
	NotClosed:          "not closed",
	PeerClosed:         "peer closed",
	PeerReset:          "peer reset",
	ClientAskedClose:   "client asked to close",
	HTTP10:             "HTTP/1.0 without keep-alive",
	HandlerAskedClose:  "handler asked to close",
	Refused:            "request refused",
	HeadTimeout:        "head timeout",
	BodyTimeout:        "body timeout",
	BodyTooSlow:        "body too slow",
	SendTimeout:        "send timeout",
	SendTooSlow:        "send too slow",
	IdleTimeout:        "idle timeout",
	HandshakeTimeout:   "handshake timeout",
	UnreadBody:         "unread body",
	HandlerPanicked:    "handler panicked",
	HandlerExited:      "handler exited its goroutine",
	HandlerAborted:     "handler aborted",
	AnswerTooShort:     "answer shorter than declared",
	AnswerUntilClose:   "answer ends with the connection",
	PeerShutdown:       "peer sends no more",
	HandshakeFailed:    "handshake failed",
	Hijacked:           "hijacked",
	HandedToHTTP2:      "handed to HTTP/2",
	ServerShutdown:     "server shut down",
	ServerClosed:       "server closed",
	KernelError:        "kernel error",
	TooManyConnections: "too many connections",
	ExpectationUnread:  "body held back and not wanted",
	ProxyHeaderRefused: "PROXY header refused",
	ProxyHeaderTimeout: "PROXY header timeout",
}

// String is the reason in a few words, for logs.
func (r CloseReason) String() string {
	if r >= closeReasons {
		return "unknown"
	}
	return closeWords[r]
}
