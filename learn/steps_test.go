package learn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Each step is held to what it can do, and to what it confesses it cannot: a
// step that could more would make the next one pointless, and its text untrue.

const notYet = 300 * time.Millisecond // how long "keeps the next one waiting" is looked at

func TestStep0ShowsItsSockets(t *testing.T) {
	r := start(t, 0)
	fds := regexp.MustCompile(`socket\(INET, STREAM\) = (\d+)`).FindAllStringSubmatch(r.out.String(), -1)
	if len(fds) != 3 {
		t.Fatalf("three sockets are opened, one line each; printed:\n%s", r.out)
	}
	want(t, fds[2][1], fds[0][1], "the lowest free number is given, and that is the one just closed")
	if fds[0][1] == fds[1][1] {
		t.Error("two open sockets have one number")
	}
	if len(r.addrs) != 0 {
		t.Errorf("step 0 binds nothing, and says it is at %v", r.addrs)
	}
	if descriptors() >= 0 {
		for _, fd := range fds[1:] {
			what, err := os.Readlink("/proc/self/fd/" + fd[1])
			if err != nil || !strings.HasPrefix(what, "socket:[") {
				t.Errorf("descriptor %s is %q, %v; want a socket", fd[1], what, err)
			}
			if !strings.Contains(r.out.String(), "  "+fd[1]+"  "+what+"\n") {
				t.Errorf("descriptor %s is %s, which is not in the list", fd[1], what)
			}
		}
	}
}

func TestStep1Greets(t *testing.T) {
	r := start(t, 1)
	want(t, r.addrs[0].IP.Addr().String(), "127.0.0.1", "the address of the notes")
	for range 2 {
		want(t, r.rest(r.dial("tcp")), "Welcome to the server!", "exactly this, and then an orderly end: the client sent nothing")
	}
}

func TestStep1IsNotHTTP(t *testing.T) {
	r := start(t, 1)
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/", r.port()))
	if err == nil {
		resp.Body.Close()
		t.Errorf("net/http took the greeting for HTTP: %s", resp.Status)
	}
	out, err := exec.Command("curl", "-sS", fmt.Sprintf("http://127.0.0.1:%d/", r.port())).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "HTTP/0.9") {
		t.Errorf("curl ended with %v and %q; want exit 1 and a complaint about HTTP/0.9", err, out)
	}
}

// lateAccept is a kernel whose accept returns only when the client's bytes
// have come: so the race of step 1 and curl has one outcome.
type lateAccept struct{ socket.Kernel }

func (k lateAccept) Accept(fd socket.FD, flags socket.Type) (socket.FD, socket.Addr, error) {
	conn, peer, err := k.Kernel.Accept(fd, flags)
	if err == nil {
		_, _ = k.Kernel.Recv(conn, make([]byte, 1), socket.PEEK)
	}
	return conn, peer, err
}

func TestStep1ResetsWhoSpeaks(t *testing.T) {
	r := startOn(t, 1, lateAccept{socket.OS}, 0)
	c := r.dial("tcp")
	io.WriteString(c, "GET / HTTP/1.1\r\n\r\n")
	_, err := io.ReadAll(c)
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the end was %v; want a reset: the socket was closed with unread bytes in it", err)
	}
}

func TestStep3DoesNotReset(t *testing.T) {
	r := startOn(t, 3, lateAccept{socket.OS}, 0)
	c := r.dial("tcp")
	io.WriteString(c, "POST /test HTTP/1.1\r\nContent-Length: 30000\r\n\r\n")
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	want(t, bodyOf(string(answer)), "Not Found", "the answer need not wait for the body")
	for i := range 30 {
		if _, err := io.WriteString(c, strings.Repeat("x", 1000)); err != nil {
			t.Fatalf("after %d bytes of the body: %v; want them read away, and no reset", i*1000, err)
		}
	}
}

func TestTheNextClientIsServedAfterOneThatLeft(t *testing.T) {
	for n := 1; n <= 5; n++ {
		r := start(t, n)
		c := r.dial("tcp")
		if n > 1 { // step 1 would answer at once
			io.WriteString(c, "GET /te")
		}
		c.(*net.TCPConn).SetLinger(0) // leaves with a reset
		c.Close()
		if n == 1 {
			want(t, r.rest(r.dial("tcp")), "Welcome to the server!", "one client's reset is not the server's end")
		} else if !r.isServed(patience) {
			t.Errorf("step %d: one client's reset ended the server", n)
		}
	}
}

func bodyOf(answer string) string {
	_, body, _ := strings.Cut(answer, "\r\n\r\n")
	return body
}

const (
	hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" +
		"Content-Length: 5\r\nConnection: close\r\n\r\nHello"
	notFound = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n" +
		"Content-Length: 9\r\nConnection: close\r\n\r\nNot Found"
)

func TestAnswersOfTheNotes(t *testing.T) {
	for n := 2; n <= 5; n++ {
		t.Run(fmt.Sprint("step", n), func(t *testing.T) {
			r := start(t, n)
			want(t, r.ask("GET /test HTTP/1.1\r\nHost: localhost\r\n\r\n"), hello, "/test answers Hello")
			for _, target := range []string{"/", "/test/", "/tests", "/TEST", "/test?a=1"} {
				want(t, r.ask("GET "+target+" HTTP/1.1\r\nHost: localhost\r\n\r\n"), notFound, "all else is 404: "+target)
			}
			want(t, r.ask("POST /test HTTP/1.1\r\nHost: localhost\r\n\r\n"), notFound, "only GET was promised")

			resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/test", r.port()))
			if err != nil {
				t.Fatalf("net/http does not take it for HTTP: %v", err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			want(t, resp.Status+" "+string(body), "200 OK Hello", "a real client reads the same")
		})
	}
}

func TestStep2AnswersTheFirstPieceAlone(t *testing.T) {
	r := start(t, 2)
	want(t, r.ask("GET /te"), notFound, "there is one recv, and it takes a piece for the whole, as the text confesses")
}

// inTwo sends a request in two pieces, the second when it is sure that the
// first has not been answered.
func (r *running) inTwo(first, second string) string {
	r.t.Helper()
	c := r.dial("tcp")
	io.WriteString(c, first)
	c.SetReadDeadline(time.Now().Add(notYet))
	if early, err := io.ReadAll(c); !errors.Is(err, os.ErrDeadlineExceeded) {
		r.t.Fatalf("the first piece was answered with %q, %v", early, err)
	}
	c.SetDeadline(time.Now().Add(patience))
	io.WriteString(c, second)
	return r.rest(c)
}

func TestLaterStepsWaitForAllPieces(t *testing.T) {
	for n := 3; n <= 5; n++ {
		r := start(t, n)
		want(t, r.inTwo("GET /te", "st HTTP/1.1\r\nHost: localhost\r\n\r\n"), hello, "the head ends at the empty line, not at the end of a recv")

		c := r.dial("tcp")
		for _, b := range []byte("GET /test HTTP/1.1\r\nHost: localhost\r\n\r\n") {
			c.Write([]byte{b})
		}
		want(t, r.rest(c), hello, fmt.Sprintf("step %d gives byte by byte the same answer", n))
	}
}

func TestASilentClientKeepsTheNextWaiting(t *testing.T) {
	for n := 2; n <= 5; n++ {
		r := start(t, n)
		silent := r.dial("tcp")
		if r.isServed(notYet) {
			t.Errorf("step %d serves two at once, which its text says it cannot", n)
		}
		silent.Close()
		if !r.isServed(patience) {
			t.Errorf("step %d serves nobody after the silent one has gone", n)
		}
	}
}

func TestAClientThatStaysKeepsTheNextWaiting(t *testing.T) {
	for n := 3; n <= 5; n++ {
		r := start(t, n)
		c := r.dial("tcp")
		io.WriteString(c, "GET /test HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if answer, err := io.ReadAll(c); err != nil || string(answer) != hello {
			t.Fatalf("step %d: %q, %v", n, answer, err)
		}
		if r.isServed(notYet) { // c has its answer and does not close
			t.Errorf("step %d does not wait for the client's end, which its text says it does", n)
		}
		c.Close()
		if !r.isServed(patience) {
			t.Errorf("step %d serves nobody after the end of the one who stayed", n)
		}
	}
}

func TestStep3GivesUpOnAHeadWithoutEnd(t *testing.T) {
	for n := 3; n <= 5; n++ {
		r := start(t, n)
		c := r.dial("tcp")
		io.WriteString(c, "GET /test HTTP/1.1\r\nX: "+strings.Repeat("x", 20000))
		answer, err := io.ReadAll(c)
		if errors.Is(err, os.ErrDeadlineExceeded) || len(answer) > 0 {
			t.Errorf("step %d: got %q, %v; want the connection closed: memory has a limit", n, answer, err)
		}
	}
}
