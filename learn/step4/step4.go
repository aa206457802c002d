// Step 4: HTTP is an exchange of text. The server shows every line of it.
// ステップ4：HTTP はテキストのやりとりです。その1行1行をサーバーが表示します。
package step4

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// Serve answers as step 3 does, writes both sides of the conversation to out
// (> what came in, < what went out, as curl -v marks them), and tells a
// client whose text is not HTTP what is wrong with it.
// Serve の答え方はステップ3と同じです。そのうえで、会話の両側を out に書きます（curl -v と
// 同じく、> が届いたもの、< が送ったもの)。HTTP になっていないテキストには、どこが
// おかしいのかを返します。
func Serve(k socket.Kernel, port uint16, out io.Writer) error {
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
		if head, err := receive(k, client); err == nil {
			show(out, "> ", head)
			response := answer(head)
			show(out, "< ", response)
			send(k, client, response)
			finish(k, client)
		}
		_ = k.Close(client)
	}
}

// answer turns the text of a request into the text of a response. Compare:
// Django does the same between the socket and your view.
// answer は、リクエストのテキストをレスポンスのテキストに変えます。Django がソケットと
// ビューのあいだでしているのも、これと同じことです。
func answer(head string) string {
	if strings.Count(head, "\n") != strings.Count(head, "\r\n") {
		return text("400 Bad Request", "A line must end in CR LF. With nc, use -C.\n", true)
	}
	lines := strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n")
	words := strings.Split(lines[0], " ")
	if len(words) != 3 || words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0" {
		return text("400 Bad Request", "The first line must be: GET /test HTTP/1.1\n", true)
	}
	hosts := 0
	for _, field := range lines[1:] {
		name, _, _ := strings.Cut(field, ":")
		if strings.EqualFold(name, "Host") {
			hosts++
		}
	}
	if words[2] == "HTTP/1.1" && hosts != 1 {
		// RFC 9112, section 3.2: a server MUST answer 400 to this.
		// RFC 9112 の3.2節により、これには必ず400で答えます。
		return text("400 Bad Request", "HTTP/1.1 needs one Host field.\n", true)
	}

	// HEAD asks for the same head as GET, without the body.
	// HEAD が求めるのは、GET と同じヘッダーだけ。ボディはつきません。
	withBody := words[0] != "HEAD"
	if words[1] == "/test" && (words[0] == "GET" || words[0] == "HEAD") {
		return text("200 OK", "Hello", withBody)
	}
	return text("404 Not Found", "Not Found", withBody)
}

func text(status, body string, withBody bool) string {
	head := fmt.Sprintf("HTTP/1.1 %s\r\n"+
		"Content-Type: text/plain\r\n"+
		"Content-Length: %d\r\n"+
		"Connection: close\r\n"+
		"\r\n", status, len(body))
	if !withBody {
		return head
	}
	return head + body
}

// show prints the text line by line, with \r, \n and everything else that one
// would not see written out, as Python's repr does.
// show はテキストを1行ずつ表示します。\r や \n など目に見えない文字は、Python の repr の
// ように書き表します。
func show(out io.Writer, mark, s string) {
	for line := range strings.Lines(s) {
		quoted := strconv.QuoteToGraphic(line)
		fmt.Fprintf(out, "%s%s\n", mark, quoted[1:len(quoted)-1])
	}
}

// receive reads until the empty line and returns what stands before it, with
// it; what follows would be the body. For the sake of those who type by hand
// it takes LF alone as the end of a line too; answer then says what is wrong.
// receive は空行まで読み、空行を含めてそこまでを返します（その先はボディのはずです）。
// 手で打つ人のために LF だけの行末も受け取り、何がいけないのかは answer が答えます。
func receive(k socket.Kernel, client socket.FD) (string, error) {
	var head []byte
	piece := make([]byte, 1024)
	for len(head) <= 8192 {
		n, err := k.Recv(client, piece, 0)
		if err != nil {
			return "", err
		}
		if n == 0 {
			return "", errors.New("the client left before its request was whole")
		}
		head = append(head, piece[:n]...)
		for _, empty := range []string{"\n\r\n", "\n\n"} {
			if before, _, found := bytes.Cut(head, []byte(empty)); found {
				return string(before) + empty, nil
			}
		}
	}
	return "", errors.New("the head of the request is too long")
}

// From here on: as in step 3.
// ここから下はステップ3と同じです。

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

func send(k socket.Kernel, client socket.FD, s string) {
	rest := []byte(s)
	for len(rest) > 0 {
		n, err := k.Send(client, rest, 0)
		if err != nil {
			return
		}
		rest = rest[n:]
	}
}

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
