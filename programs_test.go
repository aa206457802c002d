package genkan

import (
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is a peer that somebody else wrote. Where it is not installed, the
// test says so and is skipped.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return exec.Command(path, args...)
}

// authorityFile is the test's authority, for programs.
func authorityFile(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "authority.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: identity().authority})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCurl: curl, over each protocol that it and we speak.
func TestCurl(t *testing.T) {
	for _, s := range secured() {
		for _, version := range []string{"--http1.1", "--http2", "--http2-prior-knowledge"} {
			t.Run(s.name+" "+version, func(t *testing.T) {
				h := serve(t, s, at)
				_, port, _ := strings.Cut(h.at(), ":")
				url := "https://server.example:" + port
				args := []string{"-sS", "--max-time", "20", version, "--cacert", authorityFile(t), "--resolve", "server.example:" + port + ":127.0.0.1"}
				want := "1.1"
				if version != "--http1.1" {
					want = "2"
				}
				for path, body := range map[string]string{"/hello": "", "/echo": strings.Repeat("c", 300_000)} {
					args := append(args, "-w", "%{http_version}", url+path)
					if body != "" {
						args = append(args, "--data-binary", "@-")
					}
					curl := program(t, "curl", args...)
					curl.Stdin = strings.NewReader(body)
					out, err := curl.CombinedOutput()
					if body == "" {
						body = "hello\n"
					}
					if err != nil || string(out) != body+want {
						t.Errorf("for %s curl says %q, %v; want the answer, over HTTP/%s", path, clipped(out), err, want)
					}
				}
			})
		}
	}
}

// TestCurlPriorKnowledge: curl, HTTP/2 without TLS.
func TestCurlPriorKnowledge(t *testing.T) {
	for _, s := range stagesOf2() {
		if s.serve != nil || s.name == "loop, UNIX, h2c" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, at)
			out, err := program(t, "curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "-w", "%{http_version}", "http://"+h.at()+"/hello").CombinedOutput()
			if err != nil || string(out) != "hello\n2" {
				t.Errorf("curl says %q, %v", out, err)
			}
		})
	}
}

// TestKeyUpdate: openssl changes its keys, and asks us to change ours, in the
// middle of a connection (RFC 8446 4.6.3).
func TestKeyUpdate(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		openssl := program(t, "openssl", "s_client", "-connect", h.at(), "-servername", "server.example", "-CAfile", authorityFile(t), "-tls1_3", "-alpn", "http/1.1")
		in, err := openssl.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		said := new(lines)
		openssl.Stdout, openssl.Stderr = said, said
		if err := openssl.Start(); err != nil {
			t.Fatal(err)
		}
		defer openssl.Wait()
		defer openssl.Process.Kill()
		for n := range 4 {
			io.WriteString(in, "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
			until(t, "the answer comes", func() bool { return strings.Count(said.String(), "\r\n\r\nhello\n") == n+1 })
			// A line that is one letter is a command, if it comes alone.
			io.WriteString(in, []string{"K\n", "k\n"}[n%2])
			until(t, "the keys are changed", func() bool { return strings.Count(said.String(), "KEYUPDATE") == n+1 })
		}
		in.Close()
		openssl.Wait()
		h.closed()
	})
}

// TestH2load: many streams on many connections, all answered.
func TestH2load(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		if s.name == "loop, UNIX, h2c" {
			return // h2load knows TCP
		}
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) { at(w, r) })
		scheme := "http://"
		if h.srv.TLSConfig != nil {
			scheme = "https://"
		}
		h2load := program(t, "h2load", "-n", "5000", "-c", "10", "-m", "20", scheme+h.at()+"/hello")
		done := time.AfterFunc(60*time.Second, func() { h2load.Process.Kill() })
		defer done.Stop()
		out, err := h2load.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "5000 succeeded, 0 failed, 0 errored, 0 timeout") {
			t.Errorf("h2load says %v\n%s", err, out)
		}
	})
}
