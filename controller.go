package genkan

import (
	"context"
	"net/http"
	"time"
)

// What http.ResponseController finds here, beside Flush and Hijack.

// SetReadDeadline is until when the body may be read; zero: no limit. From now
// on it is the only one: the server's own, on stalls and on slowness, no
// longer count for this body. A Read that waits obeys it, too.
func (r *response) SetReadDeadline(at time.Time) error {
	if r.ex.done.Load() {
		return errReturned
	}
	if b := r.ex.body; b != nil {
		b.readBy.move(at)
	}
	r.ex.c.tr.recvBy(at)
	return nil
}

// SetWriteDeadline is until when the answer may be sent; as SetReadDeadline.
func (r *response) SetWriteDeadline(at time.Time) error {
	if r.ex.done.Load() {
		return errReturned
	}
	r.ex.writeBy.move(at)
	r.ex.c.tr.sendBy(at)
	return nil
}

// EnableFullDuplex lets a handler read the body after it has begun to answer.
// It always may.
func (r *response) EnableFullDuplex() error { return nil }

// CloseNotify is http.CloseNotifier, which is deprecated and still asked for:
// it sends once if the peer goes before the handler has returned.
func (r *response) CloseNotify() <-chan bool {
	if r.ex.done.Load() {
		panic("genkan: CloseNotify called after the handler has returned")
	}
	gone := make(chan bool, 1)
	context.AfterFunc(&r.ex.ctx, func() {
		if !r.ex.done.Load() {
			gone <- true
		}
	})
	return gone
}

var (
	_ http.Hijacker      = (*response)(nil)
	_ http.Flusher       = (*response)(nil)
	_ http.CloseNotifier = (*response)(nil) //lint:ignore SA1019 handlers of today's frameworks ask for it
)
