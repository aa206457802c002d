package watch_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/watch"
)

// hall is a watched server with its page.
type hall struct {
	t    testing.TB
	addr string
	live *watch.Live
	page string // the page's address, without a path
	http.Client
}

func watched(t testing.TB, h http.HandlerFunc, o watch.LiveOptions) *hall {
	t.Helper()
	live := watch.New(o)
	srv := &genkan.Server{Handler: h, Watch: live}
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		srv.Close()
		<-served
		if err := live.Close(); err != nil {
			t.Error(err)
		}
	})
	jar, _ := cookiejar.New(nil)
	a := &hall{t: t, addr: l.Addr().String(), live: live, Client: http.Client{Jar: jar}}
	u, err := url.Parse(live.URL())
	if err != nil || live.URL() == "" {
		t.Fatal(live.URL(), live.Err(), err)
	}
	a.page = u.Scheme + "://" + u.Host
	return a
}

// enter opens the page with its token.
func (a *hall) enter() {
	a.t.Helper()
	answer, err := a.Get(a.live.URL())
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 200 || !bytes.Contains(body, []byte("<html")) {
		a.t.Fatalf("%s: %.200s", answer.Status, body)
	}
}

func (a *hall) ask(method, path string, body any, fields ...string) (int, string) {
	a.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, a.page+path, in)
	if err != nil {
		a.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "Host" {
			req.Host = fields[i+1]
		}
		req.Header.Set(fields[i], fields[i+1])
	}
	answer, err := a.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// talk is one connection of one request, or more.
func (a *hall) talk(out string) string {
	a.t.Helper()
	c, err := net.Dial("tcp", a.addr)
	if err != nil {
		a.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, out)
	in, err := io.ReadAll(c)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(in)
}

// known waits until n exchanges are over.
func (a *hall) known(n int) {
	a.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		over := 0
		for _, id := range a.live.Store().All() {
			if d, ok := a.live.Store().Detail(id, false); ok && d.Connection.Closed != nil {
				over++
			}
		}
		if over >= n {
			return
		}
		if time.Now().After(end) {
			a.t.Fatalf("%d of %d exchanges are over after 10 s", over, n)
		}
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	w.Header().Set("Connection", "close")
	w.Write(body)
}

const form = "POST /form HTTP/1.1\r\nHost: shop.example\r\nCookie: id=s3cret\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 23\r\n\r\nname=%E7%8E%84%E9%96%A2"

// Every route is closed to whoever has no cookie, comes under another name,
// from another site, or posts as a form can.
func TestGuard(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.talk(form)
	a.known(1)
	routes := []struct{ method, path string }{
		{"GET", "/"}, {"GET", "/page.css"}, {"GET", "/js/page.js"}, {"GET", "/api/stream"}, {"GET", "/api/words?lang=ja"}, {"GET", "/api/exchanges/1"},
		{"GET", "/api/exchanges/1/body?side=request"}, {"GET", "/api/export/1?as=curl"}, {"GET", "/api/export?as=har"}, {"GET", "/api/find?q=x"},
		{"POST", "/api/clear"}, {"POST", "/api/mark/1"}, {"POST", "/api/replay"}, {"GET", "/api/replays/1"}, {"POST", "/api/export"},
	}
	for _, r := range routes {
		if status, text := a.ask(r.method, r.path, struct{}{}, "X-Genkan", "1"); status != 403 || strings.Contains(text, "s3cret") {
			t.Errorf("%s %s without a cookie: %d %q", r.method, r.path, status, text)
		}
	}
	if status, _ := a.ask("GET", "/?token=WRONG", nil); status != 403 {
		t.Errorf("a wrong token: %d", status)
	}
	a.enter()
	for _, r := range routes {
		if status, _ := a.ask(r.method, r.path, struct{}{}, "X-Genkan", "1", "Host", "rebound.example:1"); status != 421 {
			t.Errorf("%s %s under another name: %d", r.method, r.path, status)
		}
		for _, site := range []string{"cross-site", "same-site"} {
			if status, _ := a.ask(r.method, r.path, struct{}{}, "X-Genkan", "1", "Sec-Fetch-Site", site); status != 403 {
				t.Errorf("%s %s from %s: %d", r.method, r.path, site, status)
			}
		}
		if r.method == "POST" {
			if status, _ := a.ask(r.method, r.path, struct{}{}); status != 403 {
				t.Errorf("%s as a form can: %d", r.path, status)
			}
		}
	}
	if _, text := a.ask("GET", "/api/exchanges/1", nil); strings.Contains(text, "s3cret") || !strings.Contains(text, `"target":"/form"`) {
		t.Errorf("%s", text)
	}
	answer, err := a.Get(a.page + "/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := answer.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// Only this machine can open the page.
func TestAddresses(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "[::]:0": false, "192.0.2.1:80": false, "example.com:80": false, "127.0.0.1": false,
	} {
		live := watch.New(watch.LiveOptions{Addr: addr})
		if err := live.Err(); ok != (err == nil) && !strings.Contains(fmt.Sprint(err), "cannot assign") {
			t.Errorf("%s: %v", addr, err)
		}
		if (live.URL() == "") != (live.Err() != nil) {
			t.Errorf("%s: URL %q, error %v", addr, live.URL(), live.Err())
		}
		live.Close()
	}
	path := filepath.Join(t.TempDir(), "s")
	live := watch.New(watch.LiveOptions{Addr: "unix:" + path})
	if live.Err() != nil {
		if runtime.GOOS == "windows" {
			t.Skip(live.Err())
		}
		t.Fatal(live.Err())
	}
	if addr := live.Addr(); addr.Network() != "unix" || addr.String() != path {
		t.Errorf("Addr is %v, want %s, where it can be found", addr, path)
	}
	if other := watch.New(watch.LiveOptions{Addr: "unix:" + path}); other.Err() == nil || !strings.Contains(other.Err().Error(), "somebody listens") {
		t.Errorf("a second page at the same path: %v", other.Err())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: only the owner may open it", info, err)
	}
	live.Close()
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is still there after Close")
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	live = watch.New(watch.LiveOptions{Addr: "unix:" + path})
	if live.Err() == nil {
		t.Error("a file was taken for a socket")
	}
	live.Close()
	if text, err := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("the file that was there: %q, %v", text, err)
	}
}

// What the page asks for, on one exchange.
func TestAPI(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.talk(form)
	a.known(1)
	a.enter()
	for _, test := range []struct {
		method, path string
		body         any
		status       int
		want         string
	}{
		{"GET", "/api/exchanges/1/body?side=request", nil, 200, `"fields":[["name","玄関"]]`},
		{"GET", "/api/exchanges/1/body?side=response", nil, 200, `"kind":"form"`},
		{"GET", "/api/exchanges/1/body?side=both", nil, 400, "request or response"},
		{"GET", "/api/exchanges/1?secrets=1", nil, 200, `s3cret`},
		{"GET", "/api/exchanges/9", nil, 404, "not kept"},
		{"GET", "/api/exchanges/x", nil, 400, "number"},
		{"GET", "/api/find?field=COOKIE", nil, 200, `{"ids":[1]}`},
		{"GET", "/api/find?field=s3cret", nil, 200, `{"ids":[]}`},
		{"GET", "/api/find", nil, 400, "should hold"},
		{"GET", "/api/words?lang=ja", nil, 200, "GET はターゲット"},
		{"GET", "/api/export/1?as=curl", nil, 200, "-X 'POST'"},
		{"GET", "/api/export/1?as=raw-request&secrets=1", nil, 200, form},
		{"GET", "/api/export/1?as=raw-request", nil, 200, "Cookie: *********\r\n"},
		{"GET", "/api/export/1?as=raw-response", nil, 200, "HTTP/1.1 200 OK"},
		{"GET", "/api/export/1?as=gotest", nil, 200, "func TestExchange1("},
		{"GET", "/api/export/1?as=fuzz", nil, 200, "go test fuzz v1\n"},
		{"GET", "/api/export/1?as=nothing", nil, 400, "goes out as"},
		{"GET", "/api/export?as=har", nil, 200, `"version": "1.2"`},
		{"GET", "/api/export?as=pcapng&ids=1", nil, 200, "Made from the bytes"},
		{"GET", "/api/export?as=har&ids=x", nil, 400, "numbers"},
		{"POST", "/api/export", map[string]any{"as": "har", "ids": []int{1, 9}}, 200, `"value": "*********"`},
		{"POST", "/api/export", map[string]any{"as": "har", "ids": []int{1}, "secrets": true}, 200, `"value": "id=s3cret"`},
		{"POST", "/api/export", map[string]any{"as": "har", "ids": []int{}}, 200, "\"entries\": [\n  ]"},
		{"POST", "/api/export", map[string]any{"as": "pcapng", "ids": []int{1}}, 200, "Made from the bytes"},
		{"POST", "/api/export", map[string]any{"as": "zip", "ids": []int{1}}, 400, "har or pcapng"},
		{"POST", "/api/export", map[string]any{"as": "har", "ids": "1"}, 400, `"ids":[1,2]`},
		{"POST", "/api/mark/1", map[string]bool{"marked": true}, 200, "{}"},
		{"GET", "/api/exchanges/1", nil, 200, `"marked":true`},
		{"POST", "/api/mark/9", map[string]bool{"marked": true}, 404, "not kept"},
		{"POST", "/api/replay", map[string]any{"id": 1}, 200, `"error":""`},
		{"POST", "/api/replay", map[string]any{"id": 1, "bytes": []byte("BAD\r\n\r\n")}, 200, `"received":"SFRUUC8xLjEgNDAw`},
		{"POST", "/api/replay", map[string]any{"id": 1, "to": "192.0.2.1:80"}, 403, "this machine alone"},
		{"POST", "/api/replay", map[string]any{"id": 99}, 404, "not kept"},
		{"GET", "/api/replays/1", nil, 200, `"replay":1,`},
		{"GET", "/api/replays/99", nil, 404, "not kept any more"},
		{"POST", "/api/clear", struct{}{}, 200, "{}"},
		{"GET", "/api/exchanges/1", nil, 404, "not kept"},
	} {
		if status, text := a.ask(test.method, test.path, test.body, "X-Genkan", "1"); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s %s: %d %.400q, want %d and %q in it", test.method, test.path, status, text, test.status, test.want)
		}
	}
}

// The stream begins with what is kept and goes on with what comes.
func TestStream(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.talk(form)
	a.known(1)
	a.enter()
	for range 50 {
		a.talk(form)
	}
	a.known(51)
	answer, err := a.Get(a.page + "/api/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	seen, status := map[int]bool{}, false
	for (len(seen) < 52 || !status) && lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var list []struct{ ID int }
		if json.Unmarshal([]byte(data), &list) == nil {
			for _, x := range list {
				seen[x.ID] = true
			}
			if len(seen) == 51 {
				go a.talk(form)
			}
		}
		status = status || strings.Contains(data, `"limit":`)
	}
	if len(seen) < 52 {
		t.Errorf("%d exchanges came", len(seen))
	}
}

// Exactly what was on the wire, put together again: generated exchanges, seen
// by a recorder at the other end. GENKAN_EXACT says how many; see
// CONTRIBUTING.
func TestExact(t *testing.T) {
	a := watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}, watch.LiveOptions{Exchanges: 1 << 20, Bytes: 1 << 32})
	exact(t, a)
}
