package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long a server may take for one answer that is checked.
const patience = 10 * time.Second

// prepare is the very bytes that wrk will send to a server for w, after they
// were sent once and the answers were what they must be.
func (w *workload) prepare(address, path string) ([]byte, error) {
	more := ""
	if w.again {
		fields, err := validators(address, w.bytesFor(address, path, ""))
		if err != nil {
			return nil, err
		}
		more = fields
	}
	request := w.bytesFor(address, path, more)
	return request, w.check(address, request)
}

// dial connects as the generator will. Who is at the other end is known: it was
// started here.
func (w *workload) dial(address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: patience}
	if w.secure {
		return tls.DialWithDialer(dialer, "tcp", address, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13})
	}
	return dialer.Dial("tcp", address)
}

// check sends request on a connection of its own and compares the answers.
func (w *workload) check(address string, request []byte) error {
	conn, err := w.dial(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(nil)
	if err := w.askOn(conn, r, request); err != nil {
		return err
	}
	if !w.closes {
		return nil
	}
	if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
		return fmt.Errorf("after \"Connection: close\" the connection must end, RFC 9112 9.6; it gave %q, %v", rest, err)
	}
	return nil
}

// askOn sends request on a connection that is open and compares the answers,
// which it reads by way of r.
func (w *workload) askOn(conn net.Conn, r *bufio.Reader, request []byte) error {
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(request); err != nil {
		return err
	}
	r.Reset(conn)
	for i := range w.depth {
		if err := w.checkAnswer(r); err != nil {
			return fmt.Errorf("answer %d of %d to %q: %w", i+1, w.depth, firstLine(request), err)
		}
	}
	return nil
}

func (w *workload) checkAnswer(r *bufio.Reader) error {
	answer, err := http.ReadResponse(r, &http.Request{Method: http.MethodGet})
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	switch {
	case answer.StatusCode != w.status:
		return fmt.Errorf("status %d, not %d: %q", answer.StatusCode, w.status, body)
	case !bytes.Equal(body, w.body):
		return fmt.Errorf("a body of %d bytes that is not the one expected, of %d", len(body), len(w.body))
	case w.chunked && answer.ContentLength != -1:
		return fmt.Errorf("Content-Length %d on an answer that is flushed before it ends", answer.ContentLength)
	case !w.chunked && w.status == http.StatusOK && answer.ContentLength != int64(len(w.body)):
		return fmt.Errorf("Content-Length %d, not %d: servers that frame differently cannot be compared", answer.ContentLength, len(w.body))
	}
	return nil
}

// validators asks for a file and gives the fields with which a browser asks
// again, RFC 9110 13.1: of what the server offered, both.
func validators(address string, request []byte) (string, error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(request); err != nil {
		return "", err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", err
	}
	fields := ""
	if tag := answer.Header.Get("ETag"); tag != "" {
		fields += "If-None-Match: " + tag + "\r\n"
	}
	if date := answer.Header.Get("Last-Modified"); date != "" {
		fields += "If-Modified-Since: " + date + "\r\n"
	}
	if answer.StatusCode != http.StatusOK || fields == "" {
		return "", fmt.Errorf("%q: status %d with neither ETag nor Last-Modified: nothing to ask again with",
			firstLine(request), answer.StatusCode)
	}
	return fields, nil
}

func firstLine(request []byte) []byte {
	line, _, _ := bytes.Cut(request, []byte("\r\n"))
	return line
}
