package watch

import (
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/genkan-http/genkan/trace"
)

// addJSON writes one event as the package's documentation describes. It is
// written by hand because encoding/json lets C1 control characters and those
// that turn the direction of writing through, and lines are read on terminals
// too.
func (p *Printer) addJSON(e *trace.Event) {
	c := p.conn(e)
	if c == nil {
		c = &conn{}
	}
	data := p.jsonData(e, c)
	if e.Verb == trace.Close && e.Conn != 0 {
		p.end(e, c)
	}
	if p.o.Level < 2 && !exchangeJSON(e) {
		return
	}
	p.buf = append(p.buf, '{')
	p.jsonInt("seq", int64(e.Seq))
	p.jsonKey("time")
	p.buf = append(p.buf, '"')
	p.buf = e.Time.AppendFormat(p.buf, time.RFC3339Nano)
	p.buf = append(p.buf, '"')
	p.jsonInt("took_ns", int64(e.Took))
	p.jsonInt("conn", int64(e.Conn))
	if e.FD >= 0 {
		p.jsonKey("fd")
		p.buf = strconv.AppendInt(p.buf, int64(e.FD), 10)
	}
	p.jsonString("verb", e.Verb.String())
	p.jsonInt("off", e.Off)
	p.jsonInt("len", int64(e.Len))
	if len(data) > 0 {
		p.jsonKey("data")
		p.buf = appendJSONBytes(p.buf, data)
	}
	p.jsonString("args", e.Args)
	p.jsonString("result", e.Result)
	p.jsonString("note", p.jsonText(e.Note))
	if e.Err != nil {
		p.jsonString("error", p.jsonText(e.Err.Error()))
	}
	p.buf = append(p.buf, '}', '\n')
}

// exchangeJSON: what level 1 shows.
func exchangeJSON(e *trace.Event) bool {
	if e.Err != nil {
		return true
	}
	switch e.Verb {
	case trace.Accept, trace.Connect:
		return e.Conn != 0
	case trace.Close:
		return !e.IsCall()
	case trace.Parse, trace.Handle, trace.Respond, trace.Rest:
		return true
	}
	return false
}

// jsonData keeps the hider of a call's bytes in step even if the event is not
// shown. A head stands for itself.
func (p *Printer) jsonData(e *trace.Event, c *conn) []byte {
	if p.o.ShowSecrets {
		return e.Data
	}
	if e.Verb == trace.Parse || e.Verb == trace.Respond {
		c.messageAt(e)
		var h hider
		return h.hide(nil, e.Data, 0, len(e.Data))
	}
	return shown(e, c, false)
}

func (p *Printer) jsonText(s string) string {
	if p.o.ShowSecrets {
		return s
	}
	return hideText(s)
}

func (p *Printer) addJSONLost(n uint64) {
	p.addf("{\"lost\":%d}\n", n)
}

// jsonKey writes the comma too, unless it is the first.
func (p *Printer) jsonKey(key string) {
	if p.buf[len(p.buf)-1] != '{' {
		p.buf = append(p.buf, ',')
	}
	p.buf = append(p.buf, '"')
	p.buf = append(p.buf, key...)
	p.buf = append(p.buf, '"', ':')
}

func (p *Printer) jsonInt(key string, n int64) {
	if n == 0 {
		return
	}
	p.jsonKey(key)
	p.buf = strconv.AppendInt(p.buf, n, 10)
}

func (p *Printer) jsonString(key, s string) {
	if s == "" {
		return
	}
	p.jsonKey(key)
	p.buf = append(p.buf, '"')
	for _, r := range s { // invalid UTF-8 becomes U+FFFD
		p.buf = appendJSONRune(p.buf, r)
	}
	p.buf = append(p.buf, '"')
}

// appendJSONBytes makes one character of each byte, as HAR files do.
func appendJSONBytes(dst, data []byte) []byte {
	dst = append(dst, '"')
	for _, c := range data {
		if c < 0x80 {
			dst = appendJSONRune(dst, rune(c))
		} else {
			dst = fmt.Appendf(dst, `\u%04x`, c)
		}
	}
	return append(dst, '"')
}

func appendJSONRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case unicode.IsPrint(r) && r != unicode.ReplacementChar:
		return append(dst, string(r)...)
	case r > 0xffff:
		hi, lo := utf16.EncodeRune(r)
		return fmt.Appendf(dst, `\u%04x\u%04x`, hi, lo)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
