package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
)

// reference is the server that the others' CPU time is divided by.
const reference = "net/http"

// What the processes say to each other: the server its address in one line;
// the parent "collect", which is answered when the garbage is gone and its
// memory given back to the system. The end of its standard input ends it, so
// that it cannot outlive whoever measures.
const (
	overTLS      = "+tls"    // behind a server's name
	onSharedPort = "+shared" // SO_REUSEPORT, Genkan only
	listening    = "listening "
	collect      = "collect"
	collected    = "collected"
	heapAsked    = "heap?"
	heapIs       = "heap "
)

// serve is the process of one server: "serve NAME[+tls] ROOT [ADDRESS]". It runs
// with that server's own defaults, so Genkan keeps its time limits and the
// others have none.
func serve(args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return errors.New("serve: usage: serve NAME ROOT [ADDRESS]")
	}
	name, root, address := args[0], args[1], "127.0.0.1:0"
	if len(args) == 3 {
		address = args[2]
	}
	ended := make(chan error, 2)
	bound, err := start(name, root, address, ended)
	if err != nil {
		return fmt.Errorf("serve %s: %w", name, err)
	}
	fmt.Printf("%s%s\n", listening, bound)
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			switch lines.Text() {
			case collect:
				debug.FreeOSMemory()
				fmt.Println(collected)
			case heapAsked:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				fmt.Printf("%s%d %d\n", heapIs, m.Mallocs, m.TotalAlloc)
			}
		}
		ended <- lines.Err()
	}()
	return <-ended
}

func startNetHTTPS(root, address string, ended chan<- error) (net.Addr, error) {
	h, err := newHandler(root)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: h}
	return onListener(address, ended, func(l net.Listener) error {
		return srv.ServeTLS(l, certificateFile(root), keyFile(root))
	})
}

// start has the server listen and serve on a goroutine, which says on ended
// why it stopped.
func start(name, root, address string, ended chan<- error) (net.Addr, error) {
	if name == "genkan"+onSharedPort {
		return startGenkanShared(root, address, ended)
	}
	name, secure := strings.CutSuffix(name, overTLS)
	p := peerNamed(name)
	if p == nil || p.start == nil || secure && p.startTLS == nil {
		return nil, fmt.Errorf("no server in this program is called %q", name)
	}
	if secure {
		return p.startTLS(root, address, ended)
	}
	return p.start(root, address, ended)
}

func startNetHTTP(root, address string, ended chan<- error) (net.Addr, error) {
	h, err := newHandler(root)
	if err != nil {
		return nil, err
	}
	return onListener(address, ended, (&http.Server{Handler: h}).Serve)
}

// onListener has serve run on a goroutine, on a listener of package net.
func onListener(address string, ended chan<- error, serve func(net.Listener) error) (net.Addr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	go func() { ended <- serve(l) }()
	return l.Addr(), nil
}

func startGenkan(root, address string, ended chan<- error) (net.Addr, error) {
	return listenGenkan(root, address, false, ended, (*genkan.Server).Serve)
}

func startGenkanTLS(root, address string, ended chan<- error) (net.Addr, error) {
	return listenGenkan(root, address, false, ended, func(srv *genkan.Server, l net.Listener) error {
		return srv.ServeTLS(l, certificateFile(root), keyFile(root))
	})
}

func startGenkanShared(root, address string, ended chan<- error) (net.Addr, error) {
	return listenGenkan(root, address, true, ended, (*genkan.Server).Serve)
}

func listenGenkan(root, address string, shared bool, ended chan<- error, serve func(*genkan.Server, net.Listener) error) (net.Addr, error) {
	h, err := newHandler(root)
	if err != nil {
		return nil, err
	}
	e, err := socket.ParseEndpoint(address)
	if err != nil {
		return nil, err
	}
	e.ReusePort = shared
	srv := &genkan.Server{Handler: h}
	l, err := srv.Listen(e)
	if err != nil {
		return nil, err
	}
	go func() { ended <- serve(srv, l) }()
	return l.Addr(), nil
}
