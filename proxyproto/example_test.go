package proxyproto_test

import (
	"fmt"

	"github.com/genkan-http/genkan/proxyproto"
)

// The bytes may come in any pieces: Parse is asked again as they grow.
func ExampleParse() {
	arrived := "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\nGET / HTTP/1.1\r\n"
	for _, size := range []int{20, len(arrived)} {
		header, n, err := proxyproto.Parse([]byte(arrived[:size]), false)
		switch {
		case err != nil:
			fmt.Println("close the connection:", err)
		case n == 0:
			fmt.Println("more is needed")
		default:
			fmt.Printf("the client is %v; the request begins with %.5q\n", header.Source.IP, arrived[n:])
		}
	}
	// Output:
	// more is needed
	// the client is 203.0.113.7:56324; the request begins with "GET /"
}
