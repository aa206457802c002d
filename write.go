package genkan

import (
	"net/http"

	"github.com/genkan-http/genkan/http1"
)

// How the body of an answer leaves: kept back in work.body as long as it fits,
// then through work.out, as a chunk or as it is.

// bodyless: the answer to HEAD has the fields of GET, and no body.
func (r *response) bodyless() bool { return r.head }

// keep notes the first bytes of a body that is not sent, to sniff its type.
func (r *response) keep(p []byte) {
	w := r.ex.w
	if room := sniffLen - len(w.body); room > 0 && !r.headSent {
		w.body = append(w.body, p[:min(room, len(p))]...)
	}
}

// sniffLen is how much http.DetectContentType looks at.
const sniffLen = 512

// write is Write and WriteString, once it is clear that p is wanted.
func write[T string | []byte](r *response, p T) (int, error) {
	w := r.ex.w
	if len(w.body)+len(p) <= bodyBuffer {
		w.body = append(w.body, p...)
		return len(p), nil
	}
	if !r.headSent {
		r.sendHead(false, string(p[:min(len(p), sniffLen)]))
	}
	if r.chunked {
		w.out = http1.AppendChunkHeader(w.out, len(w.body)+len(p))
	}
	w.out = append(w.out, w.body...)
	w.body = w.body[:0]
	if len(p) > copyBuffer {
		if err := r.pushMore(); err != nil {
			return 0, err
		}
		if err := r.ex.c.sendAll(w, r.ex, []byte(p), r.chunked, &r.ex.sendPace, &r.ex.writeBy); err != nil {
			r.err = err
			return 0, err
		}
	} else {
		w.out = append(w.out, p...)
	}
	if r.chunked {
		w.out = append(w.out, "\r\n"...)
	}
	if err := r.push(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// chunk moves the kept body out.
func (r *response) chunk() {
	w := r.ex.w
	if len(w.body) == 0 || r.bodyless() {
		w.body = w.body[:0]
		return
	}
	if r.chunked {
		w.out = http1.AppendChunk(w.out, w.body)
	} else {
		w.out = append(w.out, w.body...)
	}
	w.body = w.body[:0]
}

// push sends what is in work.out now.
func (r *response) push() error { return r.pushAs(false) }

// pushMore is push, and says that the next send follows at once.
func (r *response) pushMore() error { return r.pushAs(true) }

func (r *response) pushAs(more bool) error {
	if r.err != nil {
		return r.err
	}
	w := r.ex.w
	r.err = r.ex.c.sendAll(w, r.ex, w.out, more, &r.ex.sendPace, &r.ex.writeBy)
	w.out = w.out[:0]
	r.outBegin = 0
	return r.err
}

// enter begins whatever touches the answer, and leave ends it. A handler's
// goroutines may outlive it, and the buffers are somebody else's by then: so
// one of them is inside at a time, and none once the handler has returned.
func (r *response) enter() error {
	mu := &r.ex.outMu
	if !mu.TryLock() {
		r.ex.pass() // whoever is inside may be waiting for the peer
		mu.Lock()
	}
	var err error
	switch {
	case r.ex.done.Load():
		err = errReturned
	case r.hijacked:
		err = http.ErrHijacked
	default:
		return nil
	}
	mu.Unlock()
	return err
}

func (r *response) leave() { r.ex.outMu.Unlock() }
