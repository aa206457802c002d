package main

import (
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// startFiber serves with fiber, a framework on fasthttp.
func startFiber(root, address string, ended chan<- error) (net.Addr, error) {
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
	app.Get("/nap", func(c *fiber.Ctx) error {
		time.Sleep(nap)
		return hello(c)
	})
	app.Static("/fs", root+"/fs")
	return onListener(address, ended, app.Listener)
}
