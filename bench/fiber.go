package main

import (
	"bufio"
	"crypto/tls"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// startFiber serves with fiber, a framework on fasthttp.
func startFiber(root, address string, ended chan<- error) (net.Addr, error) {
	return onListener(address, ended, newFiber(root).Listener)
}

func startFiberTLS(root, address string, ended chan<- error) (net.Addr, error) {
	pair, err := tls.LoadX509KeyPair(certificateFile(root), keyFile(root))
	if err != nil {
		return nil, err
	}
	return onListener(address, ended, func(l net.Listener) error {
		return newFiber(root).Listener(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}}))
	})
}

func newFiber(root string) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	hello := func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, textType)
		return c.SendString(plainText)
	}
	app.Get("/plain", hello)
	app.Post("/echo", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/octet-stream")
		return c.Send(c.Body())
	})
	app.Get("/flushes", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, textType)
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			for range flushed {
				w.Write(flushPiece)
				w.Flush()
			}
		})
		return nil
	})
	app.Get("/nap", func(c *fiber.Ctx) error {
		time.Sleep(nap)
		return hello(c)
	})
	app.Static("/fs", root+"/fs")
	return app
}
