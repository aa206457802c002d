package record

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// body reads what follows the head, RFC 9112 6.3, as far as it has come.
func (m *message) body(p *pieces, wire []byte, request bool) {
	m.Body = Body{Off: p.off, Framing: "none"}
	switch {
	case !request && (m.method == http.MethodHead || m.status/100 == 1 || m.status == http.StatusNoContent || m.status == http.StatusNotModified):
		m.complete = true
	case strings.EqualFold(m.field("transfer-encoding"), "chunked"):
		m.Body.Framing = "chunked"
		m.chunks(p, wire)
	case m.field("content-length") != "":
		m.Body.Framing = "content-length"
		size, err := strconv.ParseInt(m.field("content-length"), 10, 64)
		if err != nil || size < 0 {
			return // judged elsewhere
		}
		n := min(size, int64(len(wire)))
		m.plain(p, wire[:n], "body.length")
		m.complete = n == size
	case request:
		m.complete = true
	default:
		m.Body.Framing = "close"
		m.plain(p, wire, "body.close")
	}
}

func (m *message) plain(p *pieces, wire []byte, explain string) {
	p.long("body", len(wire), explain)
	m.Body.Len, m.Body.Size = int64(len(wire)), int64(len(wire))
	if len(wire) > 0 {
		m.content = [][]byte{wire}
	}
}

// chunks reads RFC 9112 7.1. It stops where the bytes end, or are none.
func (m *message) chunks(p *pieces, wire []byte) {
	from := p.off
	defer func() { m.Body.Len = p.off - from }()
	for {
		line, rest, found := bytes.Cut(wire, []byte("\r\n"))
		if !found {
			return
		}
		digits, ext, hasExt := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseInt(strings.TrimSpace(string(digits)), 16, 64)
		if err != nil || size < 0 {
			return
		}
		kind, explain := "chunk-size", "chunk.size"
		if size == 0 {
			kind, explain = "chunk-end", "chunk.last"
		}
		p.add(kind, string(digits), explain)
		if hasExt {
			p.add("chunk-ext", ";"+string(ext), "chunk.ext")
		}
		p.add("crlf", "\r\n", "crlf.line")
		if size == 0 {
			m.trailers(p, rest)
			return
		}
		n := min(size, int64(len(rest)))
		p.long("chunk-data", int(n), "chunk.data")
		m.content = append(m.content, rest[:n])
		m.Body.Size += n
		if rest = rest[n:]; !bytes.HasPrefix(rest, []byte("\r\n")) {
			return
		}
		p.add("crlf", "\r\n", "crlf.chunk")
		wire = rest[2:]
	}
}

// trailers reads the section after the last chunk.
func (m *message) trailers(p *pieces, wire []byte) {
	if bytes.HasPrefix(wire, []byte("\r\n")) {
		p.add("crlf", "\r\n", "crlf.end")
		m.complete = true
		return
	}
	end := bytes.Index(wire, []byte("\r\n\r\n"))
	if end < 0 {
		return
	}
	var trailers [][2]string
	p.fields(string(wire[:end+2]), &trailers)
	p.add("crlf", "\r\n", "crlf.end")
	m.complete = true
}
