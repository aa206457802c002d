package files

// Sending an opened file: the fields, then the bytes.
//
// The length is that of the descriptor at the start. A file that is replaced
// meanwhile is sent as it was; one that gets shorter ends the connection. One
// that is overwritten in place, at the same length, is sent as it is read:
// nobody notices, as with every server that does not lock files.

import (
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// serveFile answers GET or HEAD with a regular file.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, name string, o *opened) {
	v, size := validatorsOf(o.facts, time.Now())
	values := [...]string{v.etag, v.lastModified, size}
	header := w.Header()
	header["Etag"] = values[0:1:1]
	header["Cache-Control"] = h.cacheControl
	switch evaluate(r.Header, v) {
	case notModified:
		w.WriteHeader(http.StatusNotModified)
		return
	case failed:
		refuse(w, r, http.StatusPreconditionFailed)
		return
	}
	contentType, err := typeOf(name, o)
	if err != nil {
		h.refuseFor(w, r, err)
		return
	}
	header["Last-Modified"] = values[1:2:2]
	header["Accept-Ranges"] = inBytes
	header["Content-Type"] = contentType

	var spans []span
	if r.Method == http.MethodGet && mayBeRanged(r.Header, v) {
		var satisfiable bool
		if spans, satisfiable = rangesOf(r.Header, o.size); !satisfiable {
			header["Content-Range"] = only("bytes */" + size)
			refuse(w, r, http.StatusRequestedRangeNotSatisfiable)
			return
		}
	}
	switch len(spans) {
	case 0:
		header["Content-Length"] = values[2:3:3]
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			finish(o.sendTo(w, span{0, o.size}))
		}
	case 1:
		header["Content-Range"] = only(spans[0].contentRange(o.size))
		header["Content-Length"] = only(strconv.FormatInt(spans[0].length, 10))
		w.WriteHeader(http.StatusPartialContent)
		finish(o.sendTo(w, spans[0]))
	default:
		finish(sendParts(w, o, contentType[0], spans))
	}
}

// finish ends the connection if not everything that was announced could be
// sent: the file has become shorter, the disk fails, or the client is gone.
// Returning would be enough under HTTP/1.1; under HTTP/2 only this makes the
// answer look broken to the client.
func finish(err error) {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// smallFile is up to how many bytes a span is read and written: one pread,
// and the server can send it together with the head. Longer ones are left
// to sendfile(2), if the server can.
const smallFile = 32 << 10

// smallBuffers saves the allocation of a buffer per small file.
var smallBuffers = sync.Pool{New: func() any { return new([smallFile]byte) }}

// sendTo writes a span of the file. An error means that less was written.
func (o *opened) sendTo(w io.Writer, s span) error {
	if s.length > smallFile {
		file := o.asFile()
		if _, err := file.Seek(s.start, io.SeekStart); err != nil {
			return err
		}
		_, err := io.CopyN(w, file, s.length)
		return err
	}
	if s.length == 0 {
		return nil
	}
	buffer := smallBuffers.Get().(*[smallFile]byte)
	defer smallBuffers.Put(buffer)
	content := buffer[:s.length]
	if err := o.readAt(content, s.start); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// sendParts answers several ranges as multipart/byteranges (RFC 9110, 14.6).
// The length is known beforehand: part heads differ only in digits.
func sendParts(w http.ResponseWriter, o *opened, contentType string, spans []span) error {
	boundary := rand.Text()
	heads := make([]string, len(spans))
	end := "\r\n--" + boundary + "--\r\n"
	length := int64(len(end))
	for i, s := range spans {
		heads[i] = "\r\n--" + boundary + "\r\nContent-Type: " + contentType +
			"\r\nContent-Range: " + s.contentRange(o.size) + "\r\n\r\n"
		if i == 0 {
			heads[i] = heads[i][2:] // the first delimiter needs no line end before it
		}
		length += int64(len(heads[i])) + s.length
	}
	header := w.Header()
	header["Content-Type"] = only("multipart/byteranges; boundary=" + boundary)
	header["Content-Length"] = only(strconv.FormatInt(length, 10))
	w.WriteHeader(http.StatusPartialContent)
	for i, s := range spans {
		if _, err := io.WriteString(w, heads[i]); err != nil {
			return err
		}
		if err := o.sendTo(w, s); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, end)
	return err
}
