package files_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/genkan-http/genkan/files"
)

func Example() {
	dir, err := os.MkdirTemp("", "public")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "hello.txt"), []byte("Hello, entrance.\n"), 0o644); err != nil {
		log.Fatal(err)
	}

	handler, err := files.New(dir, files.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer handler.Close()
	server := httptest.NewServer(handler)
	defer server.Close()

	for _, path := range []string{"/hello.txt", "/.ssh/id_ed25519"} {
		answer, err := http.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(answer.Status, answer.Header.Get("Content-Type"))
		if answer.StatusCode == http.StatusOK {
			io.Copy(os.Stdout, answer.Body)
		}
		answer.Body.Close()
	}
	// Output:
	// 200 OK text/plain; charset=utf-8
	// Hello, entrance.
	// 404 Not Found text/plain; charset=utf-8
}
