package watch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/watch/decode"
	"github.com/genkan-http/genkan/watch/page"
	"github.com/genkan-http/genkan/watch/record"
)

// ServeHTTP serves the page and what it asks for. Every request passes guard
// first.
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	if l.ctx.Err() != nil {
		l.mu.Unlock()
		refuse(w, http.StatusServiceUnavailable, "This page has been closed.")
		return
	}
	l.working.Add(1) // under the lock: Close waits for what is counted by then
	l.mu.Unlock()
	defer l.working.Done()
	if l.guard(w, r) {
		routes(l).ServeHTTP(w, r)
	}
}

func routes(l *Live) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", page.Handler())
	mux.HandleFunc("GET /api/stream", l.stream)
	mux.HandleFunc("GET /api/words", l.sentences)
	mux.HandleFunc("GET /api/find", l.find)
	mux.HandleFunc("GET /api/exchanges/{id}", l.exchange)
	mux.HandleFunc("GET /api/exchanges/{id}/body", l.body)
	mux.HandleFunc("GET /api/export/{id}", l.export)
	mux.HandleFunc("GET /api/export", l.exportAll)
	mux.HandleFunc("POST /api/export", l.exportSome)
	mux.HandleFunc("POST /api/clear", l.clear)
	mux.HandleFunc("POST /api/mark/{id}", l.mark)
	mux.HandleFunc("POST /api/replay", l.replay)
	mux.HandleFunc("GET /api/replays/{id}", l.replayed)
	return mux
}

// answer sends v as JSON.
func answer(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // all of it can be encoded: a bug of ours
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

// idOf is the exchange that the path names; it has answered if ok is false.
func idOf(w http.ResponseWriter, r *http.Request) (id uint64, ok bool) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, http.StatusBadRequest, "An exchange is named by its number.")
		return 0, false
	}
	return id, true
}

const notKept = "This exchange is not kept any more: it made room for newer ones, or the list was cleared."

// secrets: the request asks to show them. A body is not looked at.
func secrets(r *http.Request) bool { return r.URL.Query().Get("secrets") == "1" }

func (l *Live) sentences(w http.ResponseWriter, r *http.Request) {
	answer(w, record.Words(r.FormValue("lang")))
}

// find is the exchanges of which a head's field holds a word; of secret fields
// the name alone is looked at.
func (l *Live) find(w http.ResponseWriter, r *http.Request) {
	word := r.FormValue("field")
	if word == "" {
		refuse(w, http.StatusBadRequest, "Say what a field should hold: ?field=text/html")
		return
	}
	answer(w, map[string][]uint64{"ids": l.store.Find(word)})
}

func (l *Live) exchange(w http.ResponseWriter, r *http.Request) {
	id, ok := idOf(w, r)
	if !ok {
		return
	}
	d, ok := l.store.Detail(id, secrets(r))
	if !ok {
		refuse(w, http.StatusNotFound, notKept)
		return
	}
	if f, ok := l.store.Frames(id); ok {
		addFrames(&d, f, secrets(r))
	}
	answer(w, d)
}

// body is what one side carried, decoded.
func (l *Live) body(w http.ResponseWriter, r *http.Request) {
	id, ok := idOf(w, r)
	if !ok {
		return
	}
	side := r.FormValue("side")
	if side != "request" && side != "response" {
		refuse(w, http.StatusBadRequest, "The side is request or response.")
		return
	}
	c, ok := l.store.Carried(id, side == "request")
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, notKept)
	case c.Upgraded && strings.EqualFold(c.Field("upgrade"), "websocket"):
		in, out := c.In, c.Out
		if side == "request" {
			out = nil
		} else {
			in = nil
		}
		answer(w, decode.WebSocket(in, out, c.Field("sec-websocket-extensions"), c.Whole))
	default:
		answer(w, decode.Content(c.Content, c.Field, c.Whole))
	}
}

func (l *Live) clear(w http.ResponseWriter, _ *http.Request) {
	l.store.Clear()
	l.replays.clear()
	answer(w, struct{}{})
}

func (l *Live) mark(w http.ResponseWriter, r *http.Request) {
	id, ok := idOf(w, r)
	if !ok {
		return
	}
	var asked struct{ Marked bool }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, `What is wanted is {"marked":true} or {"marked":false}.`)
		return
	}
	if !l.store.Mark(id, asked.Marked) {
		refuse(w, http.StatusNotFound, notKept)
		return
	}
	answer(w, struct{}{})
}

// streamBatch is how many exchanges one event holds, and streamPause how long
// after one the next may follow: a page needs no more than that.
const (
	streamBatch = 1000
	streamPause = 100 * time.Millisecond
)

// stream is the page's event stream: first everything that is kept, then what
// changes. A reader that does not read is given up after a while; the store
// keeps one line an exchange for it until then.
func (l *Live) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	listener := l.store.Listen()
	defer listener.Close()
	for {
		news, err := listener.Next(r.Context(), streamBatch)
		if err != nil {
			return
		}
		control.SetWriteDeadline(time.Now().Add(l.patience))
		if err := writeNews(w, news); err != nil || control.Flush() != nil {
			return
		}
		if len(news.Exchanges) == streamBatch {
			continue // there is more at once
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(streamPause):
		}
	}
}

func writeNews(w http.ResponseWriter, news record.News) error {
	send := func(event string, data any) error {
		text, err := json.Marshal(data)
		if err != nil {
			panic(err) // all of it can be encoded: a bug of ours
		}
		_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text)
		return err
	}
	if news.Cleared {
		if err := send("cleared", struct{}{}); err != nil {
			return err
		}
	}
	if len(news.Exchanges) > 0 {
		if err := send("exchanges", news.Exchanges); err != nil {
			return err
		}
	}
	for _, c := range news.Conns {
		if err := send("conn", c); err != nil {
			return err
		}
	}
	if news.Status != nil {
		return send("status", news.Status)
	}
	return nil
}
