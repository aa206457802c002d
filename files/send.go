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

// serveVersion answers with a file that is known, and opens it only if its
// content is not.
func (h *Handler) serveVersion(w http.ResponseWriter, r *http.Request, name string, v *version, now time.Time) {
	if v.content == nil && r.Method == http.MethodGet && evaluate(r.Header, v.validators) == proceed {
		o, err := h.tree.open(name)
		if err != nil {
			h.refuseFor(w, r, err)
			return
		}
		defer o.close()
		if o.kind != regular {
			refuse(w, r, http.StatusNotFound) // it was a file a moment ago
			return
		}
		h.serveOpened(w, r, name, &o, now)
		return
	}
	h.answer(w, r, v, nil)
}

// serveOpened answers with a regular file that has just been opened, and keeps
// what it learns.
func (h *Handler) serveOpened(w http.ResponseWriter, r *http.Request, name string, o *opened, now time.Time) {
	v := h.shelf.known(name, o.facts, now)
	if v == nil || v.content == nil && o.size <= keptFile {
		var err error
		if v, err = h.learn(name, o, v, now); err != nil {
			h.refuseFor(w, r, err)
			return
		}
	}
	h.answer(w, r, v, o)
}

// learn makes a version of an opened file, and puts it on the shelf if it may be
// kept. before is what was there, without content: the file is asked for again,
// and so worth more memory than one that is seen for the first time.
func (h *Handler) learn(name string, o *opened, before *version, now time.Time) (*version, error) {
	v := newVersion(o.facts, now)
	most := int64(keptFile)
	if before != nil {
		v.contentType = before.contentType
	} else {
		most = smallFile
		kind, err := typeOf(name, o)
		if err != nil {
			return nil, err
		}
		v.contentType = kind
	}
	if !h.shelf.wants(v, now) {
		return v, nil
	}
	if o.size <= most && h.shelf.fits(name, o.size) {
		v.content = make([]byte, o.size)
		if err := o.readAt(v.content, 0); err != nil {
			return nil, err
		}
	}
	h.shelf.put(name, v, now)
	return v, nil
}

// answer is the answer to GET or HEAD: the fields, then what was asked for. o
// is nil if it is not needed.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, v *version, o *opened) {
	header := w.Header()
	header["Etag"] = v.etagField
	header["Cache-Control"] = h.cacheControl
	switch evaluate(r.Header, v.validators) {
	case notModified:
		w.WriteHeader(http.StatusNotModified)
		return
	case failed:
		refuse(w, r, http.StatusPreconditionFailed)
		return
	}
	header["Last-Modified"] = v.modifiedField
	header["Accept-Ranges"] = inBytes
	header["Content-Type"] = v.contentType

	var spans []span
	if r.Method == http.MethodGet && mayBeRanged(r.Header, v.validators) {
		var satisfiable bool
		if spans, satisfiable = rangesOf(r.Header, v.size); !satisfiable {
			header["Content-Range"] = only("bytes */" + v.lengthField[0])
			refuse(w, r, http.StatusRequestedRangeNotSatisfiable)
			return
		}
	}
	body := source{v, o}
	switch len(spans) {
	case 0:
		header["Content-Length"] = v.lengthField
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			finish(body.sendTo(w, span{0, v.size}))
		}
	case 1:
		header["Content-Range"] = only(spans[0].contentRange(v.size))
		header["Content-Length"] = only(strconv.FormatInt(spans[0].length, 10))
		w.WriteHeader(http.StatusPartialContent)
		finish(body.sendTo(w, spans[0]))
	default:
		finish(sendParts(w, body, v.contentType[0], spans))
	}
}

// source is where the bytes of a version come from: its content, if that is
// kept, else the opened file.
type source struct {
	*version
	*opened
}

func (s source) sendTo(w io.Writer, at span) error {
	if s.content == nil {
		return s.opened.sendTo(w, at)
	}
	_, err := w.Write(s.content[at.start : at.start+at.length])
	return err
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

// How long a file may be for each way to send it. (One core, in turns: 48 KiB
// take 41.8 us of CPU by sendfile(2), 47.3 read and written, and 25.3 from
// memory; 100 KiB 56.7 and 51.3 from memory; of 16 KiB the first two are equal.)
const (
	// smallFile is up to how many bytes a span is read and written: one pread,
	// and the server can send it together with the head. Longer ones are left
	// to sendfile(2), if the server can.
	smallFile = 32 << 10

	// keptFile is up to how many bytes the content is kept of a file that is
	// asked for again.
	keptFile = 64 << 10
)

// smallBuffers saves the allocation of a buffer per small file.
var smallBuffers = sync.Pool{New: func() any { return new([smallFile]byte) }}

// sendTo writes a span of the file. An error means that less was written.
func (o *opened) sendTo(w io.Writer, s span) error {
	if s.length > smallFile {
		if n, ok, err := o.sendDirectly(w, s); ok {
			if err == nil && n < s.length {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
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

// fileSender is a server's ResponseWriter that sends from a descriptor, as
// genkan.FileSender: an *os.File would be asked for its kind, its size and its
// place, registered with the poller and taken off it again.
type fileSender interface {
	SendFile(fd uintptr, offset, n int64) (sent int64, err error)
}

// sendParts answers several ranges as multipart/byteranges (RFC 9110, 14.6).
// The length is known beforehand: part heads differ only in digits.
func sendParts(w http.ResponseWriter, body source, contentType string, spans []span) error {
	boundary := rand.Text()
	heads := make([]string, len(spans))
	end := "\r\n--" + boundary + "--\r\n"
	length := int64(len(end))
	for i, s := range spans {
		heads[i] = "\r\n--" + boundary + "\r\nContent-Type: " + contentType +
			"\r\nContent-Range: " + s.contentRange(body.version.size) + "\r\n\r\n"
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
		if err := body.sendTo(w, s); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, end)
	return err
}
