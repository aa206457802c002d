package http1_test

import (
	"fmt"

	"github.com/genkan-http/genkan/http1"
)

func ExampleRequestParser() {
	in := []byte("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi")
	var p http1.RequestParser
	for {
		n, ev, err := p.Next(in, false)
		if err != nil {
			fmt.Println(err)
			return
		}
		in = in[n:]
		switch ev.Kind {
		case http1.EventHead:
			fmt.Println(p.Request.Method, p.Request.Path, "for", p.Request.Host)
		case http1.EventBody:
			fmt.Printf("body %q\n", ev.Data)
		case http1.EventEnd:
			fmt.Println("end")
		case http1.EventNeedMore:
			return
		}
	}
	// Output:
	// POST /hello for localhost
	// body "hi"
	// end
}

func ExampleError() {
	var p http1.RequestParser
	_, _, err := p.Next([]byte("GET / HTTP/1.1\nHost: localhost\n\n"), false)
	fmt.Println(err)
	// Output:
	// http1: a line ends with LF alone; it must end with CR LF (with netcat: nc -C) (byte 14, rule line-end, RFC 9112 2.2)
}

func ExampleAppendField() {
	out := http1.AppendStatusLine(nil, 200)
	out, _ = http1.AppendField(out, "X-Note", "one line\r\nInjected: no")
	out = http1.AppendContentLength(out, 2)
	out = append(http1.AppendHeadEnd(out), "hi"...)
	fmt.Printf("%q\n", out)
	// Output:
	// "HTTP/1.1 200 OK\r\nX-Note: one line  Injected: no\r\nContent-Length: 2\r\n\r\nhi"
}
