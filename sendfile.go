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
	r.sendHead(false, "")
	r.chunk()
	if err := r.pushMore(); err != nil {
		return 0, err
	}
	sent, err = r.ex.c.sendFile(r.ex, f, offset, n)
	r.written += sent
	if _, serr := f.Seek(offset+sent, io.SeekStart); err == nil {
		err = serr
	}
	if err != nil && !unsuited(err) && !errors.Is(err, io.ErrUnexpectedEOF) {
		r.err = err
	}
	return sent, err
}

// sendFile is sendAll for a file.
func (c *conn) sendFile(ex *exchange, f *os.File, offset, n int64) (sent int64, err error) {
	for sent < n {
		var began, deadline time.Time
		var tooSlow bool
		if ex.w.runner == nil {
			began = time.Now()
			deadline, tooSlow = ex.sendPace.until(began, &ex.writeBy)
		}
		k, err := c.tr.sendfile(f, offset+sent, n-sent, deadline)
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
