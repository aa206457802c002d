// Step 0: a socket is a number.
// ステップ0：ソケットの正体は、番号です。
package step0

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/genkan-http/genkan/socket"
)

// Show opens two sockets, closes the first, opens one more, and shows after
// each move which descriptors this process holds. It waits before it closes
// them, so that one can look from outside as well.
// Show はソケットを2つ開き、最初のものを閉じ、もう1つ開きます。そのたびに、この
// プロセスがどのファイル記述子を持っているかを見せます。閉じる前に待つので、外からも
// 確かめられます。
func Show(k socket.Kernel, out io.Writer, wait func()) error {
	fmt.Fprintf(out, "PID=%d\n", os.Getpid())

	// The kernel makes a socket and keeps it. The program gets a number.
	// カーネルがソケットを作り、手元に置きます。プログラムがもらうのは番号だけです。
	//
	//	s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
	//	print(s.fileno())
	first, err := open(k, out)
	if err != nil {
		return err
	}
	second, err := open(k, out)
	if err != nil {
		k.Close(first)
		return err
	}
	defer k.Close(second)
	list(out)

	// Given back, the number is free, and the next socket gets the lowest
	// free one: the same again. A program that goes on using a number it has
	// closed may be talking to somebody else's socket.
	// 番号を返すと空きになり、次のソケットには空いている中でいちばん小さい番号、つまり
	// 同じ番号がつきます。閉じた番号を使い続けるプログラムは、いつのまにか別の
	// ソケットに話しかけているかもしれません。
	if err := k.Close(first); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nclose(%d)\n", first)
	third, err := open(k, out)
	if err != nil {
		return err
	}
	defer k.Close(third)
	list(out)

	wait()
	return nil
}

func open(k socket.Kernel, out io.Writer) (socket.FD, error) {
	fd, err := k.Socket(socket.INET, socket.STREAM)
	if err == nil {
		fmt.Fprintf(out, "socket(INET, STREAM) = %d\n", fd)
	}
	return fd, err
}

// list prints every descriptor of this process. Linux shows in /proc/self/fd
// what each of them is; other systems show the numbers alone, in /dev/fd.
// list は、このプロセスのファイル記述子をすべて表示します。Linux では /proc/self/fd を
// 見れば、それぞれが何なのかまで分かります。ほかの OS の /dev/fd で分かるのは番号だけです。
func list(out io.Writer) {
	folder := "/proc/self/fd"
	entries, err := os.ReadDir(folder)
	if err != nil {
		folder = "/dev/fd"
		entries, _ = os.ReadDir(folder)
	}
	fmt.Fprintf(out, "\n%s\n", folder)
	for _, e := range entries {
		what, err := os.Readlink(filepath.Join(folder, e.Name()))
		if err != nil && folder == "/proc/self/fd" {
			// It was the descriptor that ReadDir itself held open.
			// ReadDir 自身が一覧を読むために開いていた番号なので、もうありません。
			continue
		}
		fmt.Fprintf(out, "  %s  %s\n", e.Name(), what)
	}
}
