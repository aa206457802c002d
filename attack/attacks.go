package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// zeros is a reader of bytes that mean nothing.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// bulk sends n bytes up and then takes n down, and samples the memory.
func bulk(v *victim, n int64) error {
	for _, way := range []string{"up", "down"} {
		began, most, first := time.Now(), int64(0), v.rss()
		done := make(chan error, 1)
		go func() {
			var res *http.Response
			var err error
			if way == "up" {
				res, err = http.Post("http://"+v.addr+"/", "application/octet-stream", io.LimitReader(zeros{}, n))
			} else {
				res, err = http.Get(fmt.Sprintf("http://%s/bytes/%d", v.addr, n))
			}
			if err != nil {
				done <- err
				return
			}
			defer res.Body.Close()
			if way == "up" {
				said, _ := io.ReadAll(res.Body)
				if want := fmt.Sprintf("%d <nil>", n); string(said) != want {
					err = fmt.Errorf("the server counted %q, want %q", said, want)
				}
			} else if got, e := io.Copy(io.Discard, res.Body); e != nil || got != n {
				err = fmt.Errorf("%d bytes of %d came: %v", got, n, e)
			}
			done <- err
		}()
		var err error
		for running := true; running; {
			select {
			case err = <-done:
				running = false
			case <-time.After(50 * time.Millisecond):
				most = max(most, v.rss())
			}
		}
		if err != nil {
			return err
		}
		took := time.Since(began)
		fmt.Printf("bulk: %s %s in %v (%.0f MiB/s), RSS %s before, %s at most\n",
			mib(n), way, took.Round(time.Millisecond), float64(n)/(1<<20)/took.Seconds(), mib(first), mib(most))
	}
	return nil
}

// churn opens and closes connections for a time: some silent, some with a
// request or half of one, some closed in order and some reset.
func churn(v *victim, d time.Duration) error {
	before, memory := v.descriptors(), v.rss()
	var opened, failed atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(d)
	for range 16 {
		all.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				c, err := net.Dial("tcp", v.addr)
				if err != nil {
					failed.Add(1)
					continue
				}
				opened.Add(1)
				io.WriteString(c, []string{"", "GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}[i%3])
				if i%4 > 0 { // a reset leaves no port in TIME_WAIT
					c.(*net.TCPConn).SetLinger(0)
				}
				c.Close()
			}
		})
	}
	all.Wait()
	after := v.descriptors()
	for end := time.Now().Add(15 * time.Second); after > before && time.Now().Before(end); after = v.descriptors() {
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Printf("churn: %d connections in %v (%d could not be opened), descriptors %d before, %d after, RSS %s before, %s after\n",
		opened.Load(), d, failed.Load(), before, after, mib(memory), mib(v.rss()))
	if after > before {
		return fmt.Errorf("%d descriptors have not come back", after-before)
	}
	return nil
}

// quick is a client that makes one request after another on one connection.
func quick(v *victim, n int) (p50, p99 time.Duration, err error) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var took []time.Duration
	for range n {
		began := time.Now()
		res, err := client.Get("http://" + v.addr + "/")
		if err != nil {
			return 0, 0, err
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[n/2], took[n*99/100], nil
}

// slow measures the quick client alone, and then beside slow ones, each of
// which sends one byte of its head a second.
func slow(v *victim, clients int) error {
	const requests = 5000
	_, _, err := quick(v, 200)
	if err != nil {
		return err
	}
	p50, p99, err := quick(v, requests)
	if err != nil {
		return err
	}
	fmt.Printf("slow: a quick client alone: p50 %v, p99 %v of %d requests\n", p50, p99, requests)
	memory := v.rss()
	conns := make([]net.Conn, clients)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", v.addr); err != nil {
			return fmt.Errorf("connection %d of %d: %w (ulimit -n?)", i, clients, err)
		}
		defer conns[i].Close()
	}
	stop := make(chan bool)
	defer close(stop)
	go func() {
		head := "GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("v", 1000)
		for n := 0; n < len(head); n++ {
			for i, c := range conns {
				c.Write([]byte{head[n]}) // an error is the server's deadline
				if i%50 == 0 {
					select {
					case <-stop:
						return
					case <-time.After(time.Second / time.Duration(max(clients/50, 1))):
					}
				}
			}
		}
	}()
	began := time.Now()
	open := v.descriptors()
	p50, p99, err = quick(v, requests)
	fmt.Printf("slow: beside %d slow ones: p50 %v, p99 %v of %d requests in %v; %d descriptors, RSS %s before and %s with them\n",
		clients, p50, p99, requests, time.Since(began).Round(time.Millisecond), open, mib(memory), mib(v.rss()))
	return err
}

var (
	available = regexp.MustCompile(`service available:\s*(?:\x1b\[[0-9;]*m)*(YES|NO)`)
	colour    = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`)
)

// slowHTTPTest runs the program of that name in its four modes. It asks by
// itself whether somebody else is still served.
func slowHTTPTest(v *victim, seconds int) error {
	path, err := exec.LookPath("slowhttptest")
	if errors.Is(err, exec.ErrNotFound) {
		fmt.Println("slowhttptest: not installed, left out")
		return nil
	}
	before := v.descriptors()
	for _, mode := range []struct{ name, args string }{
		{"slow headers", "-H -i 1 -x 24"}, {"slow body", "-B -i 1 -s 8192 -x 10"},
		{"range", "-R -a 5 -b 3000"}, {"slow read", "-X -w 10 -y 20 -n 1 -z 5 -k 3"},
	} {
		target := "http://" + v.addr + "/bytes/1000000"
		if mode.name == "slow body" {
			target = "http://" + v.addr + "/"
		}
		args := append(strings.Fields(mode.args), "-c", "1000", "-r", "500", "-p", "3", "-l", fmt.Sprint(seconds), "-u", target)
		out, err := exec.Command(path, args...).CombinedOutput()
		plain := colour.ReplaceAllString(string(out), "")
		seen := map[string]int{}
		for _, m := range available.FindAllStringSubmatch(plain, -1) {
			seen[m[1]]++
		}
		tail := plain[max(0, strings.LastIndex(plain, "Exit status")):]
		fmt.Printf("slowhttptest %s (%s): others served: %d times yes, %d times no; %s; RSS %s\n",
			mode.name, strings.Join(args[:len(args)-2], " "), seen["YES"], seen["NO"], strings.TrimSpace(strings.SplitN(tail, "\n", 2)[0]), mib(v.rss()))
		if err != nil {
			fmt.Fprintf(os.Stderr, "slowhttptest: %v\n", err)
		}
	}
	after := v.descriptors()
	for end := time.Now().Add(40 * time.Second); after > before && time.Now().Before(end); after = v.descriptors() {
		time.Sleep(50 * time.Millisecond)
	}
	fmt.Printf("slowhttptest: descriptors %d before, %d after\n", before, after)
	if after > before {
		return fmt.Errorf("%d descriptors have not come back", after-before)
	}
	return nil
}
