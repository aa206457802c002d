package learn

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// live runs Live for one greeting, and returns what the screen showed.
func live(t *testing.T, lang string, color bool) (screen string, port int) {
	t.Helper()
	needKernel(t)
	port = freePort(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out buffer
	ended := make(chan error, 1)
	go func() { ended <- Live(ctx, &out, Steps()[1], LiveOptions{Port: port, Lang: lang, Color: color}) }()

	eventually(t, "the step is ready", func() bool {
		return strings.Contains(out.String(), in(lang, "待っています…", "waiting…"))
	})
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	eventually(t, "the close is shown while the step runs", func() bool {
		return regexp.MustCompile(`close\(\d+\) = 0`).MatchString(out.String())
	})
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Live ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Live did not end")
	}
	return out.String(), port
}

func TestLiveShowsEachCall(t *testing.T) {
	screen, port := live(t, "en", false)
	call := func(s string) string { return `\n +\d+\.\d{3} s  ` + s + ` <[\d.]+ (ns|µs|ms|s)>\n` }
	rest := screen
	for _, p := range []string{
		`^Step 1 · Accept, send, close\n`, `■ New here\n`, `■ Try it\n`,
		fmt.Sprintf(`\n    \$ curl http://127\.0\.0\.1:%d/\n`, port), `■ Still wrong\n`,
		call(`socket\(AF_INET, SOCK_STREAM\) = \d+`),
		`setsockopt\(\d+, SOL_SOCKET, SO_REUSEADDR, 1\) = 0`,
		fmt.Sprintf(`bind\(\d+, 127\.0\.0\.1:%d\) = 0`, port), `listen\(`, `waiting…\n`,
		`accept\(\d+\) = \d+ 127\.0\.0\.1:\d+`,
		`send\(\d+, "Welcome to the server!", 22\) = 22`,
		`close\(\d+\) = 0`, `Ctrl-C`, `accept\(\d+\) = EINVAL`, `close\(\d+\) = 0`,
		`■ Next\n`, `    genkan learn 2\n$`,
	} {
		at := regexp.MustCompile(p).FindStringIndex(rest)
		if at == nil {
			t.Fatalf("%s does not come, in this order, in\n%s", p, screen)
		}
		rest = rest[max(0, at[1]-1):]
	}
	if strings.Contains(screen, "1235") && port != 1235 {
		t.Error("the text speaks of port 1235, and the step is at another")
	}
	if strings.Contains(screen, "\x1b") {
		t.Error("there are colours, though none were asked for")
	}
}

func TestLiveInJapanese(t *testing.T) {
	screen, _ := live(t, "ja", true)
	for _, words := range []string{"ステップ1", "新しいこと", "やってみる", "サーバーの画面", "待っています", "次へ", "\x1b[1;32m$ nc 127.0.0.1"} {
		if !strings.Contains(screen, words) {
			t.Errorf("%q is not on the screen", words)
		}
	}
}

func TestLiveSaysWhyItCannot(t *testing.T) {
	var out buffer
	err := Live(t.Context(), &out, Steps()[2], LiveOptions{Kernel: nowhere{}})
	if err == nil || !strings.Contains(err.Error(), "wsl genkan learn 2") {
		t.Errorf("Live returned %v; want the way through WSL", err)
	}
	if strings.Contains(out.String(), "■ Next") {
		t.Error("what comes next is said though the step has not run")
	}
}
