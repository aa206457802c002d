package watch_test

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/genkan-http/genkan"
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

// A page that shows what a server does, live, for this machine alone.
func ExampleNew() {
	live := watch.New(watch.LiveOptions{})
	defer live.Close()
	srv := &genkan.Server{Handler: http.NotFoundHandler(), Watch: live}
	defer srv.Close()
	if err := live.Err(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("Look at", strings.Split(live.URL(), "=")[0]+"=…")
	// Look at http://127.0.0.1:41234/?token=…
}
