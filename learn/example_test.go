package learn_test

import (
	"fmt"
	"os"

	"github.com/genkan-http/genkan/learn"
)

func ExampleList() {
	learn.List(os.Stdout, "en")
	// Output:
	// The stairs from a socket to an HTTP server.
	//
	//   genkan learn 0   A socket is a number
	//   genkan learn 1   Accept, send, close
	//   genkan learn 2   HTTP and GET
	//   genkan learn 3   The same, as functions
	//   genkan learn 4   curl: HTTP is an exchange of text
	//   genkan learn 5   Address families
	//   genkan learn 6   SOCK_DGRAM: messages without a connection
	//
	// Each is a short program, and real. Read its code: genkan learn 1 --source
}

func ExampleLanguage() {
	fmt.Println(learn.Language(func(name string) string {
		return map[string]string{"LANG": "ja_JP.UTF-8"}[name]
	}))
	// Output: ja
}
