package main

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	hertz "github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"
)

// startHertz serves with hertz on its own event loop, netpoll.
func startHertz(root, address string, ended chan<- error) (net.Addr, error) {
	hlog.SetOutput(io.Discard)
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	h := hertz.New(hertz.WithListener(l), hertz.WithDisablePrintRoute(true))
	hello := func(_ context.Context, c *app.RequestContext) {
		c.Data(200, textType, []byte(plainText))
	}
	h.GET("/plain", hello)
	h.POST("/echo", func(_ context.Context, c *app.RequestContext) {
		c.Data(200, "application/octet-stream", c.Request.Body())
	})
	h.GET("/flushes", func(_ context.Context, c *app.RequestContext) {
		c.Response.HijackWriter(resp.NewChunkedBodyWriter(&c.Response, c.GetWriter()))
		c.SetContentType(textType)
		for range flushed {
			c.Write(flushPiece)
			c.Flush()
		}
	})
	h.GET("/nap", func(ctx context.Context, c *app.RequestContext) {
		time.Sleep(nap)
		hello(ctx, c)
	})
	h.StaticFS("/fs", &app.FS{Root: root})
	go func() { ended <- h.Run() }()
	return l.Addr(), nil
}
