package genkantest_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/genkan-http/genkan/genkantest"
)

func ExampleServer() {
	ts := genkantest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello, client")
	}))
	defer ts.Close()

	res, err := ts.Client().Get(ts.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	greeting, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", greeting)
	// Output: Hello, client
}

func ExampleNewUnstartedServer() {
	ts := genkantest.NewUnstartedServer(http.NotFoundHandler())
	ts.Config.ReadHeaderTimeout = time.Second
	ts.Start()
	defer ts.Close()

	res, err := ts.Client().Get("http://www.example.com/nothing")
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	fmt.Println(res.Status)
	// Output: 404 Not Found
}
