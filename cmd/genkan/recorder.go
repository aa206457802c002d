package main

import (
	"errors"
	"io"
	"net/http"

	"github.com/genkan-http/genkan"
)

// recorder is an http.ResponseWriter that remembers what was answered. What the
// one below can do more than write is reached through [http.ResponseController]
// and Unwrap, and a file still goes to the one below as a file, which may let
// the kernel send it.
type recorder struct {
	http.ResponseWriter
	head   bool // the answer to a HEAD: what is written is not sent
	status int  // 0: nothing answered yet
	sent   int64
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.wrote(int64(n))
	return n, err
}

func (r *recorder) ReadFrom(source io.Reader) (int64, error) {
	if below, ok := r.ResponseWriter.(io.ReaderFrom); ok {
		n, err := below.ReadFrom(source)
		r.wrote(n)
		return n, err
	}
	n, err := io.Copy(struct{ io.Writer }{r.ResponseWriter}, source)
	r.wrote(n)
	return n, err
}

// SendFile is of [genkan.FileSender].
func (r *recorder) SendFile(fd uintptr, offset, n int64) (int64, error) {
	below, ok := r.ResponseWriter.(genkan.FileSender)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	sent, err := below.SendFile(fd, offset, n)
	if sent > 0 || !errors.Is(err, errors.ErrUnsupported) {
		r.wrote(sent)
	}
	return sent, err
}

func (r *recorder) Flush() { _ = r.FlushError() }

func (r *recorder) FlushError() error {
	r.wrote(0)
	return http.NewResponseController(r.ResponseWriter).Flush()
}

// wrote counts. Whoever writes without a status answers 200.
func (r *recorder) wrote(n int64) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if !r.head {
		r.sent += n
	}
}
