package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
)

// peer is one of the servers that are compared.
type peer struct {
	name string

	// start has it listen and serve within this program's own process
	// ("serve NAME"). nil: it is a program of its own.
	start func(root, address string, ended chan<- error) (net.Addr, error)

	// startTLS is start with the certificate of tls.go, where it is measured;
	// a program of its own has that port in its configuration if secure.
	startTLS func(root, address string, ended chan<- error) (net.Addr, error)
	secure   bool
	h2       bool // and speaks HTTP/2 there

	// program is that of a peer without start, as it is looked up in PATH, and
	// command makes the command that serves root on a port in the foreground;
	// scratch is a folder for what it writes.
	program string
	command func(scratch, root string, at ports) (*exec.Cmd, error)
	// library is the header of one that it is compiled with; "": none.
	library string

	// version is the arguments with which it tells its version.
	version []string

	// conns is how many connections it is configured to hold; 0: enough.
	conns int

	// paths are the beginnings of what it can answer; nil: everything.
	paths []string
}

// peers in the order of the table. What a program of its own can serve without
// another program behind it differs: files and canned answers, as configured
// in foreign.go. gnet has no HTTP; what it runs looks for the end of a head
// (gnet.go), and so do the floors.
var peers = []peer{
	{name: reference, start: startNetHTTP, startTLS: startNetHTTPS, h2: true},
	{name: "genkan", start: startGenkan, startTLS: startGenkanTLS, h2: true},
	{name: "fasthttp", start: startFastHTTP, startTLS: startFastHTTPS},
	{name: "fiber", start: startFiber, startTLS: startFiberTLS},
	{name: "hertz", start: startHertz},
	{name: "nbio", start: startNbio, paths: []string{"/plain", "/echo", "/nap", "/flushes"}},
	{name: "gnet", start: startGnet, paths: []string{"/plain"}},
	{name: "nginx", program: "nginx", command: nginx, secure: true, h2: true, version: []string{"-v"}, paths: []string{"/plain", "/fs/"}},
	{name: "h2o", program: "h2o", command: h2o, secure: true, h2: true, version: []string{"-v"}, paths: []string{"/plain", "/fs/"}},
	{name: "haproxy", program: "haproxy", command: haproxy, conns: haproxyConns, version: []string{"-v"}, paths: []string{"/plain"}},
	{name: "lighttpd", program: "lighttpd", command: lighttpd, conns: 10000, version: []string{"-v"}, paths: []string{"/plain", "/fs/"}},
	{name: "floor", program: "gcc", command: floor, version: []string{"--version"}, paths: []string{"/plain", "/echo"}},
	{name: "floor-uring", program: "gcc", library: "/usr/include/liburing.h", command: uring, version: []string{"--version"}, paths: []string{"/plain"}},
}

// serverNames are what -servers takes, in the order of the table.
var serverNames = func() (names []string) {
	for _, p := range peers {
		names = append(names, p.name)
	}
	return names
}()

// peerNamed is one of peers, nil if there is none.
func peerNamed(name string) *peer {
	for i := range peers {
		if peers[i].name == name {
			return &peers[i]
		}
	}
	return nil
}

// answers says whether the peer can be asked for path.
func (p *peer) answers(path string) bool {
	if p.paths == nil {
		return true
	}
	for _, beginning := range p.paths {
		if strings.HasPrefix(path, beginning) {
			return true
		}
	}
	return false
}

// missing is why the peer cannot run on this machine; empty: it can.
func (p *peer) missing() string {
	if p.start != nil {
		return ""
	}
	if _, err := exec.LookPath(p.program); err != nil {
		return p.name + " needs the program " + p.program + ", which is not installed"
	}
	if p.library != "" {
		if _, err := os.Stat(p.library); err != nil {
			return p.name + " needs " + p.library + ", which is not installed (apt-get install liburing-dev)"
		}
	}
	return ""
}
