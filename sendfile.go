package genkan

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
)

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }}

// ReadFrom is io.ReaderFrom, which io.Copy looks for: the body is what src
// gives until io.EOF. A long regular file, or an io.LimitedReader of one, goes
// from the kernel's cache to the socket without passing through the program
// (sendfile(2)), if its type and length were set.
func (r *response) ReadFrom(src io.Reader) (n int64, err error) {
	if f, limit := regular(src); f != nil && limit > copyBuffer {
		n, err = r.readFile(f, limit)
		if l, ok := src.(*io.LimitedReader); ok {
			l.N -= n
		}
		if !unsuited(err) {
			return n, err
		}
	}
	m, err := r.copy(src)
	return n + m, err
}

// readFile is ReadFrom for a file; an unsuited error means that it has to be
// copied.
func (r *response) readFile(f *os.File, limit int64) (int64, error) {
	if err := r.enter(); err != nil {
		return 0, err
	}
	defer r.leave()
	if r.status == 0 {
		r.writeHeader(http.StatusOK)
	}
	if !r.mayCopyFile(limit) {
		return 0, errors.ErrUnsupported
	}
	return r.copyFile(f, limit)
}

// FileSender is implemented by the ResponseWriters of a [Server], beside
// io.ReaderFrom, for handlers that have a descriptor and no *os.File.
type FileSender interface {
	// SendFile sends n bytes of the regular file fd from offset on as the next
	// part of the body, with sendfile(2): they do not pass through the program,
	// and the file's own offset is neither used nor moved. fd stays the
	// caller's, who keeps it open until SendFile returns. Content-Length and
	// Content-Type must have been set.
	//
	// sent may be less than n with io.ErrUnexpectedEOF (the file is shorter),
	// or because the peer is gone. errors.ErrUnsupported with nothing sent: not
	// on this connection (TLS, HTTP/2, a net.Conn) or not for this answer;
	// write it instead.
	SendFile(fd uintptr, offset, n int64) (sent int64, err error)
}

// SendFile is of [FileSender].
func (r *response) SendFile(fd uintptr, offset, n int64) (sent int64, err error) {
	if err := r.enter(); err != nil {
		return 0, err
	}
	defer r.leave()
	direct, ok := r.ex.c.tr.(*socketTransport) // and no other that has one inside, as TLS does
	if r.status == 0 {
		r.writeHeader(http.StatusOK)
	}
	if !ok || n <= 0 || !r.mayCopyFile(n) {
		return 0, errors.ErrUnsupported
	}
	sent, err = r.sendFrom(n, func(at, left int64, _ time.Time) (int64, error) {
		k, err := direct.Conn.Sendfile(socket.FD(fd), offset+at, int(min(left, 1<<30)))
		return int64(k), err
	})
	if unsuited(err) && sent == 0 {
		err = errors.ErrUnsupported
	}
	return sent, err
}

// sendFrom sends the head, what is kept of the body, and then n bytes that send
// fetches from the kernel.
func (r *response) sendFrom(n int64, send func(at, left int64, deadline time.Time) (int64, error)) (sent int64, err error) {
	r.ex.c.spare()
	r.sendHead(false, "")
	r.chunk()
	if err := r.pushMore(); err != nil {
		return 0, err
	}
	sent, err = r.ex.c.sendFile(r.ex, n, send)
	r.written += sent
	if err != nil && !unsuited(err) && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.err = err
	}
	return sent, err
}

// copy is ReadFrom for any reader.
func (r *response) copy(src io.Reader) (n int64, err error) {
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	for {
		k, rerr := src.Read(*buf)
		if k > 0 {
			m, werr := r.Write((*buf)[:k])
			n += int64(m)
			if werr != nil {
				return n, werr
			}
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}

// regular is the regular file that src reads, and how much of it at most; nil
// if it is none.
func regular(src io.Reader) (*os.File, int64) {
	most := int64(1<<63 - 1)
	if l, ok := src.(*io.LimitedReader); ok {
		src, most = l.R, l.N
	}
	f, ok := src.(*os.File)
	if !ok {
		return nil, 0
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, 0
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, 0
	}
	return f, min(most, info.Size()-at)
}

// mayCopyFile: the framing and the type are known without seeing a byte, and
// the file fits into what was declared.
func (r *response) mayCopyFile(n int64) bool {
	return bodyAllowed(r.status) && !r.bodyless() && r.err == nil &&
		(r.hasType || r.encoded || r.headSent) && !r.chunked &&
		r.length >= 0 && r.written+n <= r.length
}

// copyFile sends n bytes of f from its offset, and moves the offset by what
// was sent. io.ErrUnexpectedEOF: the file has become shorter meanwhile.
func (r *response) copyFile(f *os.File, n int64) (sent int64, err error) {
	offset, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	sent, err = r.sendFrom(n, func(at, left int64, deadline time.Time) (int64, error) {
		return r.ex.c.tr.sendfile(f, offset+at, left, deadline)
	})
	if _, serr := f.Seek(offset+sent, io.SeekStart); err == nil {
		err = serr
	}
	return sent, err
}

// sendFile is sendAll for a file.
func (c *conn) sendFile(ex *exchange, n int64, send func(at, left int64, deadline time.Time) (int64, error)) (sent int64, err error) {
	for sent < n {
		var began, deadline time.Time
		var tooSlow bool
		if ex.w.runner == nil {
			began = time.Now()
			deadline, tooSlow = ex.sendPace.until(began, &ex.writeBy)
		}
		k, err := send(sent, n-sent, deadline)
		sent += k
		ex.sendPace.bytes += k
		if ex.w.runner == nil {
			ex.sendPace.waited += time.Since(began)
		}
		switch {
		case err == socket.ErrAgain:
			if err := c.awaitRoom(ex.w, ex, &ex.sendPace, &ex.writeBy); err != nil {
				return sent, err
			}
		case err != nil && tooSlow && errors.Is(err, os.ErrDeadlineExceeded):
			return sent, &lateError{http1.SendTooSlow, err}
		case err != nil:
			return sent, err
		case k == 0:
			return sent, io.ErrUnexpectedEOF
		}
	}
	return sent, nil
}

// unsuited: this file, or this kernel, cannot do it; nothing is broken.
func unsuited(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, errors.ErrUnsupported)
}
