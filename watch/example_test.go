package watch_test

import (
	"os"

	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

// What a server emits, as its owner sees it with -v.
func ExampleText() {
	p := watch.Text(os.Stdout, watch.Options{Level: 1})
	head := "GET /test HTTP/1.1\r\nHost: localhost\r\nCookie: id=1234\r\n\r\n"
	p.Print(trace.Event{Verb: trace.Accept, Conn: 3, Note: "127.0.0.1:51234 (tcp)"})
	p.Print(trace.Event{Verb: trace.Parse, Conn: 3, Len: len(head), Data: []byte(head)})
	p.Print(trace.Event{Verb: trace.Close, Conn: 3, Note: "peer closed"})
	// Output:
	// [3] * accepted connection 3 from 127.0.0.1:51234 (tcp)
	// [3] < GET /test HTTP/1.1
	// [3] < Host: localhost
	// [3] < Cookie: [hidden]
	// [3] <
	// [3] * closed: peer closed
}
