package genkan

import (
	"github.com/genkan-http/genkan/http1"
)

// Sizes that are not the server's fields to set. The wire's own limits are in
// http1.Limits, the times in deadline.go.
const (
	inBuffer   = 16 << 10  // received and not parsed; grows to the longest head
	bodyBuffer = 8 << 10   // of an answer: what fits gets a Content-Length and leaves with its head in one send
	outBuffer  = 64 << 10  // pipelined answers leave together, but at most so much
	copyBuffer = 32 << 10  // of an answer that is copied from a reader
	smallFile  = 16 << 10  // a file up to this leaves with its head in one send; a longer one by sendfile
	unreadMost = 256 << 10 // of a body that the handler left unread: more closes the connection
	lingerMost = 256 << 10 // read and thrown away after an answer that ends the connection
	waitMany   = 100       // so many connections wait for room to send: from here on each gets less of the kernel's memory
	unsentMost = 128 << 10 // and that is how much of an answer, beyond what the peer's window admits
	recvsATurn = 16        // then the others that are ready have their turn
)

// limits are the wire's, for this server.
func (srv *Server) limits() http1.Limits {
	if srv.wire != nil {
		return *srv.wire
	}
	l := http1.Limits{Head: srv.MaxHeaderBytes}
	if srv.MaxHeaderBytes > 0 {
		// Who asks for longer heads means their lines too.
		l.FieldLine = max(srv.MaxHeaderBytes, 0)
		l.RequestLine = min(srv.MaxHeaderBytes, 8<<10)
	}
	return l
}
