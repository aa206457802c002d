//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket_test

import (
	"fmt"
	"log"
	"net/netip"

	"github.com/genkan-http/genkan/socket"
)

// An echo over INET: the calls in the order in which a server makes them, with
// the client's two in between.
func Example() {
	k := socket.OS
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	listener, err := k.Socket(socket.INET, socket.STREAM)
	must(err)
	must(k.Bind(listener, socket.TCP(netip.MustParseAddrPort("127.0.0.1:0"))))
	must(k.Listen(listener, 0))
	addr, err := k.Getsockname(listener) // with the port that the kernel chose
	must(err)

	client, err := k.Socket(socket.INET, socket.STREAM)
	must(err)
	must(k.Connect(client, addr))
	_, err = k.Send(client, []byte("hello"), 0)
	must(err)

	conn, _, err := k.Accept(listener, 0)
	must(err)
	buf := make([]byte, 100)
	n, err := k.Recv(conn, buf, 0)
	must(err)
	_, err = k.Send(conn, buf[:n], 0)
	must(err)
	must(k.Close(conn))

	n, err = k.Recv(client, buf, 0)
	must(err)
	fmt.Printf("%s\n", buf[:n])
	n, err = k.Recv(client, buf, 0)
	fmt.Println(n, err) // the end of the stream
	must(k.Close(client))
	must(k.Close(listener))
	// Output:
	// hello
	// 0 <nil>
}

// An endpoint as a user writes it becomes a listener.
func ExampleOpen() {
	endpoint, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	listener, addr, err := socket.Open(socket.OS, endpoint, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.OS.Close(listener)
	fmt.Println(addr.IP.Addr(), addr.IP.Port() != 0)
	// Output: 127.0.0.1 true
}

func ExampleParseEndpoint() {
	_, err := socket.ParseEndpoint("::1:8080")
	fmt.Println(err)
	// Output: listen address "::1:8080": an IPv6 address stands in brackets, so that its colons are not taken for the port's; for example [::1]:8080
}
