package learn

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// The texts are held to what they say: every command in them is run against
// the step, and its output compared. In an output, … stands for anything.

var languages = []string{"ja", "en"}

// block is what stands between two fences.
type block struct {
	kind string // "console": commands; "server": what the step prints
	text string
}

func blocks(text string) []block {
	var out []block
	inside := false
	for line := range strings.Lines(text) {
		kind, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !inside:
			out = append(out, block{kind: strings.TrimSpace(kind)})
			inside = true
		case fence:
			inside = false
		case inside:
			out[len(out)-1].text += line
		}
	}
	return out
}

func TestTextsHaveTheSameParts(t *testing.T) {
	headings := map[string][]string{
		"ja": {"## 新しいこと", "## やってみる", "## まだ足りないこと", "## 次へ"},
		"en": {"## New here", "## Try it", "## Still wrong", "## Next"},
	}
	first := map[string]string{"ja": "# ステップ%d · ", "en": "# Step %d · "}
	for _, s := range Steps() {
		for _, lang := range languages {
			text := s.Text(lang)
			if !strings.HasPrefix(text, fmt.Sprintf(first[lang], s.Number)) || s.Title(lang) == "" {
				t.Errorf("step %d, %s: the first line is not the title", s.Number, lang)
			}
			for i, h := range headings[lang] {
				if got := section(text, i+1); !strings.HasPrefix(got, h+"\n") {
					t.Errorf("step %d, %s: section %d is not %q", s.Number, lang, i+1, h)
				}
			}
			if strings.Count(text, "\n## ") != sections-1 {
				t.Errorf("step %d, %s: more sections than the four", s.Number, lang)
			}
		}
		ja, en := s.Text("ja"), s.Text("en")
		if got, want := fmt.Sprint(blocks(ja)), fmt.Sprint(blocks(en)); got != want {
			t.Errorf("step %d: the two texts have different commands or outputs:\n%s\n%s", s.Number, got, want)
		}
		for n := range sections {
			if a, b := items(section(ja, n)), items(section(en, n)); a != b {
				t.Errorf("step %d, section %d: %d list items in Japanese, %d in English", s.Number, n, a, b)
			}
		}
	}
}

func items(s string) int { return strings.Count(s, "\n- ") }

// TestTextsAreTrue runs the commands of both texts as a shell would.
func TestTextsAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while: the texts' own pauses")
	}
	needTools(t)
	for _, s := range Steps() {
		for _, lang := range languages {
			t.Run(fmt.Sprintf("step%d.%s", s.Number, lang), func(t *testing.T) {
				t.Parallel()
				port := freePort(t)
				r := startOn(t, s.Number, socket.OS, port)
				for _, b := range blocks(atPort(s.Text(lang), port)) {
					switch b.kind {
					case "console":
						runConsole(t, b.text)
					case "server":
						eventually(t, "the step prints\n"+b.text+"\nbut it prints\n"+r.out.String(), func() bool {
							return pattern(b.text, true).MatchString(plain(r.out.String()))
						})
					default:
						t.Errorf("a block of kind %q is neither console nor server", b.kind)
					}
				}
			})
		}
	}
}

// needTools skips with the reason: the texts speak of these programs.
func needTools(t *testing.T) {
	t.Helper()
	needKernel(t)
	for _, tool := range []string{"curl", "nc", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			if tool != "nc" {
				t.Fatalf("%s is needed to check the texts: %v", tool, err)
			}
			t.Skip("nc is not installed, and the texts type with it")
		}
	}
	help, _ := exec.Command("nc", "-h").CombinedOutput()
	if !strings.Contains(string(help), "OpenBSD") {
		t.Skip("nc is not OpenBSD's, whose options and output the texts show")
	}
}

// runConsole runs the commands of a block, one after the other.
func runConsole(t *testing.T, text string) {
	t.Helper()
	for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, rest, _ := strings.Cut(part, "\n")
		var typed, output []string
		for _, line := range strings.Split(strings.TrimSuffix(rest, "\n"), "\n") {
			if words, ok := strings.CutSuffix(line, "⏎"); ok {
				typed = append(typed, strings.TrimSuffix(words, " "))
			} else {
				output = append(output, line)
			}
		}
		p := pattern(strings.Join(output, "\n"), false)
		if got := shell(t, command, typed, p); !p.MatchString(plain(got)) {
			t.Errorf("$ %s\nprinted\n%s\nbut the text promises\n%s", command, got, strings.Join(output, "\n"))
		}
	}
}

// shell runs one command as a person at a terminal would: types what is to be
// typed, looks until the output is what it should be, and presses Ctrl-D, for
// an nc may not end by itself when the server closes.
func shell(t *testing.T, command string, typed []string, output *regexp.Regexp) string {
	t.Helper()
	home := t.TempDir()
	// When its output is no terminal, curl draws a progress meter and keeps
	// the output back: these two lines are the difference.
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte("no-progress-meter\nno-buffer\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	c := exec.CommandContext(ctx, "sh", "-c", command)
	c.Env = append(os.Environ(), "LC_ALL=C", "CURL_HOME="+home, "HOME="+home,
		"no_proxy=*", "http_proxy=", fmt.Sprintf("PID=%d", os.Getpid()))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out buffer
	c.Stdout, c.Stderr = &out, &out
	c.WaitDelay = 100 * time.Millisecond // a command's own background keeps the pipes
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for _, line := range typed {
		fmt.Fprintf(in, "%s\n", line)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // many of the commands are there to fail: the output says how
		close(ended)
	}()
	looking := time.NewTicker(10 * time.Millisecond)
	defer looking.Stop()
	for waiting := time.After(patience); ; {
		select {
		case <-ended:
			return out.String()
		case <-waiting:
		case <-looking.C:
			if !output.MatchString(plain(out.String())) {
				continue
			}
		}
		break
	}
	in.Close()
	<-ended
	if ctx.Err() != nil {
		t.Errorf("$ %s: did not end", command)
	}
	return out.String()
}

// pattern matches an output in which … stands for anything: all of it, or a
// part of it from the beginning of one line to the end of another.
func pattern(text string, part bool) *regexp.Regexp {
	p := strings.ReplaceAll(regexp.QuoteMeta(strings.Trim(plain(text), "\n")), "…", ".*?")
	if part {
		return regexp.MustCompile(`(?s)(^|\n)` + p + `(\n|$)`)
	}
	return regexp.MustCompile(`(?s)^\n*` + p + `\n*$`)
}

// plain is a text as one sees it: no CR, no white space at the end of lines.
func plain(s string) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		lines = append(lines, strings.TrimRight(line, "\r \t"))
	}
	return strings.Join(lines, "\n")
}

// freePort is a port at which nobody listens, on both INET and INET6, in the
// hope that it stays so for a moment.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		six, err := net.Listen("tcp", fmt.Sprintf("[::1]:%d", port))
		l.Close()
		if err == nil {
			six.Close()
			return port
		}
	}
	t.Skip("no port is free on both 127.0.0.1 and ::1: this machine has no IPv6")
	return 0
}
