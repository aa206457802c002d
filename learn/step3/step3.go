// Step 3: the same server, as functions. A request goes in, a response comes out.
// ステップ3：同じサーバーを関数に分けます。リクエストが入り、レスポンスが出ます。
package step3

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

type request struct {
	method, target string
}

type response struct {
	status string
	body   string
}

// answer is the application. It knows nothing of sockets: what Django calls a
// view, and net/http a handler.
// answer がアプリケーションです。ソケットのことは何も知りません。Django ならビュー、
// net/http ならハンドラーと呼ぶものです。
//
//	def test(request):
//	    return HttpResponse("Hello")
func answer(r request) response {
	if r.method == "GET" && r.target == "/test" {
		return response{"200 OK", "Hello"}
	}
	return response{"404 Not Found", "Not Found"}
}

// Serve is the server. It knows nothing of what the answers say.
// Serve がサーバーです。答えの中身のことは何も知りません。
func Serve(k socket.Kernel, port uint16) error {
	s, err := listen(k, port)
	if err != nil {
		return err
	}
	defer k.Close(s)
	for {
		client, _, err := k.Accept(s, 0)
		if err != nil {
			return err
		}
		if r, err := receive(k, client); err == nil {
			send(k, client, answer(r))
			finish(k, client)
		}
		_ = k.Close(client)
	}
}

func listen(k socket.Kernel, port uint16) (socket.FD, error) {
	s, err := k.Socket(socket.INET, socket.STREAM)
	if err != nil {
		return 0, err
	}
	at := socket.Addr{
		Family: socket.INET,
		IP:     netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
	}
	err = k.Setsockopt(s, socket.ReuseAddr, 1)
	if err == nil {
		err = k.Bind(s, at)
	}
	if err == nil {
		err = k.Listen(s, 0)
	}
	if err != nil {
		_ = k.Close(s)
	}
	return s, err
}

// receive reads until the empty line that ends the head, however many pieces
// it comes in: TCP carries a stream of bytes, and no border of a send
// survives the way. The limit keeps a client that never stops from filling
// our memory.
// receive は、いくつに分かれて届いても、ヘッダーの終わりを示す空行まで読みます。TCP が
// 運ぶのはバイトの流れで、send の区切りは途中で消えるからです。上限があるのは、いつまでも
// 送り続ける相手にメモリーを使い果たされないためです。
func receive(k socket.Kernel, client socket.FD) (request, error) {
	const limit = 8192
	var head []byte
	piece := make([]byte, 1024)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		if len(head) > limit {
			return request{}, errors.New("the head of the request is too long")
		}
		n, err := k.Recv(client, piece, 0)
		if err != nil {
			return request{}, err
		}
		if n == 0 {
			return request{}, errors.New("the client left before its request was whole")
		}
		head = append(head, piece[:n]...)
	}
	line, _, _ := strings.Cut(string(head), "\r\n")
	words := strings.Split(line, " ")
	if len(words) != 3 {
		// Whatever this is, nobody serves it: 404, as in step 2.
		// 何であれ、これに答えられるものはありません。ステップ2と同じく404です。
		return request{}, nil
	}
	return request{method: words[0], target: words[1]}, nil
}

// send repeats until the kernel has taken every byte: a send may take fewer
// than it was given, and says how many. Python's sendall does the same.
// send は、カーネルがすべてのバイトを引き取るまで繰り返します。一度の send で全部が
// 渡るとは限らず、渡った数が返るだけだからです。Python の sendall と同じです。
func send(k socket.Kernel, client socket.FD, r response) {
	rest := fmt.Appendf(nil, "HTTP/1.1 %s\r\n"+
		"Content-Type: text/plain\r\n"+
		"Content-Length: %d\r\n"+
		"Connection: close\r\n"+
		"\r\n"+
		"%s", r.status, len(r.body), r.body)
	for len(rest) > 0 {
		n, err := k.Send(client, rest, 0)
		if err != nil {
			return
		}
		rest = rest[n:]
	}
}

// finish says "no more from me" and then reads what the client still had to
// say, within bounds. Closing with unread bytes would make the kernel send a
// reset (RST), which can destroy an answer that is still on its way.
// finish は「こちらからはもう送りません」と伝えてから、相手が送りかけていた分を、量を
// 限って読み捨てます。読み残しがあるまま閉じると、カーネルはリセット（RST）を送り、まだ
// 届いていない答えを壊すことがあるからです。
func finish(k socket.Kernel, client socket.FD) {
	if err := k.Shutdown(client, socket.SHUT_WR); err != nil {
		return
	}
	piece := make([]byte, 1024)
	for range 64 {
		if n, err := k.Recv(client, piece, 0); n == 0 || err != nil {
			return
		}
	}
}
