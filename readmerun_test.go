package genkan_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The runs that the README shows are made again, with what clients sent taken
// from the README itself. What differs each time is levelled on both sides.

const runPatience = 20 * time.Second

// run is the program, serving a folder as the README's was.
type run struct {
	t       *testing.T
	site    string
	address string
	banner  string
	out     *bufio.Reader
}

// serveSite starts the program with these arguments behind the folder's name.
func serveSite(t *testing.T, arguments ...string) *run {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the README shows a run on Linux")
	}
	dir := t.TempDir()
	r := &run{t: t, site: filepath.Join(dir, "site")}
	if err := os.Mkdir(r.site, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.site, "hello.txt")
	if err := os.WriteFile(file, []byte("Hello, entrance.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	settled := time.Now().Add(-time.Hour) // a file that has just changed gets a weak ETag
	if err := os.Chtimes(file, settled, settled); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "genkan")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/genkan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(program, append([]string{"serve", r.site, "--listen", "127.0.0.1:0"}, arguments...)...)
	stdout, _ := server.StdoutPipe()
	stderr, _ := server.StderrPipe()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(runPatience, func() { server.Process.Kill() }) // ends every read below
	t.Cleanup(func() {
		server.Process.Signal(os.Interrupt)
		io.Copy(io.Discard, r.out)
		if err := server.Wait(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
		late.Stop()
	})
	r.out = bufio.NewReader(stdout)
	words := bufio.NewReader(stderr)
	for !strings.HasSuffix(r.banner, "Ctrl-C stops.\n") {
		line, err := words.ReadString('\n')
		if r.banner += line; err != nil {
			t.Fatalf("the program said only %q: %v", r.banner, err)
		}
	}
	r.address = regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(r.banner)
	return r
}

// ask sends these bytes and returns the answer's head, LF at the ends of its
// lines, and its body. Then it closes the connection.
func (r *run) ask(request string) (status int, answer string) {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		r.t.Fatal(err)
	}
	var whole strings.Builder
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &whole)), &http.Request{Method: method})
	if err != nil {
		r.t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	return res.StatusCode, strings.ReplaceAll(whole.String(), "\r\n", "\n")
}

// until returns the lines of standard output up to the one with these words.
func (r *run) until(words string) (lines []string) {
	r.t.Helper()
	for {
		line, err := r.out.ReadString('\n')
		if err != nil {
			r.t.Fatalf("the program did not print %q, only\n%s", words, strings.Join(lines, ""))
		}
		if lines = append(lines, line); strings.Contains(line, words) {
			return lines
		}
	}
}

// levelled is text without what differs from run to run.
func levelled(text string) string {
	for _, one := range []struct{ pattern, instead string }{
		{`(Date|Last-Modified): .*`, "$1: now"},
		{`Etag: ".*"`, "Etag: tag"},
		{`(\[1\] +)[\d.]+(?:ns|µs|ms|s)  `, "$1 took "},
		{`(?m)^ *[\d.]+  \[1\] +`, "time [1] "},
		{`handled in \S+`, "handled in time"},
		{`127\.0\.0\.1:\d+`, "peer"},
		{`\b(\w+)\(\d+`, "$1(fd"},                          // descriptors
		{`(accept\(.*\)) = \d+`, "$1 = fd"},                // the same
		{`(send\(.*), \d+, (.*\)) = \d+`, "$1, n, $2 = n"}, // the length of the ETag varies
	} {
		text = regexp.MustCompile(one.pattern).ReplaceAllString(text, one.instead)
	}
	return text
}

func TestReadmeRunVerbose(t *testing.T) {
	shown := console(t, "README.md", "genkan serve /tmp/site -vv")
	r := serveSite(t, "-vv")
	request := ""
	for _, m := range regexp.MustCompile(`(?m)^[^<"]* <(?: (.*))?$`).FindAllStringSubmatch(shown, -1) {
		request += m[1] + "\r\n"
	}
	r.ask(request)
	var own []string // without the listener's lines, whose order is the scheduler's
	for _, line := range r.until(" close(") {
		if strings.Contains(line, "  [1] ") {
			own = append(own, line)
		}
	}
	if got, want := levelled(strings.Join(own, "")), levelled(shown); got != want {
		t.Errorf("the run shows\n%s\nand README.md\n%s", got, want)
	}
}

func TestReadmeRunRefusal(t *testing.T) {
	const command = `printf 'GET / HTTP/1.1\nHost: x\n\n' | nc -q1 localhost 8080`
	shown := console(t, "README.md", command)
	sent, err := strconv.Unquote(`"` + strings.Split(command, "'")[1] + `"`)
	if err != nil {
		t.Fatal(err)
	}
	_, answer := serveSite(t).ask(sent)
	if got, want := levelled(answer), levelled(shown); got != want {
		t.Errorf("the answer is\n%s\nand README.md shows\n%s", got, want)
	}
}

// TestReadmeRunLog asks for what the log in the README shows.
func TestReadmeRunLog(t *testing.T) {
	shown := console(t, "README.md", "genkan serve /tmp/site")
	r := serveSite(t)
	banner := strings.NewReplacer(r.site, "/tmp/site", r.address, "localhost:8080").Replace(r.banner)
	if !strings.HasPrefix(shown, banner) {
		t.Errorf("the banner is\n%s\nand README.md shows\n%s", banner, shown)
	}
	lines := regexp.MustCompile(`(?m)^\S+ \S+ \S+ (\S+) (\S+) (\d+) .* ms$`).FindAllStringSubmatch(shown, -1)
	if len(lines) == 0 {
		t.Fatal("README.md shows no line of a log")
	}
	for _, m := range lines {
		request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n", m[1], m[2])
		switch {
		case m[1] == http.MethodPost:
			request += "Content-Length: 3\r\n\r\na=1"
		case m[3] == "206":
			request += "Range: bytes=0-4\r\n\r\n"
		default:
			request += "\r\n"
		}
		if status, _ := r.ask(request); fmt.Sprint(status) != m[3] {
			t.Errorf("%s %s: %d, README.md shows %s", m[1], m[2], status, m[3])
		}
		size := `\d+\.\d kB` // a listing, whose length depends on what it lists
		if !strings.HasSuffix(m[2], "/") {
			size = regexp.MustCompile(`\d+ B`).FindString(m[0])
		}
		form := `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 127\.0\.0\.1:\d+ ` + regexp.QuoteMeta(m[1]+" "+m[2]+" "+m[3]) + ` ` + size + ` [0-9.]+ ms\n$`
		if line := r.until("\n")[0]; !regexp.MustCompile(form).MatchString(line) {
			t.Errorf("the log has %q, README.md %q", line, m[0])
		}
	}
}
