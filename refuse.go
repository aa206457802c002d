package genkan

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
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
	c.answerBreach(w, breach, http1.Refused)
	return c.closeAfterAnswer(w, http1.Refused, true)
}

// expireHead ends a connection that took too long to send a head.
func (c *conn) expireHead(w *work) loop.Ending {
	c.late = false
	arrived := w.parser.Advanced() + int64(len(w.unparsed()))
	c.answerBreach(w, &http1.Error{Status: ruleHeadTime.Status, Rule: ruleHeadTime, Offset: arrived,
		Reason: fmt.Sprintf("after %v the head is not whole", c.srv.headTime())}, http1.HeadTimeout)
	// This may be the timer's goroutine, so there is one attempt to send: a
	// peer that has not taken what was sent before has no claim to more.
	c.tr.send(w.out, false, time.Now().Add(time.Second))
	w.out = w.out[:0]
	return c.closeAfterAnswer(w, http1.HeadTimeout, true)
}

// answerBreach tells of a breach, and queues the answer to it; closed is why the
// connection will end.
func (c *conn) answerBreach(w *work, breach *http1.Error, closed http1.CloseReason) {
	if c.srv.ring != nil {
		seen := w.message()
		received, _ := c.tr.offsets()
		c.emit(trace.Event{
			Time: time.Now(), Verb: trace.Parse, Note: "refused: " + breach.Reason, Err: breach,
			Off: received - int64(len(seen)), Len: len(seen), Data: clip(seen, c.srv.ring.WantBytes()),
		})
	}
	c.setState(http.StateActive)
	told := newRefusal(breach, http1.PrefersHTML(acceptLines(w.message())))
	c.tellRefused(w, breach, told, closed)
	c.answerError(w, told.Status, told.ContentType, told.Body)
}

// newRefusal is a breach with its answer.
func newRefusal(breach *http1.Error, asHTML bool) *Refusal {
	r := &Refusal{
		Rule: breach.Rule, Status: breach.Status, Reason: breach.Reason, Offset: breach.Offset,
		Body: refusalText(breach), ContentType: "text/plain; charset=utf-8",
	}
	if asHTML {
		r.Body, r.ContentType = refusalPage(breach), "text/html; charset=utf-8"
	}
	return r
}

// refusalText says what was wrong and by which rule, in words of our own: no
// byte of the peer's is echoed.
func refusalText(breach *http1.Error) string {
	source := ""
	if breach.Rule.Source != "" {
		source = " (" + breach.Rule.Source + ")"
	}
	text := fmt.Sprintf("%d %s\n\n%s\nRule %s%s%s.\n", breach.Status, http1.ReasonPhrase(breach.Status),
		breach.Rule.Text, breach.Rule.ID, source, placeOf(breach))
	if url := breach.Rule.URL(); url != "" {
		text += url + "\n"
	}
	return text
}

// refusalPage is refusalText for a browser.
func refusalPage(breach *http1.Error) string {
	title := html.EscapeString(strconv.Itoa(breach.Status) + " " + http1.ReasonPhrase(breach.Status))
	source := html.EscapeString(breach.Rule.Source)
	if url := breach.Rule.URL(); url != "" {
		source = `<a href="` + html.EscapeString(url) + `" rel="noreferrer">` + source + `</a>`
	}
	if source != "" {
		source = " (" + source + ")"
	}
	return "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>" + title + "</title>\n" +
		"<style>:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui;max-width:38rem;margin:15vh auto;padding:0 1rem}</style>\n" +
		"<h1>" + title + "</h1>\n<p>" + html.EscapeString(breach.Rule.Text) + "</p>\n" +
		"<p>Rule <code>" + html.EscapeString(breach.Rule.ID) + "</code>" + source + placeOf(breach) + ".</p>\n</html>\n"
}

// placeOf is where the rule was broken, if at a byte.
func placeOf(breach *http1.Error) string {
	if breach.Offset < 0 {
		return ""
	}
	return fmt.Sprintf(", at byte %d of the request", breach.Offset)
}

// acceptLines are the values of a head's Accept fields. It could not be read as
// a whole, so its lines are, as far as they are here; not the first, which is no
// field, nor one that has not come to its end.
func acceptLines(head []byte) (values []string) {
	_, head, _ = bytes.Cut(head, []byte("\n"))
	for {
		line, rest, whole := bytes.Cut(head, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if !whole || len(line) == 0 {
			return values
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Accept")) {
			values = append(values, string(value))
		}
		head = rest
	}
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
