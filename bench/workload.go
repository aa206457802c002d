package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// workload is one kind of traffic, and what must come back.
type workload struct {
	name    string // what -only matches
	what    string // one line for the table
	conns   int
	depth   int    // requests sent at once, before the first answer
	request []byte // one, with PATH and HOST where these go
	status  int
	body    []byte
	secure  bool // over TLS 1.3
	streams int  // HTTP/2, with so many streams at once; 0: HTTP/1.1
	chunked bool // the answer has no length
	closes  bool // the connection ends after the answer
	again   bool // ask as a browser does that has the answer already
	paths   []contestant

	together bool // the generator on the server's core
}

// serverName is what startServer takes.
func (w *workload) serverName(c contestant) string {
	if w.secure {
		return c.server + overTLS
	}
	return c.server
}

func (w *workload) scheme() string {
	if w.secure {
		return "https://"
	}
	return "http://"
}

// secured is each server that can be asked over TLS, for HTTP/2 if h2.
func secured(path string, h2 bool) []contestant {
	var list []contestant
	for _, p := range peers {
		if (p.secure || p.startTLS != nil) && (p.h2 || !h2) && p.answers(path) {
			list = append(list, contestant{p.name, p.name, path})
		}
	}
	return list
}

// goServers is each server that is part of this program, gnet left out, which
// has no HTTP.
func goServers(path string) []contestant {
	return slices.DeleteFunc(everyone(path), func(c contestant) bool {
		return peerNamed(c.server).start == nil || c.server == "gnet"
	})
}

// contestant is a server and what it is asked for.
type contestant struct {
	label  string // in the table
	server string
	path   string
}

// everyone is each server that can be asked for this path.
func everyone(path string) []contestant {
	var list []contestant
	for _, p := range peers {
		if p.answers(path) {
			list = append(list, contestant{p.name, p.name, path})
		}
	}
	return list
}

// fileServers is each server with its own way to serve a file: net/http's
// http.FileServer, on Genkan too, the others' own; and package files on both
// that run an http.Handler.
func fileServers(name string) []contestant {
	return append(everyone("/fs/"+name),
		contestant{"net/http, package files", reference, "/files/" + name},
		contestant{"genkan, package files", "genkan", "/files/" + name})
}

// browserFields are what Chrome sends when somebody opens a page, and a cookie.
const browserFields = `Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
Sec-Fetch-Site: none
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: en-GB,en;q=0.9,ja;q=0.8
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark
`

// message is a request with these fields, one a line, and a body.
func message(method, fields string, body []byte) []byte {
	if len(body) > 0 {
		fields += fmt.Sprintf("Content-Length: %d\n", len(body))
	}
	head := method + " PATH HTTP/1.1\nHost: HOST\n" + fields + "\n"
	return append([]byte(strings.ReplaceAll(head, "\n", "\r\n")), body...)
}

// bytesFor is what is sent to a server at address, depth requests of it.
func (w *workload) bytesFor(address, path string, more string) []byte {
	head, body, _ := bytes.Cut(w.request, []byte("\r\n\r\n"))
	filled := strings.NewReplacer("PATH", path, "HOST", address).Replace(string(head))
	one := append([]byte(filled+"\r\n"+more+"\r\n"), body...)
	return bytes.Repeat(one, w.depth)
}

// workloads are what is measured, in the order of the table.
func workloads() []*workload {
	kilobyte := text(1 << 10)
	hello := []byte(plainText)
	get := message(http.MethodGet, "", nil)
	browser := message(http.MethodGet, browserFields, nil)
	return []*workload{
		{name: "plain", what: "GET, no fields but Host, 64 connections", conns: 64, depth: 1,
			request: get, status: 200, body: hello, paths: everyone("/plain")},
		{name: "plain-512", what: "the same, 512 connections", conns: 512, depth: 1,
			request: get, status: 200, body: hello, paths: everyone("/plain")},
		{name: "plain-together", what: "the same, 64 connections, server and generator on one core", conns: 64, depth: 1, together: true,
			request: get, status: 200, body: hello, paths: everyone("/plain")},
		{name: "browser", what: "GET with the fields of a browser, 64 connections", conns: 64, depth: 1,
			request: browser, status: 200, body: hello, paths: everyone("/plain")},
		{name: "pipelined", what: "16 GETs at once, 64 connections", conns: 64, depth: 16,
			request: get, status: 200, body: hello, paths: everyone("/plain")},
		{name: "close", what: "a new connection for each GET, 64 at once", conns: 64, depth: 1, closes: true,
			request: message(http.MethodGet, "Connection: close\n", nil), status: 200, body: hello, paths: everyone("/plain")},
		{name: "echo", what: "POST of 1 KiB, which comes back, 64 connections", conns: 64, depth: 1,
			request: message(http.MethodPost, "", kilobyte), status: 200, body: kilobyte, paths: everyone("/echo")},
		{name: "file-1k", what: "a file of 1 KiB, fields of a browser, 64 connections", conns: 64, depth: 1,
			request: browser, status: 200, body: served["1k.txt"], paths: fileServers("1k.txt")},
		{name: "file-64k", what: "a file of 64 KiB, fields of a browser, 64 connections", conns: 64, depth: 1,
			request: browser, status: 200, body: served["64k.txt"], paths: fileServers("64k.txt")},
		{name: "file-10m", what: "a file of 10 MiB, fields of a browser, 16 connections", conns: 16, depth: 1,
			request: browser, status: 200, body: served["10m.txt"], paths: fileServers("10m.txt")},
		{name: "file-304", what: "a file that the browser has, asked for with If-None-Match, If-Modified-Since, as the server gave them",
			conns: 64, depth: 1, request: browser, status: 304, again: true, paths: fileServers("1k.txt")},
		{name: "flushes", what: "1 MiB in 64 pieces, each flushed, 64 connections", conns: 64, depth: 1, chunked: true,
			request: get, status: 200, body: bytes.Repeat(flushPiece, flushed), paths: goServers("/flushes")},
		{name: "tls", what: "GET, no fields but Host, over TLS 1.3, 64 connections", conns: 64, depth: 1, secure: true,
			request: get, status: 200, body: hello, paths: secured("/plain", false)},
		{name: "h2-1", what: "HTTP/2 over TLS, one stream on each of 64 connections", conns: 64, depth: 1, secure: true, streams: 1,
			request: get, status: 200, body: hello, paths: secured("/plain", true)},
		{name: "h2-32", what: "HTTP/2 over TLS, 32 streams on each of 64 connections", conns: 64, depth: 1, secure: true, streams: 32,
			request: get, status: 200, body: hello, paths: secured("/plain", true)},
		{name: "nap", what: "a handler that sleeps 10 ms, 1,000 connections", conns: 1000, depth: 1,
			request: get, status: 200, body: hello, paths: everyone("/nap")},
	}
}
