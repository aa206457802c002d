// Command attack does to Genkan what takes longer than a test may: gigabytes
// up and down, connections opened and closed as fast as the machine goes,
// thousands of slow clients beside a quick one, and slowhttptest in its four
// modes. The server is this program again, as a process of its own, on a port
// of the loopback; its memory and descriptors are read from /proc, so it runs
// on Linux alone. What is measured is printed as it is known.
//
//	go run . [-only bulk,churn,slow,slowhttptest] [-gib 10] [-seconds 10] [-clients 5000] [-each 60]
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan"
)

func main() {
	server := flag.Bool("server", false, "be the server that is attacked")
	only := flag.String("only", "bulk,churn,slow,slowhttptest", "which attacks, in this order")
	gib := flag.Int64("gib", 10, "GiB up, and then down")
	seconds := flag.Int("seconds", 10, "how long connections are opened and closed")
	clients := flag.Int("clients", 5000, "slow clients beside the quick one")
	each := flag.Int("each", 60, "seconds of each mode of slowhttptest")
	flag.Parse()
	if *server {
		serve()
		return
	}
	for name := range strings.SplitSeq(*only, ",") {
		v, err := start()
		if err == nil {
			switch name {
			case "bulk":
				err = bulk(v, *gib<<30)
			case "churn":
				err = churn(v, time.Duration(*seconds)*time.Second)
			case "slow":
				err = slow(v, *clients)
			case "slowhttptest":
				err = slowHTTPTest(v, *each)
			default:
				err = fmt.Errorf("no attack is named %q", name)
			}
			v.stop()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "attack: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

// serve is the server: it swallows bodies and counts them, gives as many bytes
// as it is asked for, and ends with its input.
func serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	address := l.Addr().String()
	l.Close() // Genkan's own loop takes the port, not a net.Listener
	srv := &genkan.Server{Addr: address, Handler: http.HandlerFunc(answer)}
	go func() {
		fmt.Fprintln(os.Stderr, srv.ListenAndServe())
		os.Exit(1)
	}()
	fmt.Println(address)
	io.Copy(io.Discard, os.Stdin)
}

func answer(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/bytes/"), 10, 64)
	if err != nil {
		n, err = io.Copy(io.Discard, r.Body)
		fmt.Fprintf(w, "%d %v", n, err)
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	piece := make([]byte, 64<<10)
	for n > 0 {
		m, err := w.Write(piece[:min(n, int64(len(piece)))])
		if err != nil {
			return
		}
		n -= int64(m)
	}
}

// victim is the server's process, seen from outside.
type victim struct {
	addr    string
	process *exec.Cmd
	in      io.Closer
}

func start() (*victim, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self, "-server")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	v := &victim{process: c, in: in}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		v.stop()
		return nil, fmt.Errorf("the server did not say where it listens: %w", err)
	}
	v.addr = strings.TrimSpace(addr)
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", v.addr); err == nil {
			conn.Close()
			return v, nil
		}
	}
	v.stop()
	return nil, fmt.Errorf("the server does not listen on %s", v.addr)
}

func (v *victim) stop() {
	v.in.Close()
	v.process.Wait()
}

// rss is the server's resident memory, in bytes.
func (v *victim) rss() int64 {
	all, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", v.process.Process.Pid))
	var size, resident int64
	fmt.Sscan(string(all), &size, &resident)
	return resident * int64(os.Getpagesize())
}

// descriptors is how many the server has open.
func (v *victim) descriptors() int {
	all, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", v.process.Process.Pid))
	return len(all)
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
