package watch_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/watch"
)

// exported gets an export of the page's.
func (a *hall) exported(path string) string {
	a.t.Helper()
	status, text := a.ask("GET", path, nil)
	if status != 200 {
		a.t.Fatalf("%s: %d %s", path, status, text)
	}
	return text
}

// program skips the test where a program is not installed.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: what it would read was not shown to it", name)
	}
	return path
}

// talked is a hall in which several things were said.
func talked(t *testing.T) *hall {
	a := watched(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.Header().Set("Set-Cookie", "id=s3cret; Path=/")
		w.Write(body)
	}, watch.LiveOptions{})
	a.talk("GET /a?x=1&y=%E7%8E%84 HTTP/1.1\r\nHost: shop.example\r\nCookie: id=s3cret\r\n\r\n" +
		strings.Replace(form, "POST /form", "POST /b", 1) +
		"PUT /c'%20d HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\n\x00\xff'\"\r\n0\r\n\r\n")
	a.talk("GET / HTTP/1.1\r\nHost : h\r\n\r\n") // refused
	a.known(4)
	a.enter()
	return a
}

// curl, given the exported command, says the same: method, target, fields and
// body. It is asked of a listener that writes down what it hears.
func TestCurlSaysTheSame(t *testing.T) {
	program(t, "curl")
	a := talked(t)
	for id, want := range map[string][]string{
		"1": {"GET /a?x=1&y=%E7%8E%84 HTTP/1.1\r\n", "\r\nHost: shop.example\r\n", "\r\nCookie: id=s3cret\r\n"},
		"2": {"POST /b HTTP/1.1\r\n", "\r\nContent-Type: application/x-www-form-urlencoded\r\n", "\r\nContent-Length: 23\r\n", "\r\n\r\nname=%E7%8E%84%E9%96%A2"},
		"3": {"PUT /c'%20d HTTP/1.1\r\n", "\r\nContent-Length: 4\r\n", "\r\n\r\n\x00\xff'\""},
	} {
		command := a.exported("/api/export/" + id + "?as=curl&secrets=1")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		heard := make(chan string, 1)
		go func() {
			c, err := l.Accept()
			if err != nil {
				heard <- err.Error()
				return
			}
			defer c.Close()
			b := make([]byte, 64<<10)
			n := 0
			for !strings.HasSuffix(string(b[:n]), want[len(want)-1]) && !(id == "1" && strings.HasSuffix(string(b[:n]), "\r\n\r\n")) {
				k, err := c.Read(b[n:])
				n += k
				if err != nil {
					break
				}
			}
			io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			heard <- string(b[:n])
		}()
		at := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
		script := at.ReplaceAllString(command, "http://"+l.Addr().String())
		if script == command {
			t.Errorf("%s asks nobody: %s", id, command)
		}
		out, err := exec.Command("sh", "-c", strings.Replace(script, "curl -v", "curl -q -m 10 -v", 1)).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s\n%s", err, script, out)
		}
		l.Close()
		text := <-heard
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("exchange %s: curl said %q, want %q in it\n%s", id, text, part, script)
			}
		}
		for _, own := range []string{"User-Agent", "Accept:", "Expect"} {
			if strings.Contains(text, own) {
				t.Errorf("exchange %s: curl said %s of its own accord: %q", id, own, text)
			}
		}
	}
	if status, _ := a.ask("GET", "/api/export/4?as=curl", nil); status != 409 {
		t.Errorf("a refused request as curl: %d, want 409", status)
	}
}

// Wireshark's reader follows the streams, finds no fault, and sees HTTP.
func TestPacketsAreRead(t *testing.T) {
	tshark := program(t, "tshark")
	a := talked(t)
	file := filepath.Join(t.TempDir(), "x.pcapng")
	if err := os.WriteFile(file, []byte(a.exported("/api/export?as=pcapng&secrets=1")), 0o644); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(a.addr)
	read := func(args ...string) string {
		t.Helper()
		args = append([]string{"-n", "-r", file, "-d", "tcp.port==" + port + ",http", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"}, args...)
		out, err := exec.Command(tshark, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got := read("-Y", "http.request", "-T", "fields", "-e", "http.request.method", "-e", "http.request.uri"); !strings.HasPrefix(got, "GET\t/a?x=1&y=%E7%8E%84\n") && !strings.HasPrefix(got, "GET,POST,PUT\t") {
		t.Errorf("requests: %q", got)
	}
	if got := read("-Y", "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment || tcp.analysis.out_of_order || tcp.analysis.retransmission"); got != "" {
		t.Errorf("faults: %s", got)
	}
	in1, _, _, _ := a.live.Store().Raw(1)
	in2, _, _, _ := a.live.Store().Raw(2)
	in3, _, _, _ := a.live.Store().Raw(3)
	followed := read("-q", "-z", "follow,tcp,raw,0")
	var hex strings.Builder
	for line := range strings.Lines(followed) {
		if line = strings.TrimRight(line, "\n"); regexp.MustCompile(`^[0-9a-f]+$`).MatchString(line) {
			hex.WriteString(line) // the answers are indented
		}
	}
	want := ""
	for _, c := range append(append(append([]byte(nil), in1...), in2...), in3...) {
		want += string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	if hex.String() != want {
		t.Errorf("the stream is %s\nwant %s", hex.String(), want)
	}
}

// The exported Go test compiles, and fails or passes for what it asks.
func TestGoTestCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	a := talked(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module yours\n\ngo 1.24\n",
		"x_test.go": strings.Replace(a.exported("/api/export/4?as=gotest"), "http.NotFoundHandler() // yours", "http.NotFoundHandler()", 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out) // net/http refuses the request with 400 as well
	}
}

// HAR 1.2 has these fields, and no others must be there.
func TestHARIsWhole(t *testing.T) {
	a := talked(t)
	text := a.exported("/api/export?as=har")
	if strings.Contains(text, "s3cret") {
		t.Error("a secret went out, and nobody asked for it")
	}
	var har struct {
		Log struct {
			Version string
			Creator struct{ Name, Version string }
			Entries []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &har); err != nil {
		t.Fatal(err)
	}
	if har.Log.Version != "1.2" || har.Log.Creator.Name == "" || har.Log.Creator.Version == "" || len(har.Log.Entries) != 3 {
		t.Errorf("%+v, %d entries; the refused request is none", har.Log.Creator, len(har.Log.Entries))
	}
	needs := map[string][]string{
		"":         {"startedDateTime", "time", "request", "response", "cache", "timings"},
		"request":  {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
		"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"},
		"timings":  {"send", "wait", "receive"},
	}
	for i, e := range har.Log.Entries {
		for part, names := range needs {
			in := e
			if part != "" {
				in, _ = e[part].(map[string]any)
			}
			for _, name := range names {
				if _, there := in[name]; !there {
					t.Errorf("entry %d: %s has no %s", i, part, name)
				}
			}
		}
		sum := 0.0
		for _, v := range e["timings"].(map[string]any) {
			sum += v.(float64)
		}
		if d := sum - e["time"].(float64); d > 0.01 || d < -0.01 {
			t.Errorf("entry %d takes %v, and its timings %v: HAR 1.2 wants the sum", i, e["time"], sum)
		}
	}
	content := har.Log.Entries[2]["response"].(map[string]any)["content"].(map[string]any)
	if content["encoding"] != "base64" || content["text"] != "AP8nIg==" {
		t.Errorf("bytes that are no text: %v", content)
	}
}
