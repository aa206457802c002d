package genkan

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/http1/http1test"
)

// A wireRow is a conversation of http1/testdata as a whole server has to hold
// it: what its file says, and nothing that the server's code says.
type wireRow struct {
	name     string
	in       []byte
	eof      bool   // the peer then sends no more
	limits   string // that it sets: "Fields=1 Head=40"
	requests []wireRequest
	breach   *wireBreach // nil: no rule is broken
	closes   string      // the reason, as http1 words it
	waits    bool        // in the middle of a body, which the peer then breaks off
}

// wireRequest is a request as the events have it.
type wireRequest struct {
	method, target, host, query string
	minor                       int
	length                      int64 // -1: chunked
	close, keepAlive10, expects bool
	fields, trailers            []http1.Field
	begin, headEnd              int // bytes of the input
	body                        int // bytes of content
	bodyBegins                  string
	whole                       bool // its end was seen
}

// wireBreach is what refuses a request: the last, if it has a head already.
type wireBreach struct {
	rule   string
	offset int // of the byte in the input
	begin  int // of its message
	status int
	inBody bool // the handler runs: the answer is its own
}

const quotedEvent = `("(?:[^"\\]|\\.)*")`

var (
	headEvent  = regexp.MustCompile(`^(\d+) head ` + quotedEvent + ` ` + quotedEvent + ` 1\.(\d) form=\d host=` + quotedEvent + ` path=` + quotedEvent + `(?: scheme="\w+")?(?: query=` + quotedEvent + `)? length=(-?\d+)((?: [a-z0-9-]+)*) bytes=(\d+)$`)
	fieldEvent = regexp.MustCompile(`^  (\S+): (".*")$`)
	bodyEvent  = regexp.MustCompile(`^\d+ body (\d+) bytes (".*")…?$`)
	endEvent   = regexp.MustCompile(`^(\d+) end$`)
	breakEvent = regexp.MustCompile(`^(\d+) refused (\d+) (\S+)$`)
)

// wireRows are the requests of http1/testdata.
func wireRows(t testing.TB) []*wireRow {
	t.Helper()
	rows, err := readRows()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

var readRows = sync.OnceValues(func() (rows []*wireRow, err error) {
	files, err := http1test.Read(filepath.Join("http1", "testdata"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		for _, c := range f.Conversations {
			if c.Kind != "request" {
				continue
			}
			row := &wireRow{name: filepath.Base(f.Path) + ", " + c.Name, in: c.In, eof: c.EOF()}
			for _, o := range c.Options {
				if strings.Contains(o, "=") {
					row.limits = strings.TrimSpace(row.limits + " " + o)
				}
			}
			if err := row.read(c.Events); err != nil {
				return nil, fmt.Errorf("%s: %w", row.name, err)
			}
			if err := row.readServer(c.Server); err != nil {
				return nil, fmt.Errorf("%s: what the server makes of it: %w", row.name, err)
			}
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		if row.waits {
			row.breakOff(rows)
		}
	}
	return rows, nil
})

// breakOff makes of a conversation that waits one whose peer ends its sending:
// another conversation, of an end in a body, says what that is.
func (row *wireRow) breakOff(rows []*wireRow) {
	last := row.requests[len(row.requests)-1]
	for _, other := range rows {
		if b := other.breach; b != nil && b.rule == "eof-in-body" && b.offset == len(other.in) {
			row.breach = &wireBreach{rule: b.rule, offset: len(row.in), begin: last.begin, status: b.status, inBody: true}
			row.closes = other.closes
			return
		}
	}
	panic("no conversation ends in a body")
}

// read reads the events, all of which it must understand.
func (row *wireRow) read(events string) error {
	begin := 0
	var fields *[]http1.Field // to which a field belongs; nil: it is a reason in words
	for line := range strings.Lines(events) {
		line = strings.TrimSuffix(line, "\n")
		last := len(row.requests) - 1
		if m := headEvent.FindStringSubmatch(line); m != nil {
			if last >= 0 && row.requests[last].close {
				return fmt.Errorf("a request behind one that asks to close, which no server reads (RFC 9112 9.6)")
			}
			row.requests = append(row.requests, readHead(m))
			fields = &row.requests[last+1].fields
			continue
		}
		if m := breakEvent.FindStringSubmatch(line); m != nil {
			row.breach = readBreach(m, begin)
			row.breach.inBody = last >= 0 && !row.requests[last].whole
			fields = nil
			continue
		}
		if m := bodyEvent.FindStringSubmatch(line); m != nil {
			row.requests[last].body, row.requests[last].bodyBegins = atoi(m[1]), unquote(m[2])
			continue
		}
		if m := endEvent.FindStringSubmatch(line); m != nil {
			row.requests[last].whole, begin = true, atoi(m[1])
			fields = &row.requests[last].trailers
			continue
		}
		m := fieldEvent.FindStringSubmatch(line)
		switch reason, closes := strings.CutPrefix(line, "close: "); {
		case closes:
			row.closes = reason
		case strings.HasPrefix(line, "waiting, "):
			row.waits = true
		case strings.HasPrefix(line, "  ") && fields == nil:
		case m != nil:
			*fields = append(*fields, http1.Field{Name: m[1], Value: unquote(m[2])})
		default:
			return fmt.Errorf("an event that cannot be read: %.100q", line)
		}
	}
	if row.closes == "" {
		return fmt.Errorf("the events do not say what becomes of the connection")
	}
	return nil
}

func readHead(m []string) wireRequest {
	r := wireRequest{method: unquote(m[2]), target: unquote(m[3]), minor: atoi(m[4]), host: unquote(m[5]), query: unquote(m[7])}
	r.length, _ = strconv.ParseInt(m[8], 10, 64)
	words := m[9] + " "
	r.close, r.keepAlive10, r.expects = strings.Contains(words, " close "), strings.Contains(words, " keep-alive "), strings.Contains(words, " expect-100 ")
	r.begin = atoi(m[1])
	r.headEnd = r.begin + atoi(m[10])
	return r
}

func readBreach(m []string, begin int) *wireBreach {
	return &wireBreach{rule: m[3], offset: atoi(m[1]), begin: begin, status: atoi(m[2])}
}

// readServer reads what a server makes of it beyond its parser.
func (row *wireRow) readServer(lines string) error {
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		last := len(row.requests) - 1
		m := breakEvent.FindStringSubmatch(line)
		switch reason, closes := strings.CutPrefix(line, "close: "); {
		case closes:
			row.closes = reason
		case m != nil && last >= 0:
			row.breach = readBreach(m, row.requests[last].begin)
			row.requests = row.requests[:last]
		default:
			return fmt.Errorf("a line that cannot be read: %.100q", line)
		}
	}
	return nil
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // of digits, which the expression has seen to
	return n
}

func unquote(s string) string {
	if s == "" {
		return "" // an event without it
	}
	text, err := strconv.Unquote(s)
	if err != nil {
		panic(err) // the parser's tests have written it by strconv.Quote
	}
	return text
}
