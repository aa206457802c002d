// Step 1: accept, send, close.
// ステップ1：受け入れて、送って、閉じます。
package step1

import (
	"net/netip"

	"github.com/genkan-http/genkan/socket"
)

// Serve greets everyone who connects to 127.0.0.1:port, one after the other.
// Serve は、127.0.0.1:port につないできた相手に、ひとりずつあいさつします。
func Serve(k socket.Kernel, port uint16) error {
	//	s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
	s, err := k.Socket(socket.INET, socket.STREAM)
	if err != nil {
		return err
	}
	defer k.Close(s)

	// After a server stops, its old connections linger for a minute
	// (TIME_WAIT) and the kernel refuses the port for that long. Whoever
	// restarts a server wants this option; Django's runserver sets it too.
	// サーバーを止めても、古い接続は1分ほど後始末のために残り（TIME_WAIT）、その間
	// カーネルは同じポートを使わせてくれません。すぐに再起動したいサーバーには、この
	// オプションが要ります。Django の runserver も設定しています。
	//
	//	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	if err := k.Setsockopt(s, socket.ReuseAddr, 1); err != nil {
		return err
	}

	// 127.0.0.1 is this machine alone: nobody outside can reach the server.
	// 127.0.0.1 はこのマシン自身です。外からはつなげません。
	//
	//	s.bind(("127.0.0.1", 1235))
	at := socket.Addr{
		Family: socket.INET,
		IP:     netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port),
	}
	if err := k.Bind(s, at); err != nil {
		return err
	}

	// From here on the kernel itself takes connections and queues them
	// (0: as many as the system allows), even while we are busy.
	// ここから先は、こちらが忙しくても、カーネルが接続を受けて列に並べておいてくれます
	// （0 は「システムが許すだけ」）。
	//
	//	s.listen()
	if err := k.Listen(s, 0); err != nil {
		return err
	}

	for {
		// Wait until there is somebody in the queue. The connection is a
		// second socket with a number of its own; s goes on listening.
		// 列に誰かが並ぶまで待ちます。接続は、自分の番号をもつ別のソケットです。
		// s のほうは待ち受けを続けます。
		//
		//	clientsocket, address = s.accept()
		client, _, err := k.Accept(s, 0)
		if err != nil {
			return err
		}

		// An error here means that this client has gone. The next one is
		// waiting, so the server goes on.
		// ここでのエラーは、この相手がもういないという意味です。次の相手が待っている
		// ので、サーバーは続けます。
		//
		//	clientsocket.send(bytes("Welcome to the server!", 'utf-8'))
		//	clientsocket.close()
		_, _ = k.Send(client, []byte("Welcome to the server!"), 0)
		_ = k.Close(client)
	}
}
