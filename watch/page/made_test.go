package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// made is an exchange that was made up: the bytes of both sides, how system
// calls cut them, and what happened. The rest follows from these.
type made struct {
	id, conn, nth      int
	at                 time.Duration // after began
	took               time.Duration
	in, out            string
	recvs, sends       []int // lengths; none: all at once
	inOff, outOff      int
	method, target     string
	host               string
	status             int
	state, typ, rule   string
	reason, reqtype    string
	refused            object
	closed, peer       string
	marked             bool
	reqBody, respBody  object
	blocked            bool // the watchman took the baton
	opened, connClosed time.Duration
}

var began = time.Date(2026, 11, 27, 7, 4, 12, 345_678_901, time.UTC)

func stamp(d time.Duration) string { return began.Add(d).Format(time.RFC3339Nano) }

func (m *made) summary() object {
	return object{
		"id": m.id, "conn": m.conn, "nth": m.nth, "time": stamp(m.at), "took_ns": m.took.Nanoseconds(),
		"method": m.method, "target": m.target, "host": m.host, "proto": "HTTP/1.1", "status": m.status,
		"in": len(m.in), "out": len(m.out), "state": m.state, "type": m.typ, "rule": m.rule, "reason": m.reason,
		"marked": m.marked, "reqtype": m.reqtype, "tls": false,
	}
}

// plainLine is the summary of one of many, as it is sent: quick to make, for
// there may be a hundred thousand.
func plainLine(id int) json.RawMessage {
	method := []string{"GET", "GET", "GET", "POST", "HEAD"}[id%5]
	status := []int{200, 200, 200, 304, 404, 200, 500}[id%7]
	took := (20 + id*7919%900_000) * 1000
	return fmt.Appendf(nil, `{"id":%d,"conn":%d,"nth":%d,"time":"%s","took_ns":%d,"method":"%s","target":"/items/%d?page=%d","host":"127.0.0.1:8000","proto":"HTTP/1.1","status":%d,"in":%d,"out":%d,"state":"done","type":"application/json"}`,
		id, 20+id/8, 1+id%8, stamp(time.Duration(id)*3*time.Millisecond), took, method, id, id%13, status, 130+id%90, 300+id*31%9000)
}

func plainSummary(id int) object {
	var summary object
	if err := json.Unmarshal(plainLine(id), &summary); err != nil {
		panic(err)
	}
	return summary
}

func (m *made) connection() object {
	c := object{"conn": m.conn, "peer": m.peer, "opened": stamp(m.opened), "requests": m.nth}
	if m.closed != "" {
		c["closed"], c["reason"] = stamp(m.connClosed), m.closed
	}
	return c
}

func (m *made) detail(all []*made, secrets bool) object {
	siblings := []object{}
	connection := m.connection()
	for _, other := range all {
		if other.conn == m.conn {
			siblings = append(siblings, other.summary())
			connection = other.connection()
		}
	}
	responses := []object{}
	rest, off := m.out, m.outOff
	for rest != "" {
		one := rest
		if strings.HasPrefix(rest, "HTTP/1.1 1") && m.state != "upgraded" {
			one = rest[:strings.Index(rest, "\r\n\r\n")+4]
		}
		responses = append(responses, parsed(one, off, secrets))
		rest, off = rest[len(one):], off+len(one)
	}
	var request any
	if m.state != "refused" {
		request = parsed(m.in, m.inOff, secrets)
	}
	return object{
		"summary": m.summary(), "connection": connection, "siblings": siblings,
		"received": chunks(m.in, m.inOff, m.recvs, 10*m.id, secrets), "sent": chunks(m.out, m.outOff, m.sends, 10*m.id+6, secrets),
		"request": request, "responses": responses, "events": m.events(), "refused": m.refused, "truncated": false,
	}
}

var secret = regexp.MustCompile(`(?i)\r\n(?:authorization|cookie|set-cookie): ([^\r]*)`)

// hide replaces secrets by as many stars, and says where.
func hide(text string) (string, [][2]int) {
	hidden := [][2]int{}
	bytes := []byte(text)
	for _, at := range secret.FindAllStringSubmatchIndex(text, -1) {
		hidden = append(hidden, [2]int{at[2], at[3]})
		for i := at[2]; i < at[3]; i++ {
			bytes[i] = '*'
		}
	}
	return string(bytes), hidden
}

func chunks(text string, off int, lengths []int, seq int, secrets bool) []object {
	shown, hidden := text, [][2]int{}
	if !secrets {
		shown, hidden = hide(text)
	}
	list := []object{}
	for start := 0; start < len(text); {
		length := len(text) - start
		if len(lengths) > 0 {
			length, lengths = min(lengths[0], length), lengths[1:]
		}
		ranges := [][2]int{}
		for _, h := range hidden {
			if from, to := max(h[0], start), min(h[1], start+length); from < to {
				ranges = append(ranges, [2]int{from - start, to - start})
			}
		}
		seq++
		list = append(list, object{
			"off": off + start, "len": length, "seq": seq, "hidden": ranges,
			"data": base64.StdEncoding.EncodeToString([]byte(shown[start : start+length])),
		})
		start += length
	}
	return list
}

var (
	requestLine = regexp.MustCompile(`^(\S+) (\S+) (HTTP/\d\.\d)$`)
	statusLine  = regexp.MustCompile(`^(HTTP/\d\.\d) (\d+) (.*)$`)
)

// parsed is a message as the API gives it.
func parsed(text string, off int, secrets bool) object {
	if !secrets {
		text, _ = hide(text)
	}
	p := &pieces{off: off}
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if at := requestLine.FindStringSubmatch(lines[0]); at != nil {
		p.add("method", at[1], "method."+at[1])
		p.skip(1)
		p.add("target", at[2], "target.origin")
		p.skip(1)
		p.add("version", at[3], "version.1.1")
	} else if at := statusLine.FindStringSubmatch(lines[0]); at != nil {
		p.add("version", at[1], "version.1.1")
		p.skip(1)
		p.add("status", at[2], "status."+at[2])
		p.skip(1)
		p.add("reason", at[3], "reason")
	}
	p.add("crlf", "\r\n", "crlf.line")
	chunked := false
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		p.name = strings.ToLower(name)
		p.add("name", name, "field."+p.name)
		p.add("colon", ":", "colon")
		p.skip(1)
		p.add("value", value, "")
		p.add("crlf", "\r\n", "crlf.line")
		chunked = chunked || p.name == "transfer-encoding"
	}
	p.name = ""
	p.add("crlf", "\r\n", "crlf.end")
	length := p.off - off
	framing := "content-length"
	switch {
	case body == "":
		framing = "none"
	case chunked:
		framing = "chunked"
		p.chunks(body)
	default:
		p.add("body", body, "body.length")
	}
	return object{
		"off": off, "len": length, "pieces": p.list,
		"body": object{"off": off + length, "len": len(text) - length, "framing": framing, "size": len(body)},
	}
}

type pieces struct {
	off  int
	name string
	list []object
}

func (p *pieces) skip(n int) { p.off += n }

func (p *pieces) add(kind, text, explain string) {
	piece := object{"off": p.off, "len": len(text), "kind": kind, "text": text, "explain": explain}
	if kind == "body" || kind == "chunk-data" {
		piece["text"] = ""
	}
	if p.name != "" {
		piece["name"] = p.name
	}
	p.list = append(p.list, piece)
	p.off += len(text)
}

func (p *pieces) chunks(body string) {
	for body != "" {
		var size int
		line, rest, _ := strings.Cut(body, "\r\n")
		fmt.Sscanf(line, "%x", &size)
		kind := "chunk-size"
		if size == 0 {
			p.add("chunk-end", line, "chunk.last")
			p.add("crlf", "\r\n", "crlf.line")
			p.add("crlf", rest, "crlf.end")
			return
		}
		p.add(kind, line, "chunk.size")
		p.add("crlf", "\r\n", "crlf.line")
		p.add("chunk-data", rest[:size], "chunk.data")
		p.add("crlf", "\r\n", "crlf.line")
		body = rest[size+2:]
	}
}

// events are what a connection of ours does for such an exchange.
func (m *made) events() []object {
	list := []object{}
	seq := 10 * m.id
	at := m.at
	add := func(verb string, took time.Duration, more object) {
		e := object{"seq": seq, "time": stamp(at), "conn": m.conn, "fd": 6 + m.conn, "verb": verb}
		if took > 0 {
			e["took_ns"] = took.Nanoseconds()
		}
		for key, value := range more {
			e[key] = value
		}
		list = append(list, e)
		seq++
		at += took + 900*time.Nanosecond
	}
	fd := 6 + m.conn
	if m.nth == 1 {
		at -= 40 * time.Microsecond
		add("accept", 3100*time.Nanosecond, object{"args": "3, SOCK_NONBLOCK|SOCK_CLOEXEC", "result": fmt.Sprintf("%d %s", fd, strings.TrimSuffix(m.peer, " (tcp)")), "note": m.peer})
	} else {
		seq++
	}
	off := m.inOff
	for i, c := range chunks(m.in, m.inOff, m.recvs, 0, true) {
		if i > 0 {
			add("wait", m.took/4, object{"note": "for the body"})
		}
		add("recv", 2100*time.Nanosecond, object{"args": fmt.Sprintf("%d, 16384", fd), "result": fmt.Sprint(c["len"]), "off": off, "len": c["len"]})
		off += c["len"].(int)
	}
	if m.refused != nil {
		add("parse", 4*time.Microsecond, object{"note": "refused: " + m.reason, "error": fmt.Sprintf("http1: %s (byte %d, rule %s, %s)", m.reason, m.refused["offset"], m.rule, m.refused["section"])})
	} else {
		add("parse", 3200*time.Nanosecond, object{"off": m.inOff, "len": strings.Index(m.in, "\r\n\r\n") + 4, "note": m.method + " " + m.target + " HTTP/1.1"})
		if m.blocked {
			add("baton", 0, object{"note": "taken by the watchman: the handler blocked"})
		}
		add("handle", m.took/2, object{"note": "/"})
	}
	line, _, _ := strings.Cut(m.out, "\r\n")
	add("respond", 1500*time.Nanosecond, object{"off": m.outOff, "len": strings.Index(m.out, "\r\n\r\n") + 4, "note": line})
	seq = max(seq, 10*m.id+7)
	for _, c := range chunks(m.out, m.outOff, m.sends, 0, true) {
		add("send", 7300*time.Nanosecond, object{"args": fmt.Sprintf("%d, %d", fd, c["len"]), "result": fmt.Sprint(c["len"]), "off": c["off"], "len": c["len"]})
	}
	add("recv", 700*time.Nanosecond, object{"args": fmt.Sprintf("%d, 16384", fd), "result": "EAGAIN (nothing now)"})
	if m.closed == "" {
		add("rest", 0, nil)
		return list
	}
	at = m.connClosed
	add("close", 0, object{"note": m.closed})
	add("close", 2*time.Microsecond, object{"args": fmt.Sprint(fd), "result": "0"})
	return list
}
