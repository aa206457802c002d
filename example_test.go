package genkan_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
)

// A program moves from http.Server by changing one word.
func ExampleServer() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello, %s!\n", r.PathValue("name"))
	})
	srv := &genkan.Server{Handler: mux}

	l, err := net.Listen("tcp", "127.0.0.1:0") // or ListenAndServe, with Addr set
	if err != nil {
		log.Fatal(err)
	}
	go srv.Serve(l)
	defer srv.Close()

	res, err := http.Get("http://" + l.Addr().String() + "/hello/Genkan")
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(os.Stdout, res.Body)
	// Output: Hello, Genkan!
}

// One server, several places to listen.
func ExampleServer_Listen() {
	srv := &genkan.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "This is", r.Host)
	})}
	defer srv.Close()

	for _, s := range []string{"tcp4://127.0.0.1:0", "localhost:0"} {
		endpoint, err := socket.ParseEndpoint(s)
		if err != nil {
			log.Fatal(err)
		}
		l, err := srv.Listen(endpoint)
		if err != nil {
			log.Fatal(err)
		}
		go srv.Serve(l)

		res, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Println(string(body) == "This is "+l.Addr().String()+"\n")
	}
	// Output:
	// true
	// true
}

// Ctrl-C lets those finish who are being answered, for ten seconds at most.
func ExampleServer_Shutdown() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	srv := &genkan.Server{Addr: "127.0.0.1:0"}
	served := make(chan error, 1)
	go func() { served <- srv.ListenAndServe() }()

	stop() // in a program: <-ctx.Done(), which a signal ends as well
	<-ctx.Done()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		srv.Close() // cut who is left
	}
	fmt.Println(<-served)
	// Output: http: Server closed
}

// A server that systemd starts by a .socket unit takes the sockets that are
// open already: it needs no right to open them, and connections that come while
// it restarts wait in their queues.
func ExampleServer_Listen_systemd() {
	srv := &genkan.Server{Handler: http.NotFoundHandler()}
	endpoints, err := socket.InheritedEndpoints(os.Getenv, os.Getpid)
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range endpoints {
		l, err := srv.Listen(e)
		if err != nil {
			log.Fatal(err)
		}
		go srv.Serve(l)
	}
	fmt.Println(len(endpoints), "sockets were left for this process")
	// Output: 0 sockets were left for this process
}

// Behind a proxy that relays connections, such as HAProxy or a load balancer,
// RemoteAddr is the client's if the proxy says it by the PROXY protocol.
func ExampleServer_trustedProxies() {
	srv := &genkan.Server{
		Addr:           ":8080",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "You are", r.RemoteAddr)
		}),
	}
	if err := srv.ListenAndServe(); err != nil {
		log.Fatal(err)
	}
}
