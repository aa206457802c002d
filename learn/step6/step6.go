// Step 6: messages without a connection, and what gets lost.
// ステップ6：接続のないメッセージと、失われるもの。
package step6

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Serve first loses some datagrams before your eyes, then sends every
// datagram that comes to 127.0.0.1:port back to where it came from.
// Serve は、まず目の前でデータグラムをいくつか失ってみせます。そのあとは、
// 127.0.0.1:port に届いたデータグラムを、ひとつずつ送り主に送り返します。
func Serve(k socket.Kernel, port uint16, out io.Writer) error {
	for _, lose := range []func(socket.Kernel, io.Writer) error{overrun, cut, closed} {
		if err := lose(k, out); err != nil {
			return err
		}
	}
	return echo(k, port)
}

// echo needs neither listen nor accept: one socket hears everyone, and each
// message says whom it is from.
// echo には listen も accept も要りません。ひとつのソケットが全員の声を聞き、誰からの
// ものかはメッセージごとに分かります。
//
//	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
//	s.bind(("127.0.0.1", 1235))
//	while True:
//	    data, address = s.recvfrom(2048)
//	    s.sendto(data, address)
func echo(k socket.Kernel, port uint16) error {
	s, err := bound(k, port)
	if err != nil {
		return err
	}
	defer k.Close(s)
	data := make([]byte, 2048)
	for {
		n, from, err := k.Recvfrom(s, data, 0)
		if err != nil {
			return err
		}
		_, _ = k.Sendto(s, data[:n], 0, from)
	}
}

// overrun sends faster than the other side reads. The receiver's buffer is
// made as small as the kernel allows, so it is soon full; what comes then is
// thrown away. Every sendto succeeds all the same.
// overrun は、相手が読むより速く送ります。受信バッファーをカーネルが許すいちばん小さい
// 値にしておくので、すぐいっぱいになり、その後に届いたものは捨てられます。それでも
// sendto は、ひとつ残らず成功します。
func overrun(k socket.Kernel, out io.Writer) error {
	const all = 20
	receiver, err := bound(k, 0)
	if err != nil {
		return err
	}
	defer k.Close(receiver)
	if err := k.Setsockopt(receiver, socket.RecvBuffer, 256); err != nil {
		return err
	}
	to, err := k.Getsockname(receiver)
	if err != nil {
		return err
	}
	sender, err := k.Socket(socket.INET, socket.DGRAM)
	if err != nil {
		return err
	}
	defer k.Close(sender)

	for i := range all {
		if _, err := k.Sendto(sender, fmt.Appendf(nil, "message %d", i+1), 0, to); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "overrun: sendto × %d, no error\n", all)

	// Nothing says when the last of them has arrived, if it has. Wait a little.
	// 最後のひとつがいつ届いたのか、そもそも届いたのか、誰も教えてくれません。少し待ちます。
	time.Sleep(50 * time.Millisecond)

	var arrived []string
	data := make([]byte, 2048)
	for {
		n, _, err := k.Recvfrom(receiver, data, socket.DONTWAIT)
		if errors.Is(err, socket.ErrAgain) {
			break
		}
		if err != nil {
			return err
		}
		arrived = append(arrived, strings.TrimPrefix(string(data[:n]), "message "))
	}
	fmt.Fprintf(out, "overrun: recvfrom × %d: %s; lost: %d\n",
		len(arrived), strings.Join(arrived, " "), all-len(arrived))
	return nil
}

// cut reads a message of 12 bytes with room for 4. The rest does not wait for
// the next call, as it would on a STREAM: it is gone. (The socket is connected
// to itself, so that send and recv need no address.)
// cut は、12バイトのメッセージを4バイトの入れ物で受けます。残りは、STREAM のように次の
// 呼び出しを待っていてはくれません。そのまま消えます（ソケットを自分自身に connect して
// あるので、send と recv に宛先は要りません)。
func cut(k socket.Kernel, out io.Writer) error {
	s, err := bound(k, 0)
	if err != nil {
		return err
	}
	defer k.Close(s)
	own, err := k.Getsockname(s)
	if err != nil {
		return err
	}
	if err := k.Connect(s, own); err != nil {
		return err
	}
	if _, err := k.Send(s, []byte("Hello, world"), 0); err != nil {
		return err
	}
	data := make([]byte, 4)
	n, err := k.Recv(s, data, 0)
	if err != nil {
		return err
	}
	_, rest := k.Recv(s, data, socket.DONTWAIT)
	fmt.Fprintf(out, "cut:     sent %q, received %q; then: %s\n", "Hello, world", data[:n], outcome(rest))
	return nil
}

// closed sends to a port where nobody is. The other machine may send word of
// it (ICMP "port unreachable"). A socket that has no peer is not told at all;
// one that was connected is told, but only by its next call.
// closed は、誰もいないポートに送ります。相手のマシンは「誰もいない」と知らせてくれるかも
// しれません（ICMP の port unreachable）。相手を決めていないソケットには、それさえ
// 伝わりません。connect で相手を決めたソケットには伝わりますが、次の呼び出しのときです。
func closed(k socket.Kernel, out io.Writer) error {
	gone, err := bound(k, 0)
	if err != nil {
		return err
	}
	nobody, err := k.Getsockname(gone)
	_ = k.Close(gone)
	if err != nil {
		return err
	}

	s, err := k.Socket(socket.INET, socket.DGRAM)
	if err != nil {
		return err
	}
	defer k.Close(s)
	hello := []byte("Is anybody there?")
	_, first := k.Sendto(s, hello, 0, nobody)
	_, second := k.Sendto(s, hello, 0, nobody)
	fmt.Fprintf(out, "closed:  sendto: %s; sendto: %s\n", outcome(first), outcome(second))

	if err := k.Connect(s, nobody); err != nil {
		return err
	}
	_, first = k.Send(s, hello, 0)
	_, second = k.Send(s, hello, 0)
	fmt.Fprintf(out, "closed:  connect; send: %s; send: %s\n", outcome(first), outcome(second))
	return nil
}

// outcome is the error that the kernel gave, without the name of the call.
// outcome は、カーネルが返したエラーです（呼び出しの名前は除きます）。
func outcome(err error) string {
	if err == nil {
		return "no error"
	}
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return err.Error()
}

// bound makes a datagram socket with an address on this machine.
// bound は、このマシンのアドレスをもつデータグラムのソケットを作ります。
func bound(k socket.Kernel, port uint16) (socket.FD, error) {
	s, err := k.Socket(socket.INET, socket.DGRAM)
	if err != nil {
		return 0, err
	}
	err = k.Bind(s, socket.Addr{
		Family: socket.INET,
		IP:     netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
	})
	if err != nil {
		_ = k.Close(s)
	}
	return s, err
}
