package learn

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestStep4ShowsBothSides(t *testing.T) {
	r := start(t, 4)
	r.ask("GET /test HTTP/1.1\r\nHost: localhost\r\nX: \x1b[2J\a\"\\日本\r\n\r\n")
	want(t, r.out.String(), `> GET /test HTTP/1.1\r\n
> Host: localhost\r\n
> X: \x1b[2J\a\"\\日本\r\n
> \r\n
< HTTP/1.1 200 OK\r\n
< Content-Type: text/plain\r\n
< Content-Length: 5\r\n
< Connection: close\r\n
< \r\n
< Hello
`, "every line is shown as curl -v marks it, and nothing a client sends can act on the terminal")
}

func TestStep4SaysWhatIsWrong(t *testing.T) {
	r := start(t, 4)
	for _, test := range []struct{ text, status, words string }{
		{"GET /test HTTP/1.1\nHost: a\n\n", "400 Bad Request", "use -C"},
		{"GET /test\r\n\r\n", "400 Bad Request", "GET /test HTTP/1.1"},
		{"GET  /test HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request", "GET /test HTTP/1.1"},
		{"GET /test HTTP/2.0\r\nHost: a\r\n\r\n", "400 Bad Request", "GET /test HTTP/1.1"},
		{"GET /test HTTP/1.1\r\n\r\n", "400 Bad Request", "one Host"},
		{"GET /test HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", "400 Bad Request", "one Host"},
		{"GET /test HTTP/1.0\r\n\r\n", "200 OK", "Hello"},
	} {
		answer := r.ask(test.text)
		if !strings.HasPrefix(answer, "HTTP/1.1 "+test.status+"\r\n") || !strings.Contains(bodyOf(answer), test.words) {
			t.Errorf("%q was answered with %q; want %s and the words %q", test.text, answer, test.status, test.words)
		}
	}
}

func TestStep4Head(t *testing.T) {
	r := start(t, 4)
	answer := r.ask("HEAD /test HTTP/1.1\r\nHost: a\r\n\r\n")
	want(t, answer, strings.TrimSuffix(hello, "Hello"), "HEAD has the head of GET and never a body, RFC 9110 9.3.2")
}

func TestStep4AnswersOncePerConnection(t *testing.T) {
	r := start(t, 4)
	one := "GET /test HTTP/1.1\r\nHost: a\r\n\r\n"
	want(t, r.ask(one+one), hello, "there is no keep-alive yet, as the text confesses")
}

func TestStep3DoesNotSayWhatIsWrong(t *testing.T) {
	r := start(t, 3)
	want(t, r.ask("GET /test NONSENSE\r\n\r\n"), hello, "step 3 checks neither version nor Host, as its text confesses")
	want(t, r.ask("nonsense\r\n\r\n"), notFound, "and says 404 to what is no request at all")
}

func TestStep2LeavesALongRequestUnread(t *testing.T) {
	r := start(t, 2)
	c := r.dial("tcp")
	fmt.Fprintf(c, "GET /test HTTP/1.1\r\nX: %s\r\n\r\n", strings.Repeat("x", 4000))
	if _, err := io.ReadAll(c); err == nil {
		t.Error("the answer ended in order; want a reset: 1024 bytes were read of 4000, as the text confesses")
	}
}
