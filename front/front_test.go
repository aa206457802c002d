package front_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/front"
	"github.com/genkan-http/genkan/genkantest"
)

// before starts a Genkan server before an app, and gives its URL.
func before(t *testing.T, to string, o front.Options) string {
	t.Helper()
	target, err := front.ParseTarget(to)
	if err != nil {
		t.Fatal(err)
	}
	o.ErrorLog = log.New(io.Discard, "", 0)
	srv := genkantest.NewServer(front.New(target, o))
	t.Cleanup(srv.Close)
	return srv.URL
}

func app(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:8000":   "http://127.0.0.1:8000",
		"https://example.com/app": "https://example.com/app",
		"127.0.0.1:8000":          "http://127.0.0.1:8000",
		":8000":                   "http://127.0.0.1:8000",
		"8000":                    "http://127.0.0.1:8000",
		"[::1]:8000":              "http://[::1]:8000",
		"localhost:3000":          "http://localhost:3000",
		"unix:///run/app.sock":    "unix:/run/app.sock",
		"unix:app.sock":           "unix:app.sock",
	} {
		if got, err := front.ParseTarget(in); err != nil || got.String() != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for in, words := range map[string]string{
		"":             "no host",
		"ftp://x":      "not spoken",
		"unix:":        "no path",
		"http://":      "no host",
		"http://u:p@h": "only a host",
		"http://h?x":   "only a host",
		"http://a b":   "no URL",
	} {
		if _, err := front.ParseTarget(in); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %q in it", in, err, words)
		}
	}
}

// What belongs to one hop stays behind, and what a client says of itself in the
// forwarding fields too.
func TestFields(t *testing.T) {
	seen := make(chan *http.Request, 1)
	url := before(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		w.Header().Set("Connection", "X-Mine")
		w.Header().Set("X-Mine", "1")
		w.Header().Set("X-Kept", "1")
	}), front.Options{})
	req, _ := http.NewRequest("GET", url+"/a%2Fb//c?x=1;y&%zz", nil)
	req.Host = "shop.example"
	for name, value := range map[string]string{
		"Connection": "X-Secret, keep-alive", "X-Secret": "1", "Keep-Alive": "5", "Te": "gzip", "Proxy-Authorization": "x",
		"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https", "Forwarded": "for=1.2.3.4", "X-Kept": "1", "X-Real-Ip": "1.2.3.4",
	} {
		req.Header.Set(name, value)
	}
	req.Header["X_Forwarded_For"] = []string{"1.2.3.4"}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	r := <-seen
	for name, want := range map[string]string{
		"X-Secret": "", "X-Real-Ip": "", "X_forwarded_for": "", "Keep-Alive": "", "Te": "", "Proxy-Authorization": "", "X-Kept": "1", "Connection": "",
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "http",
		"Forwarded": `for=127.0.0.1;host="shop.example";proto=http`,
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if r.Host != "shop.example" || r.RequestURI != "/a%2Fb//c?x=1;y&%zz" {
		t.Errorf("Host %q, target %q", r.Host, r.RequestURI)
	}
	if answer.Header.Get("X-Mine") != "" || answer.Header.Get("X-Kept") != "1" {
		t.Errorf("the answer has %v", answer.Header)
	}
	own := before(t, app(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r }), front.Options{OwnHost: true})
	get(t, own, "")
	if r := <-seen; r.Host == strings.TrimPrefix(own, "http://") {
		t.Errorf("Host is %q, want the app's own", r.Host)
	}
}

func get(t *testing.T, url, accept string) (int, string) {
	t.Helper()
	req, _ := http.NewRequest("GET", url, nil)
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// An event is passed on when it comes, not when there are more of them.
func TestStreaming(t *testing.T) {
	more := make(chan struct{})
	url := before(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for i := range 3 {
			fmt.Fprintf(w, "%d\n", i)
			w.(http.Flusher).Flush()
			<-more
		}
	}), front.Options{})
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); line != fmt.Sprintln(i) || err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		more <- struct{}{}
	}
}

// A tunnel and an echo are not an app's to give.
func TestMethodsNotHandedOn(t *testing.T) {
	url := before(t, app(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s came to the app", r.Method) }), front.Options{})
	for _, method := range []string{"TRACE", "CONNECT"} {
		req, _ := http.NewRequest(method, url, nil)
		answer, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s", method, answer.Status)
		}
	}
}

// A request's body arrives while it is being sent.
func TestBodyStreams(t *testing.T) {
	url := before(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"X-Sum", "7")
	}), front.Options{})
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, "hello")
		w.Close()
	}()
	answer, err := http.Post(url, "text/plain", r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); string(body) != "hello" || err != nil || answer.Trailer.Get("X-Sum") != "7" {
		t.Errorf("%q, %v, trailer %v", body, err, answer.Trailer)
	}
}

// After 101 both sides speak as they like.
func TestUpgrade(t *testing.T) {
	url := before(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		rw.Flush()
		for {
			line, err := rw.ReadString('\n')
			if err != nil {
				return
			}
			io.WriteString(c, "echo "+line)
		}
	}), front.Options{})
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil || answer.StatusCode != 101 {
		t.Fatalf("%v, %v", answer, err)
	}
	for _, word := range []string{"one\n", "two\n"} {
		io.WriteString(c, word)
		if line, err := in.ReadString('\n'); line != "echo "+word || err != nil {
			t.Fatalf("%q, %v", line, err)
		}
	}
}

// What goes wrong is said, in the form that was asked for.
func TestFailures(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + l.Addr().String()
	l.Close()
	broken := app(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	for _, test := range []struct {
		to     string
		o      front.Options
		status int
		words  string
	}{
		{gone, front.Options{}, 502, "does not listen. Is it running?"},
		{"unix:" + filepath.Join(t.TempDir(), "none"), front.Options{}, 502, "does not listen"},
		{broken, front.Options{}, 502, "closed the connection before it had answered"},
		{app(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), front.Options{AnswerTimeout: 50 * time.Millisecond}, 504, "did not answer in time"},
	} {
		url := before(t, test.to, test.o)
		for _, accept := range []string{"", "text/html", "text/html;q=0"} {
			status, body := get(t, url, accept)
			if status != test.status || !strings.Contains(body, test.words) || strings.HasPrefix(body, "<!DOCTYPE html>") != (accept == "text/html") {
				t.Errorf("%s, Accept %q: %d %q", test.to, accept, status, body)
			}
		}
	}
}

// An app that breaks off in the middle makes the client see that.
func TestBrokenOff(t *testing.T) {
	url := before(t, app(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}), front.Options{})
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("%q came as if it were whole", body)
	}
}

// A client that goes away ends the request to the app.
func TestClientGone(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	url := before(t, app(t, func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	}), front.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
	go func() {
		<-begun
		cancel()
	}()
	if answer, err := http.DefaultClient.Do(req); err == nil {
		answer.Body.Close()
		t.Error("an answer came")
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the app was not told within 10 s")
	}
}

func TestUNIX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "over ", r.Host) })}
	go srv.Serve(l)
	defer srv.Close()
	url := before(t, "unix:"+path, front.Options{})
	if status, body := get(t, url, ""); status != 200 || body != "over "+strings.TrimPrefix(url, "http://") {
		t.Errorf("%d %q", status, body)
	}
}

func ExampleNew() {
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "the app, asked for", r.Host)
	}))
	defer theirs.Close()
	target, err := front.ParseTarget(theirs.URL)
	if err != nil {
		log.Fatal(err)
	}
	answer := httptest.NewRecorder()
	front.New(target, front.Options{}).ServeHTTP(answer, httptest.NewRequest("GET", "http://shop.example/", nil))
	io.Copy(os.Stdout, answer.Body)
	// Output:
	// the app, asked for shop.example
}
