package sockettest_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

func TestConnDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _, server, client := serve(t)
		start := time.Now()
		client.SetDeadline(start.Add(time.Minute))
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("read: %v after %v, want the deadline after a minute", err, time.Since(start))
		}
		if n, err := client.Write(make([]byte, 1<<20)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write: %d, %v; the deadline has passed", n, err)
		}
		client.SetDeadline(time.Time{})
		go func() {
			time.Sleep(time.Minute)
			k.Send(server, []byte("late"), 0)
		}()
		if n, err := client.Read(make([]byte, 9)); n != 4 || err != nil {
			t.Errorf("read = %d, %v; want 4, without a deadline", n, err)
		}
		client.Close()
		if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("read: %v, want ErrClosed", err)
		}
		if err := client.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("second close: %v", err)
		}
	})
}

func TestConnWriteWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _, server, client := serve(t)
		sent := bytes.Repeat([]byte("x"), 1<<20)
		done := make(chan error)
		go func() {
			_, err := client.Write(sent)
			client.CloseWrite()
			done <- err
		}()
		synctest.Wait() // it waits durably
		got, buf := 0, make([]byte, 1000)
		for {
			n, err := k.Recv(server, buf, 0)
			if err == socket.ErrAgain {
				synctest.Wait()
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			got += n
		}
		if err := <-done; err != nil || got != len(sent) {
			t.Errorf("%d of %d bytes, %v", got, len(sent), err)
		}
	})
}

func TestQueueHasRoomForBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, l, _, _ := serve(t)
		dialled := make(chan error, 4)
		for range 4 {
			go func() {
				_, err := k.Dial(addr)
				dialled <- err
			}()
		}
		synctest.Wait()
		if len(dialled) != 2 {
			t.Errorf("%d of 4 got through, want 2: the backlog", len(dialled))
		}
		if _, _, err := k.Accept(l, 0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(dialled) != 3 {
			t.Errorf("%d of 4 got through after one accept, want 3", len(dialled))
		}
		k.Close(l)
		synctest.Wait()
		for range 3 {
			if err := <-dialled; err != nil {
				t.Error(err)
			}
		}
		if err := <-dialled; !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("who knocked at a listener that closed: %v, want ECONNREFUSED", err)
		}
	})
}

// netConn makes a net.Conn of a Conn.
type netConn struct{ *sockettest.Conn }

func (c netConn) LocalAddr() net.Addr  { return c.Conn.LocalAddr() }
func (c netConn) RemoteAddr() net.Addr { return c.Conn.RemoteAddr() }

// net/http's client talks to a server on the kernel in memory.
func Example() {
	k := sockettest.New()
	listener, addr, err := socket.Open(k, socket.Endpoint{Addr: addr}, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := k.NewPoller()
	p.Add(listener, 0, true)
	go func() {
		p.Wait(make([]sockettest.Ready, 1), true)
		conn, _, _ := k.Accept(listener, 0)
		buf := make([]byte, 4096)
		n, _ := k.Recv(conn, buf, 0)
		line, _, _ := bufio.NewReader(bytes.NewReader(buf[:n])).ReadLine()
		k.Send(conn, fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nYou asked: %s\n", line), 0)
		k.Close(conn)
	}()

	client := &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			c, err := k.Dial(addr)
			return netConn{c}, err
		},
	}}
	resp, err := client.Get("http://example/test")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	fmt.Print(string(body))
	// Output: You asked: GET /test HTTP/1.1
}
