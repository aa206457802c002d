package main

import (
	"bufio"
	"net"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

func startFastHTTP(root, address string, ended chan<- error) (net.Addr, error) {
	srv := &fasthttp.Server{Handler: newFastHandler(root), NoDefaultServerHeader: true}
	return onListener(address, ended, srv.Serve)
}

func startFastHTTPS(root, address string, ended chan<- error) (net.Addr, error) {
	srv := &fasthttp.Server{Handler: newFastHandler(root), NoDefaultServerHeader: true}
	return onListener(address, ended, func(l net.Listener) error {
		return srv.ServeTLS(l, certificateFile(root), keyFile(root))
	})
}

// newFastHandler is newHandler in fasthttp's own manner: a switch on the path,
// its own file server. There is no package files for it.
func newFastHandler(root string) fasthttp.RequestHandler {
	folder := (&fasthttp.FS{Root: root}).NewRequestHandler()
	return func(ctx *fasthttp.RequestCtx) {
		path := string(ctx.Path())
		switch {
		case path == "/plain" && ctx.IsGet():
			fastPlain(ctx)
		case path == "/echo" && ctx.IsPost():
			ctx.SetContentType("application/octet-stream")
			ctx.SetBody(ctx.PostBody())
		case path == "/flushes" && ctx.IsGet():
			ctx.SetContentType(textType)
			ctx.SetBodyStreamWriter(func(w *bufio.Writer) {
				for range flushed {
					w.Write(flushPiece)
					w.Flush()
				}
			})
		case path == "/nap" && ctx.IsGet():
			time.Sleep(nap)
			fastPlain(ctx)
		case strings.HasPrefix(path, "/fs/") && ctx.IsGet():
			folder(ctx)
		default:
			ctx.Error("Not Found", fasthttp.StatusNotFound)
		}
	}
}

func fastPlain(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType(textType)
	ctx.SetBodyString(plainText)
}
