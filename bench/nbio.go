package main

import (
	"net"
	"net/http"
	"strconv"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
)

// startNbio serves with nbio: an http.Handler on its event loop and its pool
// of goroutines. It sends chunks unless the handler says the length, so its
// handlers do.
func startNbio(root, _ string, ended chan<- error) (net.Addr, error) {
	logging.SetLevel(logging.LevelError)
	h, err := newHandler(root)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
		h.ServeHTTP(w, r)
	})
	mux.Handle("GET /flushes", h)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(plainText)))
		h.ServeHTTP(w, r)
	})
	srv := nbhttp.NewServer(nbhttp.Config{Network: "tcp", Addrs: []string{"127.0.0.1:0"}, Handler: mux})
	if err := srv.Start(); err != nil {
		return nil, err
	}
	return net.ResolveTCPAddr("tcp", srv.Config.Addrs[0])
}
