package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// recording is a server between a client and an app, which writes down what the
// client said.
type recording struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (r *recording) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.said.String()
	r.said.Reset()
	return text
}

// before gives an address at which everything is passed on to another.
func (r *recording) before(t *testing.T, address string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", address)
			if err != nil {
				in.Close()
				return
			}
			go func() {
				io.Copy(in, out)
				in.Close()
			}()
			go func() {
				b := make([]byte, 64<<10)
				for {
					n, err := in.Read(b)
					r.mu.Lock()
					r.said.Write(b[:n])
					r.mu.Unlock()
					out.Write(b[:n])
					if err != nil {
						out.Close()
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestGetIsCurl gives both the same arguments: what they say on the wire, what
// they print and how they end is the same. Only who they are differs, and that
// curl writes out what is on by default.
func TestGetIsCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed: it was not compared with")
	}
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/missing":
			http.Error(w, "not here", 404)
		case "/moved":
			http.Redirect(w, r, "/there?x=1", http.StatusFound)
		case "/around":
			http.Redirect(w, r, "/around", http.StatusTemporaryRedirect)
		case "/chunks":
			fmt.Fprint(w, "one ")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "two\n")
		case "/early":
			w.Header().Set("Link", "</a>")
			w.WriteHeader(103)
			fmt.Fprint(w, "ok\n")
		case "/short":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			panic(http.ErrAbortHandler)
		case "/nothing":
			c, _, _ := http.NewResponseController(w).Hijack()
			c.Close()
		default:
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %q\n", r.Method, r.RequestURI, r.Host, body)
		}
	}))
	app.Config.ErrorLog = nil
	defer app.Close()
	var record recording
	address := record.before(t, app.Listener.Addr().String())
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, []byte("from\na file\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	url := "http://" + address
	for _, args := range [][]string{
		{url + "/"}, {url}, {address + "/a?b=c#fragment"}, {url + "/a%20b//c"},
		{"-i", url + "/"}, {"-I", url + "/"}, {"-i", url + "/chunks"}, {"-i", url + "/early"}, {url + "/missing"}, {"-f", url + "/missing"}, {"-i", "-f", url + "/missing"},
		{"-X", "DELETE", url + "/x"}, {"-d", "a=1", "-d", "b=2", url + "/x"}, {"-d", "@" + file, url + "/x"}, {"--data-binary", "@" + file, url + "/x"}, {"--data-raw", "@x", url + "/x"}, {"-X", "PUT", "-d", "x", url + "/x"}, {"-d", "", url + "/x"},
		{"-H", "X-A: 1", "-H", "x-b:2", url + "/x"}, {"-H", "Accept: text/html", url + "/x"}, {"-H", "Accept:", url + "/x"}, {"-H", "X-Empty;", url + "/x"}, {"-H", "Host: shop.example", url + "/x"}, {"-d", "x", "-H", "Content-Type: text/plain", url + "/x"},
		{"-u", "me:secret", url + "/x"}, {"-A", "mine", url + "/x"}, {"-0", url + "/x"},
		{url + "/moved"}, {"-L", url + "/moved"}, {"-i", "-L", url + "/moved"}, {"-L", "-d", "x", url + "/moved"}, {"-L", "--max-redirs", "3", url + "/around"},
		{"--resolve", "shop.test:" + port + ":127.0.0.1", "http://shop.test:" + port + "/x"},
		{url + "/a", url + "/b"},
		{url + "/short"}, {url + "/nothing"}, {"http://127.0.0.1:1/"}, {"nosuch://x/"}, {"http://:80/"},
		{"-s", "http://127.0.0.1:1/"}, {"-m", "5", url + "/"},
	} {
		theirs, wantOut, wantCode := record.run(t, curl, append([]string{"-q", "-sS"}, args...))
		ours, out, code := record.runGet(t, args)
		if ours != theirs {
			t.Errorf("%q: said\n%q\ncurl says\n%q", args, ours, theirs)
		}
		if out != wantOut || code != wantCode {
			t.Errorf("%q: %q, code %d\ncurl: %q, code %d", args, out, code, wantOut, wantCode)
		}
	}
}

var spaceless = regexp.MustCompile(`(?m)^([A-Za-z-]+): `)

var agent = regexp.MustCompile(`User-Agent:(curl/[0-9.]+|genkan)\r\n`)

func (r *recording) run(t *testing.T, program string, args []string) (said, out string, code int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "no_proxy=*")
	text, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return r.settled(), string(text), code
}

func (r *recording) runGet(t *testing.T, args []string) (said, out string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"get"}, args...), &stdout, &stderr)
	if code != 0 != (stderr.Len() > 0) && args[0] != "-s" {
		t.Errorf("%q: code %d, and says %q", args, code, &stderr)
	}
	return r.settled(), stdout.String(), code
}

// settled is what was said, once no more of it comes.
func (r *recording) settled() string {
	var all string
	for quiet := 0; quiet < 3; time.Sleep(2 * time.Millisecond) {
		text := r.take()
		all += text
		quiet++
		if text != "" {
			quiet = 0
		}
	}
	all = spaceless.ReplaceAllString(all, "$1:") // which curl leaves out where -H does
	return agent.ReplaceAllString(all, "User-Agent:…\r\n")
}

// TestGetOutputFails: a file that cannot be written is known before anybody is
// asked.
func TestGetOutputFails(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"get", "-o", filepath.Join(t.TempDir(), "no", "such"), "http://127.0.0.1:1/"}, &stdout, &stderr); code != 23 || !strings.Contains(stderr.String(), "no such") {
		t.Errorf("code %d: %s", code, &stderr)
	}
}

// TestGetOnTerminal: what could command a terminal is shown, and what is no
// text refused.
func TestGetOnTerminal(t *testing.T) {
	var out bytes.Buffer
	o := &getOutput{to: &out, terminal: true}
	if err := o.Body([]byte("a\tb\r\n\x1b[2Jé\\\n")); err != nil || out.String() != "a\tb\n\\x1b[2Jé\\\n" {
		t.Errorf("%q, %v", &out, err)
	}
	if err := (&getOutput{to: &out, terminal: true}).Body([]byte("\x00\x01")); err == nil || !strings.Contains(err.Error(), "-o FILE") {
		t.Errorf("no text on a terminal: %v", err)
	}
	if err := (&getOutput{to: &out}).Body([]byte("\x00\x01")); err != nil {
		t.Errorf("into a file: %v", err)
	}
}
