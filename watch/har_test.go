package watch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/internal/npm"
	"github.com/genkan-http/genkan/watch"
	"github.com/genkan-http/genkan/watch/export"
)

// harFaults is a judge that is not ours: the published schemas of HAR 1.2
// (har-schema), read by ajv, run by node. Both come from npm.
func harFaults(t *testing.T) func(har []byte) string {
	t.Helper()
	const skipped = "HAR files were not judged by the format's schemas"
	ajv := npm.Files(t, npm.Package{Name: "ajv", Version: "6.12.6", SHA256: "9975345b80dbf809b9bfe0c698e45c0d5223c281d3b258c74528ccfc6d13134a"}, skipped)
	schemas := npm.Files(t, npm.Package{Name: "har-schema", Version: "2.0.0", SHA256: "2e7b84af0567ad7c6a5ddcb5f4c1bcc2bd29d4b089d734f628ac08517081be26"}, skipped)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: " + skipped)
	}
	dir := t.TempDir()
	put := func(name string, text []byte) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("ajv.bundle.js", ajv["dist/ajv.bundle.js"])
	put("json-schema-draft-06.json", ajv["lib/refs/json-schema-draft-06.json"])
	n := 0
	for name, text := range schemas {
		if base, ok := strings.CutPrefix(name, "lib/"); ok && strings.HasSuffix(base, ".json") {
			put("har/"+base, text)
			n++
		}
	}
	if n < 18 {
		t.Fatalf("har-schema has %d schemas, want 18", n)
	}
	return func(har []byte) string {
		t.Helper()
		cmd := exec.Command(node, "testdata/har.cjs", dir)
		cmd.Stdin = bytes.NewReader(har)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("node: %v: %s", err, out)
		}
		return string(out)
	}
}

// What a server saw, by the schemas: each kind of target and answer, cookies of
// every shape, bodies that are no text, answers that never came.
func TestHARBySchemas(t *testing.T) {
	faults := harFaults(t)
	a := watched(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/odd":
			w.Header()["Set-Cookie"] = []string{"a", "b=c; Path=/; Expires=never", "=", ""}
			w.Header().Set("Location", "//else/where?ü")
			w.WriteHeader(302)
		case "/gone":
			panic(http.ErrAbortHandler)
		default:
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			w.Write(body)
		}
	}, watch.LiveOptions{})
	requests := []string{
		"GET /odd?a=1&&b&=c&%zz=%e7 HTTP/1.1\r\nHost: h\r\nCookie: a; b=c;;=; d=\xff\r\nX: caf\xe9\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
		"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
		"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
		"GET http://example.com/a'b?c={d}|^e HTTP/1.1\r\nHost: example.com\r\n\r\n",
		"GET /%E7%8E%84{}|\\^`' HTTP/1.0\r\n\r\n",
		"GET //double HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /gone HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\x00\xff\xfe\r\n0\r\nEtag: x\r\n\r\n",
		form,
	}
	for i, request := range requests {
		c := a.talk(strings.Replace(request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
		a.known(i + 1)
		if strings.Contains(c, " 400 ") {
			t.Errorf("refused: %s\n%s", request, c)
		}
	}
	a.enter()
	for _, path := range []string{"/api/export?as=har", "/api/export?as=har&secrets=1"} {
		har := a.exported(path)
		if got := faults([]byte(har)); got != "" {
			t.Errorf("%s:\n%s%s", path, got, har)
		}
		if n := strings.Count(har, `"startedDateTime"`); n != len(requests) {
			t.Errorf("%d entries, want %d", n, len(requests))
		}
	}
	entries := a.harEntries()
	for i, want := range map[int]string{
		1: "http://" + a.addr, 2: "http://example.com:443", 3: "http://[::1]:443", 4: "http://example.com/a'b?c=%7Bd%7D%7C%5Ee", 5: "http://" + a.addr + "/%E7%8E%84%7B%7D%7C%5C%5E%60'", 6: "http://" + a.addr + "//double",
	} {
		if got := entries[i].Request.URL; got != want {
			t.Errorf("%q has the URL %q, want %q", requests[i], got, want)
		}
	}
}

type harEntry struct {
	Request         struct{ URL string }
	ServerIPAddress string
}

func (a *hall) harEntries() []harEntry {
	a.t.Helper()
	var har struct{ Log struct{ Entries []harEntry } }
	if err := json.Unmarshal([]byte(a.exported("/api/export?as=har")), &har); err != nil {
		a.t.Fatal(err)
	}
	return har.Log.Entries
}

// The same for servers at other addresses, and the judge is no yes-man.
func TestHARAddressesBySchemas(t *testing.T) {
	faults := harFaults(t)
	get := &export.Message{Method: "GET", Target: "/", Version: "HTTP/1.1"}
	for local, ip := range map[string]string{"[::1]:8000": "::1", "[fe80::1%lo]:8000": "fe80::1", "127.0.0.1:8000": "127.0.0.1", "unix:/run/s": "", "unix:@s": "", "": ""} {
		har := madeHAR(t, &export.Exchange{Local: local, Began: time.Unix(1e9, 0), Took: -time.Second, Request: get})
		if got := faults(har); got != "" {
			t.Errorf("at %q:\n%s%s", local, got, har)
		}
		if !bytes.Contains(har, fmt.Appendf(nil, `"serverIPAddress": %q`, ip)) && ip != "" {
			t.Errorf("at %q: %s", local, har)
		}
	}
	if none := madeHAR(t); faults(none) != "" {
		t.Errorf("no exchanges: %s%s", faults(none), none)
	}
	whole := madeHAR(t, &export.Exchange{Began: time.Unix(1e9, 0), Request: get})
	for before, after := range map[string]string{
		`"startedDateTime": "2`: `"startedDateTime": "x`, `"timings"`: `"times"`, `"url": "http:`: `"url": " `, `"status": 0`: `"status": "0"`, `"creator"`: `"maker"`,
	} {
		if broken := strings.Replace(string(whole), before, after, 1); broken == string(whole) || faults([]byte(broken)) == "" {
			t.Errorf("%s instead of %s is no fault", after, before)
		}
	}
}

func madeHAR(t *testing.T, list ...*export.Exchange) []byte {
	t.Helper()
	var har bytes.Buffer
	if err := export.HAR(&har, slices.Values(list), "genkan", "1"); err != nil {
		t.Fatal(err)
	}
	return har.Bytes()
}
