package watch_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/watch"
)

// A hundred thousand exchanges of one connection: each can be looked at without
// all the others, and those that are chosen go out in one file, all of them too.
func TestAHundredThousandOfOneConnection(t *testing.T) {
	const all, batch = 100_000, 500
	a := watched(t, func(http.ResponseWriter, *http.Request) {}, watch.LiveOptions{Bytes: 1 << 30})
	a.enter()
	c, err := net.Dial("tcp", a.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	answers := bufio.NewReader(c)
	for n := 0; n < all; n += batch {
		if _, err := io.WriteString(c, strings.Repeat("GET /x HTTP/1.1\r\nHost: h\r\n\r\n", batch)); err != nil {
			t.Fatal(err)
		}
		for range batch {
			answer, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		}
		for end := time.Now().Add(20 * time.Second); a.live.Store().Status().Kept < n+batch; time.Sleep(100 * time.Microsecond) {
			if time.Now().After(end) {
				t.Fatalf("%+v after %d requests", a.live.Store().Status(), n+batch)
			}
		}
	}
	if status, text := a.ask("GET", "/api/exchanges/50000", nil); status != 200 || len(text) > 64<<10 || !strings.Contains(text, `"earlier":49959,"later":49960`) {
		t.Errorf("%d, %d bytes: %.300s", status, len(text), text)
	}
	ids := make([]uint64, 0, all)
	for id := uint64(all); id > 0; id-- {
		if id != 7 {
			ids = append(ids, id)
		}
	}
	status, har := a.ask("POST", "/api/export", map[string]any{"as": "har", "ids": ids}, "X-Genkan", "1")
	if n := strings.Count(har, `"startedDateTime"`); status != 200 || n != all-1 {
		t.Errorf("%d, %d entries, want %d", status, n, all-1)
	}
	if !strings.HasSuffix(har, "\n  ]\n }\n}\n") {
		t.Errorf("the end is %q", har[max(0, len(har)-40):])
	}
}
