package smuggle

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// An answer of the back is known by a field, or, where there are none, by its
// body.
const (
	fromBack = "X-From-Back"
	body     = "ok\n"
)

// dialling is how long a connection may take: on a machine short of memory for
// TCP the kernel drops the first of its packets, and sends them again after 1,
// 3, 7 and 15 s.
const dialling = 30 * time.Second

// An attempt waits so long for the next byte, and so long when it is made once
// more: a front that waits for more of a body than there is will not answer
// sooner, and one that is busy will answer later.
const (
	patience = 150 * time.Millisecond
	ages     = 3 * time.Second
)

// send gives the bytes to the front, and counts the answers that the back made.
// closed: the front has ended the connection.
func send(address string, wire []byte, patience time.Duration) (answers int, closed bool, err error) {
	c, err := net.DialTimeout("tcp", address, dialling)
	if err != nil {
		return 0, false, err
	}
	defer c.Close()
	c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write(wire); err != nil {
		return 0, true, nil // refused before all of it was read
	}
	in := bufio.NewReader(&waiting{c, patience})
	method := methodOf(wire)
	for {
		if start, _ := in.Peek(len(body)); string(start) == body {
			return answers + 1, true, nil // to what the front took for HTTP/0.9
		}
		answer, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			return answers, !errors.Is(err, os.ErrDeadlineExceeded), nil
		}
		if answer.StatusCode < 200 && answer.StatusCode != 101 {
			continue
		}
		method = "GET"
		if answer.Header.Get(fromBack) != "" {
			answers++
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return answers, !errors.Is(err, os.ErrDeadlineExceeded), nil
		}
	}
}

// waiting has a deadline for each read.
type waiting struct {
	net.Conn
	patience time.Duration
}

func (w *waiting) Read(p []byte) (int, error) {
	w.SetReadDeadline(time.Now().Add(w.patience))
	return w.Conn.Read(p)
}

// methodOf says whether the first answer has a body.
func methodOf(wire []byte) string {
	if bytes.HasPrefix(bytes.TrimLeft(wire, "\r\n"), []byte("HEAD ")) {
		return "HEAD"
	}
	return "GET"
}
