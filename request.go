package genkan

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// newExchange makes an exchange for a head, with a body if one follows, and with
// room for the values of its fields: one piece of memory costs less than three.
// room may be too little, and then is not used.
func newExchange(c *conn, w *work, head *http1.Request) (ex *exchange, room []string) {
	switch n := head.Fields.Len() - 1; { // Host is not among the values
	case head.Chunked || head.ContentLength > 0:
		with := new(struct {
			exchange
			requestBody
			values [fewFields]string
		})
		ex, room = &with.exchange, with.values[:0]
		ex.body = &with.requestBody
	case n <= 0:
		ex = new(exchange)
	case n <= fewFields:
		with := new(struct {
			exchange
			values [fewFields]string
		})
		ex, room = &with.exchange, with.values[:0]
	default:
		with := new(struct {
			exchange
			values [manyFields]string
		})
		ex, room = &with.exchange, with.values[:0]
	}
	ex.c, ex.w, ex.ctx.ex = c, w, ex
	if ex.body != nil {
		ex.body.begin(ex, head, c.requestBegan.After(c.srv.ReadTimeout).Time())
	}
	return ex, room
}

// What programs send, and what browsers do.
const (
	fewFields  = 6
	manyFields = 16
)

// bare is copied for each request: package net/http lets a context into a
// Request only by copying one.
var bare = &http.Request{ProtoMajor: 1, Proto: "HTTP/1.1", ProtoMinor: 1}

// request makes the handler's request of a parsed head. Everything in it is
// new, or a string that never changes: the handler may keep it.
func (c *conn) request(ex *exchange, head *http1.Request, room []string) (*http.Request, error) {
	u := &ex.url
	if err := targetURL(u, head); err != nil {
		return nil, err
	}
	req := &ex.req
	*req = *bare.WithContext(&ex.ctx) // which is inlined: the copy it makes is on the stack
	req.Method = head.Method
	req.URL = u
	if head.Minor != 1 {
		req.Proto, req.ProtoMinor = "HTTP/1."+strconv.Itoa(head.Minor), head.Minor
	}
	req.Host = head.Host
	req.RequestURI = head.Target
	req.RemoteAddr = c.remoteAddr()
	req.ContentLength = head.ContentLength
	req.Close = head.Close
	req.TLS = c.secure
	if head.Chunked {
		req.TransferEncoding = []string{"chunked"}
	}
	req.Header = header(head, req, room)
	if ex.body != nil {
		req.Body = ex.body
	} else {
		req.Body = http.NoBody
		ex.ctx.bodyRead()
	}
	return req, nil
}

// header makes the map that handlers know. Host is not in it, as net/http has
// it, nor are Transfer-Encoding and the Trailer of chunks, which have places of
// their own.
// All values stand in one array, room if it is large enough.
func header(head *http1.Request, req *http.Request, values []string) http.Header {
	n := head.Fields.Len()
	if head.Minor == 1 && n > 0 {
		n-- // one of them is Host
	}
	h := make(http.Header, n)
	if n > cap(values) {
		values = make([]string, 0, n)
	}
	pragma := false
	for i := range head.Fields.Len() {
		name, value := head.Fields.Canonical(i), head.Fields.Value(i)
		switch name {
		case "Host", "Transfer-Encoding":
			continue
		case "Trailer":
			if head.Chunked { // without chunks there is no trailer, and it is a field like others
				announce(req, value)
				continue
			}
		case "Pragma":
			pragma = true
		}
		values = append(values, value)
		before := len(h)
		h[name] = values[len(values)-1 : len(values) : len(values)]
		if len(h) == before { // seen before, which is rare: cheaper found out after than asked before
			h[name] = allValues(&head.Fields, i, name)
		}
	}
	if pragma {
		if h["Pragma"][0] == "no-cache" && h["Cache-Control"] == nil { // RFC 7234 5.4, as net/http does
			h["Cache-Control"] = []string{"no-cache"}
		}
	}
	return h
}

// allValues is the values of the fields up to last with this canonical name, in
// order.
func allValues(fields *http1.Fields, last int, name string) (all []string) {
	for i := range last + 1 {
		if fields.Canonical(i) == name {
			all = append(all, fields.Value(i))
		}
	}
	return all
}

// announce puts the names of a Trailer field into req.Trailer.
func announce(req *http.Request, list string) {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.Trim(name, " \t")
		if !http1.ValidFieldName(name) {
			continue
		}
		if req.Trailer == nil {
			req.Trailer = http.Header{}
		}
		req.Trailer[http1.CanonicalName(name)] = nil
	}
}

// targetURL makes u the target as package net/url has it. Ordinary paths do
// not need its parser.
func targetURL(u *url.URL, head *http1.Request) error {
	switch {
	case head.Form == http1.OriginForm && plainPath(head.Path):
		u.Path, u.RawQuery = head.Path, head.RawQuery
		u.ForceQuery = head.HasQuery && head.RawQuery == ""
		return nil
	case head.Form == http1.AuthorityForm:
		u.Host = head.Target
		return nil
	}
	parsed, err := url.ParseRequestURI(head.Target)
	if err != nil {
		return &http1.Error{Status: 400, Rule: ruleTargetURL, Offset: int64(len(head.Method) + 1), Reason: err.Error()}
	}
	*u = *parsed
	return nil
}

// plain marks the bytes of a path that url.URL neither decodes nor would
// encode: for these, Path is the target's and RawPath is empty.
var plain = func() (t [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@" {
		t[c] = true
	}
	return t
}()

func plainPath(p string) bool {
	for i := 0; i < len(p); i++ {
		if !plain[p[i]] {
			return false
		}
	}
	return true
}

// remoteAddr is the peer as net/http writes it, made once a connection.
func (c *conn) remoteAddr() string {
	if c.remote == "" {
		switch {
		case c.peer.Family == socket.UNIX && c.peer.Path == "":
			c.remote = "@"
		case c.peer.Family == socket.UNIX:
			c.remote = c.peer.Path
		default:
			c.remote = c.peer.String() // an IPv4 peer of a dual-stack socket as IPv4
		}
	}
	return c.remote
}

// emitParse reports the head: what was parsed of which bytes.
func (c *conn) emitParse(w *work, head *http1.Request) {
	ring := c.srv.ring
	if ring == nil {
		return
	}
	ev := trace.Event{Time: time.Now(), Verb: trace.Parse, Len: head.HeadBytes}
	ev.Note = head.Method + " " + head.Target + " HTTP/1." + strconv.Itoa(head.Minor)
	received, _ := c.tr.offsets()
	ev.Off = received - int64(w.w-w.r) - int64(head.HeadBytes)
	// The parser has advanced over the whole head at once, so it is still
	// there, before the bytes that are not parsed yet.
	if begin := w.r - head.HeadBytes; begin >= 0 {
		ev.Data = clip(w.in[begin:w.r], ring.WantBytes())
	}
	c.emit(ev)
}

// clip is a copy of at most n bytes of b; nil for none.
func clip(b []byte, n int) []byte {
	if n = min(n, len(b)); n <= 0 {
		return nil
	}
	return append([]byte(nil), b[:n]...)
}
