// Package genkan is an HTTP server made from the socket up: an http.Handler
// goes in, a server comes out.
//
//	socket ─ bind ─ listen ─ accept ─ recv ─ parse ─ handle ─ respond ─ send ─ close
//	└─────── package socket ──────┘          http1   yours    http1
//
// [Server] has the field names of http.Server, so that a program moves by
// changing one word:
//
//	srv := &genkan.Server{Addr: ":8080", Handler: mux}
//	log.Fatal(srv.ListenAndServe())
//
// On Linux a connection that rests costs a struct: no goroutine, no buffer.
// Quick handlers run on the goroutine that waited for them, slow ones on one
// of their own (package loop). Elsewhere, and for Serve with a net.Listener of
// somebody else's, the same connection code runs on one goroutine per
// connection.
//
// The zero value is safe: every phase of a connection has a deadline and every
// size a limit (deadline.go, limits.go). What is refused on the wire, and by
// which rule, stands in package http1.
package genkan
