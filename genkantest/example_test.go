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

func ExampleNewTLSServer() {
	ts := genkantest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello,", r.Host)
	}))
	defer ts.Close()

	res, err := ts.Client().Get("https://www.example.com/")
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	greeting, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", greeting)
	// Output: Hello, www.example.com
}

func ExampleServer_StartTLS() {
	ts := genkantest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "asked by", r.Proto)
	}))
	ts.EnableHTTP2 = true
	ts.StartTLS()
	defer ts.Close()

	res, err := ts.Client().Get(ts.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", answer)
	// Output: asked by HTTP/2.0
}
