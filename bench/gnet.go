package main

import (
	"bytes"
	"net"
	"strconv"

	"github.com/panjf2000/gnet/v2"
)

// gnetAnswers is a protocol for gnet, which has none: it looks for the end of
// each head and gives a canned answer. It is no HTTP server, and shows what an
// event loop in Go costs.
type gnetAnswers struct {
	gnet.BuiltinEventEngine
	booted chan struct{}
	out    []byte // one event loop, so one at a time
}

const (
	gnetHead   = "HTTP/1.1 200 OK\r\nContent-Type: " + textType + "\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 14\r\n"
	gnetAnswer = gnetHead + "\r\n" + plainText
	gnetLast   = gnetHead + "Connection: close\r\n\r\n" + plainText
)

func (a *gnetAnswers) OnBoot(gnet.Engine) gnet.Action {
	close(a.booted)
	return gnet.None
}

func (a *gnetAnswers) OnTraffic(c gnet.Conn) gnet.Action {
	in, err := c.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	used, action := 0, gnet.None
	a.out = a.out[:0]
	for {
		n := bytes.Index(in[used:], []byte("\r\n\r\n"))
		if n < 0 {
			break
		}
		answer := gnetAnswer
		if bytes.Contains(in[used:used+n], []byte("Connection: close")) {
			action, answer = gnet.Close, gnetLast
		}
		used += n + 4
		a.out = append(a.out, answer...)
	}
	c.Discard(used)
	if _, err := c.Write(a.out); err != nil {
		return gnet.Close
	}
	return action
}

// quiet logs nothing: gnet would write to standard output, which is ours.
type quiet struct{}

func (quiet) Debugf(string, ...any) {}
func (quiet) Infof(string, ...any)  {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(string, ...any) {}

func startGnet(_, _ string, ended chan<- error) (net.Addr, error) {
	port, err := freePort() // gnet does not say which one it got
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	a := &gnetAnswers{booted: make(chan struct{})}
	failed := make(chan error, 1)
	go func() {
		err := gnet.Run(a, "tcp://"+address, gnet.WithTCPNoDelay(gnet.TCPNoDelay), gnet.WithLogger(quiet{}))
		failed <- err
		ended <- err
	}()
	select {
	case <-a.booted:
		return net.ResolveTCPAddr("tcp", address)
	case err := <-failed:
		return nil, err
	}
}
