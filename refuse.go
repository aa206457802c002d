package genkan

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// refuse answers a breach of the rules and ends the connection: what follows
// on it can no longer be told apart from the breach.
func (c *conn) refuse(w *work, err error) loop.Ending {
	var breach *http1.Error
	if !errors.As(err, &breach) {
		panic(err) // http1 returns nothing else
	}
	if c.srv.ring != nil {
		seen := w.unparsed()
		received, _ := c.tr.offsets()
		c.emit(trace.Event{
			Time: time.Now(), Verb: trace.Parse, Note: "refused: " + breach.Reason, Err: breach,
			Off: received - int64(len(seen)), Len: len(seen), Data: clip(seen, c.srv.ring.WantBytes()),
		})
	}
	c.setState(http.StateActive)
	told := Refusal{Status: breach.Status, Body: refusalText(breach), ContentType: plainType}
	c.tellRefused(w, breach, &told)
	c.answerError(w, breach.Status, told.ContentType, told.Body)
	return c.closeAfterAnswer(w, http1.Refused, true)
}

// refusalText says what was wrong and by which rule, in words of our own: no
// byte of the peer's is echoed.
func refusalText(breach *http1.Error) string {
	return fmt.Sprintf("%d %s\n\n%s\nRule %s (%s), at byte %d of the request.\n",
		breach.Status, http.StatusText(breach.Status), breach.Rule.Text, breach.Rule.ID, breach.Rule.Source, breach.Offset)
}

// expireHead ends a connection that took too long to send a head.
func (c *conn) expireHead(w *work) loop.Ending {
	c.answerError(w, http.StatusRequestTimeout, plainType, "408 Request Timeout\n\nThe head of the request did not arrive in time (RFC 9110 15.5.9).\n")
	// This may be the timer's goroutine, so there is one attempt to send: a
	// peer that has not taken what was sent before has no claim to more.
	c.tr.send(w.out, false, time.Now().Add(time.Second))
	w.out = w.out[:0]
	return c.closeAfterAnswer(w, http1.HeadTimeout, true)
}

// answerError queues an answer that no handler made, and that ends the connection.
func (c *conn) answerError(w *work, status int, contentType, text string) {
	begin := len(w.out)
	w.out = http1.AppendStatusLine(w.out, status)
	w.out = c.srv.clock.appendDate(w.out, w.now())
	if contentType != "" {
		w.out, _ = http1.AppendField(w.out, "Content-Type", contentType)
	}
	w.out = append(w.out, "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"...)
	w.out = http1.AppendContentLength(w.out, int64(len(text)))
	w.out = append(w.out, "\r\n"...)
	c.emitRespond(w, begin, status)
	w.out = append(w.out, text...)
}
