package files

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// meddler is a client that does something to the file once the head has been
// sent.
type meddler struct {
	*httptest.ResponseRecorder
	meddle func()
}

func (m *meddler) WriteHeader(status int) {
	m.ResponseRecorder.WriteHeader(status)
	m.meddle()
}

// A file that becomes shorter after its length was announced must not look
// whole: the connection ends.
func TestShrinkingFileAborts(t *testing.T) {
	for name, c := range map[string]struct {
		size   int
		ranges string
	}{
		"small": {1000, ""}, "large": {1 << 20, ""}, "range": {1 << 20, "bytes=500000-"}, "parts": {1 << 20, "bytes=0-1,500000-"},
	} {
		h, dir := newHandler(t, Options{}, map[string]string{"a": string(make([]byte, c.size))})
		w := &meddler{httptest.NewRecorder(), func() { must(t, os.Truncate(filepath.Join(dir, "a"), 100)) }}
		r := httptest.NewRequest("GET", "/a", nil)
		if c.ranges != "" {
			r.Header.Set("Range", c.ranges)
		}
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%s: recovered %v, want http.ErrAbortHandler", name, got)
				}
			}()
			h.ServeHTTP(w, r)
		}()
	}
}

// The same through a real server: the client gets an error, not a short file.
func TestShrinkingFileOverConnection(t *testing.T) {
	const size = 8 << 20 // more than the kernel's buffers hold
	h, dir := newHandler(t, Options{}, map[string]string{"a": string(make([]byte, size))})
	s := httptest.NewServer(h)
	defer s.Close()
	resp, err := http.Get(s.URL + "/a")
	must(t, err)
	defer resp.Body.Close()
	must(t, os.Truncate(filepath.Join(dir, "a"), 100))
	n, err := io.Copy(io.Discard, resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || n >= size {
		t.Errorf("read %d of %d bytes, error %v: want io.ErrUnexpectedEOF", n, size, err)
	}
}

// A file that is replaced or grows while it is sent: the old bytes, the old length.
func TestReplacedFileIsSentAsItWas(t *testing.T) {
	old := bytes.Repeat([]byte("o"), 1<<20)
	h, dir := newHandler(t, Options{}, map[string]string{"a": string(old), "b": "b"})
	path := filepath.Join(dir, "a")
	w := &meddler{httptest.NewRecorder(), func() {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		f.WriteString("more")
		f.Close()
		must(t, os.Rename(filepath.Join(dir, "b"), path))
	}}
	h.ServeHTTP(w, httptest.NewRequest("GET", "/a", nil))
	if !bytes.Equal(w.Body.Bytes(), old) {
		t.Errorf("%d bytes, want the %d of the file that was opened", w.Body.Len(), len(old))
	}
}

// sendfile needs an *os.File in an io.LimitedReader; servers look for exactly
// that in ReadFrom.
func TestLargeFileIsHandedToReaderFrom(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a": string(make([]byte, smallFile+1))})
	w := &sendfiler{ResponseRecorder: httptest.NewRecorder()}
	h.ServeHTTP(w, httptest.NewRequest("GET", "/a", nil))
	if !w.ok || w.Body.Len() != smallFile+1 {
		t.Errorf("ReadFrom got no *os.File in an io.LimitedReader (%d bytes sent)", w.Body.Len())
	}
}

type sendfiler struct {
	*httptest.ResponseRecorder
	ok bool
}

func (s *sendfiler) ReadFrom(r io.Reader) (int64, error) {
	if limited, ok := r.(*io.LimitedReader); ok {
		_, s.ok = limited.R.(*os.File)
	}
	return io.Copy(s.ResponseRecorder, r)
}
