package ask_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"

	"github.com/genkan-http/genkan/ask"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// printed is a sink that prints.
type printed struct{}

func (printed) Head(head *ask.Answer, _ []byte) error {
	fmt.Println(head.Status, head.Reason)
	return nil
}

func (printed) Body(data []byte) error {
	_, err := os.Stdout.Write(data)
	return err
}

func ExampleClient() {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Hello") }))
	defer srv.Close()
	u, _ := url.Parse(srv.URL)
	port, _ := strconv.Atoi(u.Port())

	var client ask.Client
	defer client.Close()
	err := client.Do(context.Background(), ask.Place{Host: u.Hostname(), Port: uint16(port)},
		&ask.Request{Method: "GET", Target: "/", Fields: []ask.Field{{Name: "Host", Value: u.Host}}}, printed{})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 200 OK
	// Hello
}
