package export

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"go/format"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Curl is a command for a POSIX shell that sends the same request: the same
// method, target, fields and body. curl puts Host first and frames the body by
// its length; a request that was refused cannot be said to curl, see [GoTest].
func Curl(x *Exchange) (string, error) {
	m := x.Request
	if m == nil {
		return "", fmt.Errorf("this request cannot be read, and curl sends only what it can make itself: take the raw bytes, or the Go test")
	}
	var b strings.Builder
	if x.Hidden {
		b.WriteString("# " + hiddenNote + "\n")
	}
	if !x.Whole {
		b.WriteString("# Some bytes of this exchange were not kept.\n")
	}
	body := m.Body
	if len(body) > 0 && !shellText(body) {
		b.WriteString("printf %s " + quote(base64.StdEncoding.EncodeToString(body)) + " | base64 -d | ")
	}
	b.WriteString("curl -v --path-as-is")
	switch {
	case m.Version == "HTTP/1.0":
		b.WriteString(" --http1.0")
	default:
		b.WriteString(" --http1.1")
	}
	if m.Method == "HEAD" {
		b.WriteString(" -I")
	} else {
		b.WriteString(" -X " + quote(m.Method))
	}
	seen := map[string]bool{}
	for _, f := range m.Fields {
		name := strings.ToLower(f[0])
		seen[name] = true
		if name == "content-length" || name == "transfer-encoding" || name == "host" && f[1] == x.host() {
			continue
		}
		if f[1] == "" {
			b.WriteString(" \\\n  -H " + quote(f[0]+";"))
			continue
		}
		b.WriteString(" \\\n  -H " + quote(f[0]+": "+f[1]))
	}
	for _, name := range []string{"User-Agent", "Accept"} { // which curl sends by itself
		if !seen[strings.ToLower(name)] {
			b.WriteString(" \\\n  -H " + quote(name+":"))
		}
	}
	if len(body) > 0 {
		if !seen["content-type"] {
			b.WriteString(" \\\n  -H " + quote("Content-Type:"))
		}
		if !seen["expect"] {
			b.WriteString(" \\\n  -H " + quote("Expect:"))
		}
		if shellText(body) {
			b.WriteString(" \\\n  --data-raw " + quote(string(body)))
		} else {
			b.WriteString(" \\\n  --data-binary @-")
		}
	}
	target := m.Target
	if !strings.HasPrefix(target, "/") {
		b.WriteString(" \\\n  --request-target " + quote(target))
		target = "/"
	}
	b.WriteString(" \\\n  " + quote(x.scheme()+"://"+x.host()+target) + "\n")
	return b.String(), nil
}

func (x *Exchange) scheme() string {
	if x.TLS {
		return "https"
	}
	return "http"
}

// host is where the server was asked.
func (x *Exchange) host() string {
	if x.Local != "" && !strings.HasPrefix(x.Local, "unix:") {
		return x.Local
	}
	if x.Request != nil {
		if h := x.Request.Field("host"); h != "" {
			return h
		}
	}
	return "localhost"
}

// shellText: bytes that a shell's argument can hold, and --data-raw sends.
func shellText(b []byte) bool { return utf8.Valid(b) && !bytes.ContainsRune(b, 0) && len(b) < 64<<10 }

// quote is a word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// GoTest is a test file that sends the same bytes over a connection to a server
// of the reader's own, and compares version and status.
func GoTest(x *Exchange) (string, error) {
	in := RawRequest(x)
	if len(in) == 0 {
		return "", fmt.Errorf("no bytes of this request are kept")
	}
	want := ""
	if out := RawResponse(x); len(out) > 0 {
		line, _, _ := bytes.Cut(out, []byte("\r\n"))
		want = string(line[:min(len(line), len("HTTP/1.1 200"))]) // the reason is for people
	}
	note := ""
	if x.Hidden {
		note = "// " + hiddenNote + "\n"
	}
	source := `package yours

import (
	"bufio"
	"io"
	"net"
	"net/http/httptest"
	"net/http"
	"strings"
	"testing"
	"time"
)

` + note + `func TestExchange` + strconv.FormatUint(x.ID, 10) + `(t *testing.T) {
	handler := http.NotFoundHandler() // yours
	srv := httptest.NewServer(handler)
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request` + strconv.FormatUint(x.ID, 10) + `); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if want := ` + strconv.Quote(want) + `; !strings.HasPrefix(line, want) {
		t.Errorf("answered %q, want %s", line, want)
	}
}

const request` + strconv.FormatUint(x.ID, 10) + ` = ` + goString(in) + "\n"
	text, err := format.Source([]byte(source))
	return string(text), err
}

// goString is a string of Go, a line of the wire on a line of its own.
func goString(b []byte) string {
	var lines []string
	for line := range bytes.SplitAfterSeq(b, []byte("\n")) {
		if len(line) > 0 {
			lines = append(lines, strconv.Quote(string(line)))
		}
	}
	if len(lines) == 0 {
		return `""`
	}
	return strings.Join(lines, " +\n\t")
}

// FuzzSeed is a file for testdata/fuzz/FuzzX of a target that takes []byte.
func FuzzSeed(x *Exchange) (string, error) {
	in := RawRequest(x)
	if len(in) == 0 {
		return "", fmt.Errorf("no bytes of this request are kept")
	}
	return "go test fuzz v1\n[]byte(" + strconv.Quote(string(in)) + ")\n", nil
}
