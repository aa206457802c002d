// Step 2: HTTP, and its method GET.
// ステップ2：HTTP と、その GET メソッドです。
package step2

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// Serve answers GET /test with Hello and everything else with 404.
// Serve は GET /test に Hello と答え、それ以外には 404 を返します。
func Serve(k socket.Kernel, port uint16) error {
	// As in step 1: socket, bind, listen.
	// ここまではステップ1と同じ、socket、bind、listen です。
	s, err := k.Socket(socket.INET, socket.STREAM)
	if err != nil {
		return err
	}
	defer k.Close(s)
	if err := k.Setsockopt(s, socket.ReuseAddr, 1); err != nil {
		return err
	}
	at := socket.Addr{
		Family: socket.INET,
		IP:     netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
	}
	if err := k.Bind(s, at); err != nil {
		return err
	}
	if err := k.Listen(s, 0); err != nil {
		return err
	}

	for {
		client, _, err := k.Accept(s, 0)
		if err != nil {
			return err
		}

		// New: read before answering. Recv waits until something has come
		// and gives what is there, up to 1024 bytes. Nobody promises that
		// it is the whole request: see "Still wrong".
		// 新しいのはここ、答える前に読むことです。Recv は何か届くまで待ち、そのとき
		// 届いている分だけを、最大1024バイト渡します。それがリクエストの全部だという
		// 保証は、どこにもありません（「まだ足りないこと」を見てください）。
		//
		//	data = clientsocket.recv(1024)
		data := make([]byte, 1024)
		n, err := k.Recv(client, data, 0)
		if err != nil {
			_ = k.Close(client)
			continue
		}

		// The first line of a request is three words and CR LF:
		// リクエストの1行目は、3つの単語と CR LF です。
		//
		//	GET /test HTTP/1.1
		line, _, _ := strings.Cut(string(data[:n]), "\r\n")
		words := strings.Split(line, " ")

		status, body := "404 Not Found", "Not Found"
		if len(words) == 3 && words[0] == "GET" && words[1] == "/test" {
			status, body = "200 OK", "Hello"
		}

		// A response is a status line, fields, an empty line, the body.
		// レスポンスは、ステータス行、フィールド、空行、ボディの順です。
		response := fmt.Sprintf("HTTP/1.1 %s\r\n", status) +
			"Content-Type: text/plain\r\n" +
			fmt.Sprintf("Content-Length: %d\r\n", len(body)) +
			"Connection: close\r\n" +
			"\r\n" +
			body

		_, _ = k.Send(client, []byte(response), 0)
		_ = k.Close(client)
	}
}
