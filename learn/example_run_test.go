//go:build !windows

package learn_test

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/genkan-http/genkan/learn"
	"github.com/genkan-http/genkan/socket"
)

func ExampleStep_Run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ready := make(chan []socket.Addr, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- learn.Steps()[1].Run(ctx, socket.OS, learn.RunOptions{
			Ready: func(addrs []socket.Addr) { ready <- addrs },
		})
	}()
	select {
	case err := <-ended:
		fmt.Println(err) // a taken port, for example: it says what to do
	case addrs := <-ready:
		c, err := net.Dial("tcp", addrs[0].String())
		if err != nil {
			fmt.Println(err)
			return
		}
		greeting, _ := io.ReadAll(c)
		c.Close()
		fmt.Printf("%s\n", greeting)
		cancel()
		fmt.Println(<-ended)
	}
	// Output:
	// Welcome to the server!
	// <nil>
}
