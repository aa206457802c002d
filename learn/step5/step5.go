// Step 5: one server, three address families.
// ステップ5：ひとつのサーバーに、3つのアドレスファミリー。
package step5

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Addresses are the three doors of this server.
// Addresses は、このサーバーの3つの入口です。
func Addresses(port uint16) []socket.Addr {
	return []socket.Addr{
		// Four bytes and a port.
		// 4バイトとポート番号。
		{Family: socket.INET, IP: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)},

		// Sixteen bytes and a port. It is another address, so it may have the
		// same port at the same time.
		// 16バイトとポート番号。別のアドレスなので、同じポートを同時に使えます。
		{Family: socket.INET6, IP: netip.AddrPortFrom(netip.MustParseAddr("::1"), port)},

		// A file's name. There is no port, and no way in from outside: who
		// may connect is decided by the permissions of the file.
		// ファイル名。ポートはなく、外からの入口もありません。誰がつなげるかは、
		// ファイルのパーミッションで決まります。
		{Family: socket.UNIX, Path: fmt.Sprintf("/tmp/genkan-%d.sock", port)},
	}
}

// Serve listens at all three and writes to out who comes to which. Accept can
// wait at one socket only, so each door gets a goroutine (in Python: a
// thread). What comes after accept is the same for all.
// Serve は3か所すべてで待ち受け、どの入口に誰が来たかを out に書きます。ひとつの accept が
// 待てるのはひとつのソケットだけなので、入口ごとにゴルーチン（Python ならスレッド）を
// 置きます。accept から先は、どれもまったく同じです。
func Serve(k socket.Kernel, port uint16, out io.Writer) error {
	var doors []socket.FD
	for _, at := range Addresses(port) {
		s, err := listen(k, at)
		if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
			// A machine without IPv6: say so, and open the other two.
			// IPv6 のないマシンです。そう伝えて、残りの2つを開けます。
			fmt.Fprintln(out, err)
			continue
		}
		if err != nil {
			return err
		}
		defer k.Close(s)
		if at.Family == socket.UNIX {
			// The file outlives the socket: whoever made it removes it.
			// ファイルはソケットより長生きします。作った側が片付けます。
			defer os.Remove(at.Path)
		}
		doors = append(doors, s)
	}

	ends := make([]error, len(doors))
	var all sync.WaitGroup
	for i, s := range doors {
		all.Go(func() { ends[i] = serve(k, s, out) })
	}
	all.Wait()
	return errors.Join(ends...)
}

func serve(k socket.Kernel, s socket.FD, out io.Writer) error {
	own, err := k.Getsockname(s)
	if err != nil {
		return err
	}
	for {
		client, peer, err := k.Accept(s, 0)
		if err != nil {
			return err
		}
		// The peer of INET and INET6 has an address and a port of its own; a
		// client over UNIX has no name.
		// INET と INET6 の相手には、相手自身のアドレスとポートがあります。UNIX の
		// 相手には名前がありません。
		fmt.Fprintf(out, "%s <- %s\n", own, peer)
		exchange(k, client)
		_ = k.Close(client)
	}
}

func listen(k socket.Kernel, at socket.Addr) (socket.FD, error) {
	s, err := k.Socket(at.Family, socket.STREAM)
	if err != nil {
		return 0, err
	}
	if at.Family == socket.INET6 {
		// Without this, an INET6 socket bound to [::] takes IPv4 too, on one
		// system by default and on the next one not. Say what you mean.
		// これがないと、[::] に bind した INET6 のソケットは IPv4 も受け取ります。既定値は
		// OS しだいなので、はっきり書いておきます。
		err = k.Setsockopt(s, socket.V6Only, 1)
	}
	if at.Family != socket.UNIX && err == nil {
		err = k.Setsockopt(s, socket.ReuseAddr, 1)
	}
	if err == nil {
		err = k.Bind(s, at)
	}
	if at.Family == socket.UNIX && errors.Is(err, syscall.EADDRINUSE) && stale(k, at) {
		err = os.Remove(at.Path)
		if err == nil {
			err = k.Bind(s, at)
		}
	}
	if err == nil {
		err = k.Listen(s, 0)
	}
	if err != nil {
		_ = k.Close(s)
	}
	return s, err
}

// stale reports whether the file is what a killed server left behind: a
// socket at which nobody listens. Only a refused connection proves that;
// anything else may belong to somebody.
// stale は、止められたサーバーが残していったファイルかどうかを調べます。誰も待ち受けて
// いないソケットなら、そうです。その証拠になるのは接続を断られることだけで、それ以外なら
// 誰かのものかもしれません。
func stale(k socket.Kernel, at socket.Addr) bool {
	info, err := os.Lstat(at.Path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	s, err := k.Socket(socket.UNIX, socket.STREAM)
	if err != nil {
		return false
	}
	defer k.Close(s)
	return errors.Is(k.Connect(s, at), syscall.ECONNREFUSED)
}

// exchange is step 3 in short: read the head, answer, send all of it, finish.
// exchange はステップ3の要約です。ヘッダーを読み、答え、全部送り、終わらせます。
func exchange(k socket.Kernel, client socket.FD) {
	var head []byte
	piece := make([]byte, 1024)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		n, err := k.Recv(client, piece, 0)
		if err != nil || n == 0 || len(head) > 8192 {
			return
		}
		head = append(head, piece[:n]...)
	}

	status, body := "404 Not Found", "Not Found"
	if strings.HasPrefix(string(head), "GET /test HTTP/1.") {
		status, body = "200 OK", "Hello"
	}
	rest := fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(body), body)
	for len(rest) > 0 {
		n, err := k.Send(client, rest, 0)
		if err != nil {
			return
		}
		rest = rest[n:]
	}

	if k.Shutdown(client, socket.SHUT_WR) != nil {
		return
	}
	for range 64 {
		if n, err := k.Recv(client, piece, 0); n == 0 || err != nil {
			return
		}
	}
}
