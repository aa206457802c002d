package genkan

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// What is watched of HTTP/2: the bytes that the engine reads and writes, inside
// TLS if there is any. Where nobody watches, nothing here stands between the
// engine and the connection.

// watched2 is a connection of the engine's. It reads ahead, because the engine
// reads the head of a frame and its payload one by one, and each read is an
// event.
type watched2 struct {
	*watchedConn
	ahead *bufio.Reader
}

func newWatched2(w *watchedConn) *watched2 {
	return &watched2{w, bufio.NewReaderSize(w, 16<<10)} // as much as a record of TLS holds, or a frame
}

func (w *watched2) Read(p []byte) (int, error) { return w.ahead.Read(p) }

// watchedTLS2 is a watched connection inside TLS, as the engine's entry for
// connections without TLS takes it: with its preface read.
type watchedTLS2 struct {
	*watched2
	tls   *tls.Conn
	begun bool // the preface has been read
}

// ConnectionState is that of TLS: the engine asks for it, to judge the cipher
// and for http.Request.TLS.
func (w *watchedTLS2) ConnectionState() tls.ConnectionState { return w.tls.ConnectionState() }

// Read begins after the preface. The engine reads from one goroutine.
func (w *watchedTLS2) Read(p []byte) (int, error) {
	if !w.begun {
		if err := w.readPreface(); err != nil {
			return 0, err
		}
		w.begun = true
	}
	return w.watched2.Read(p)
}

// prefaceTime is how long a client may take for its preface, as in the engine.
const prefaceTime = 10 * time.Second

var errNoPreface = errors.New("the client does not begin with the preface of HTTP/2 (RFC 9113 3.4)")

func (w *watchedTLS2) readPreface() error {
	late := time.AfterFunc(prefaceTime, func() { w.Close() })
	defer late.Stop()
	begin := make([]byte, len(preface))
	if _, err := io.ReadFull(w.watched2, begin); err != nil {
		return err
	}
	if string(begin) != string(preface) {
		return errNoPreface
	}
	return nil
}

// watchedAs is the key of a connection's number in the context that its
// requests come from, where it is watched inside TLS.
type watchedAs struct{}

// watch2 has the engine serve connections over TLS in a way that shows their
// bytes. Its entry for these takes no other than a *tls.Conn. That for
// connections without TLS is handed any net.Conn, wrapped as
// http.Server.TLSNextProto wants it, and asks it for a ConnectionState all the
// same. The engine has filled in both when it accepts its first connection.
func (srv *Server) watch2(engine *http.Server) {
	const byALPN, unencrypted = "h2", "unencrypted_http2"
	direct, bare := engine.TLSNextProto[byALPN], engine.TLSNextProto[unencrypted]
	if srv.ring == nil || direct == nil || bare == nil {
		return
	}
	engine.TLSNextProto[byALPN] = func(s *http.Server, tc *tls.Conn, h http.Handler) {
		number := uint64(0)
		if from, ok := h.(interface{ BaseContext() context.Context }); ok {
			number, _ = from.BaseContext().Value(watchedAs{}).(uint64)
		}
		if number == 0 {
			direct(s, tc, h)
			return
		}
		w := &watchedConn{Conn: tc, ring: srv.ring, number: number, in: trace.Decrypt, out: trace.Encrypt}
		bare(s, tls.Client(handedBare{tc, &watchedTLS2{watched2: newWatched2(w), tls: tc}}, nil), h)
	}
}

// handedBare carries a connection to the engine's entry for those without TLS,
// which takes it out of a *tls.Conn that is nothing else than a parcel.
type handedBare struct {
	net.Conn
	within net.Conn
}

// UnencryptedNetConn is what the engine asks the parcel for.
func (h handedBare) UnencryptedNetConn() net.Conn { return h.within }
