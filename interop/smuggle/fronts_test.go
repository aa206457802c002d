package smuggle

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// before is a program that stands before Genkan: one listening port for each
// back, so that what a back sees can be told whose it is.
type before struct {
	name    string
	program string
	// config is its configuration; pairs are ports: where it listens, whom it
	// asks.
	config func(dir string, pairs [][2]int) (text string, args []string)
}

var fronts = []before{
	{"nginx", "nginx", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		user := ""
		if os.Geteuid() == 0 {
			user = "user root;\n"
		}
		fmt.Fprintf(&b, "%sdaemon off;\nworker_processes 1;\npid %[2]s/pid;\nerror_log %[2]s/error.log crit;\nevents { worker_connections 4000; }\nhttp {\naccess_log off;\nclient_body_temp_path %[2]s/b;\nproxy_temp_path %[2]s/p;\nfastcgi_temp_path %[2]s/f;\nuwsgi_temp_path %[2]s/u;\nscgi_temp_path %[2]s/s;\nproxy_next_upstream off;\n", user, dir)
		for i, p := range pairs {
			fmt.Fprintf(&b, "upstream u%d { server 127.0.0.1:%d; keepalive 4; }\nserver { listen 127.0.0.1:%d; location / { proxy_pass http://u%[1]d; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_request_buffering off; } }\n", i, p[1], p[0])
		}
		b.WriteString("}\n")
		return b.String(), []string{"-e", dir + "/error.log", "-p", dir, "-c", "FILE"}
	}},
	{"haproxy", "haproxy", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		b.WriteString("global\n\tmaxconn 4000\n\tnbthread 1\ndefaults\n\tmode http\n\ttimeout connect 5s\n\ttimeout client 10s\n\ttimeout server 10s\n\tretries 0\n")
		for i, p := range pairs {
			fmt.Fprintf(&b, "frontend f%d\n\tbind 127.0.0.1:%d\n\tdefault_backend b%[1]d\nbackend b%[1]d\n\tserver s 127.0.0.1:%[3]d\n", i, p[0], p[1])
		}
		return b.String(), []string{"-q", "-f", "FILE"}
	}},
	{"lighttpd", "lighttpd", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		fmt.Fprintf(&b, "server.modules = ( \"mod_proxy\" )\nserver.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\nserver.stream-request-body = 1\n", dir, pairs[0][0])
		for _, p := range pairs {
			fmt.Fprintf(&b, "$SERVER[\"socket\"] == \"127.0.0.1:%d\" { proxy.server = ( \"\" => (( \"host\" => \"127.0.0.1\", \"port\" => %d )) ) }\n", p[0], p[1])
		}
		return b.String(), []string{"-D", "-f", "FILE"}
	}},
	{"Apache", "apache2", func(dir string, pairs [][2]int) (string, []string) {
		b := apacheBase(dir, "proxy_http")
		for _, p := range pairs {
			fmt.Fprintf(b, "Listen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%[1]d>\nProxyRequests Off\nProxyPass / http://127.0.0.1:%d/ retry=0\n</VirtualHost>\n", p[0], p[1])
		}
		return b.String(), []string{"-D", "FOREGROUND", "-f", "FILE"}
	}},
	{"h2o", "h2o", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		if os.Geteuid() == 0 {
			b.WriteString("user: root\n")
		}
		fmt.Fprintf(&b, "num-threads: 1\nerror-log: %s/error.log\nhosts:\n", dir)
		for _, p := range pairs {
			fmt.Fprintf(&b, "  \"127.0.0.1:%d\":\n    listen:\n      host: 127.0.0.1\n      port: %[1]d\n    paths:\n      \"/\":\n        proxy.reverse.url: \"http://127.0.0.1:%d/\"\n        proxy.preserve-host: ON\n", p[0], p[1])
		}
		return b.String(), []string{"-m", "worker", "-c", "FILE"}
	}},
	{"Caddy", "caddy", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		b.WriteString("{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\tlevel FATAL\n\t}\n}\n")
		for _, p := range pairs {
			fmt.Fprintf(&b, "http://:%d {\n\tbind 127.0.0.1\n\treverse_proxy 127.0.0.1:%d\n}\n", p[0], p[1])
		}
		return b.String(), []string{"run", "--config", "FILE", "--adapter", "caddyfile"}
	}},
}

// apacheBase is what a configuration of Apache begins with, and how it speaks
// with those behind it.
func apacheBase(dir, speaks string) *strings.Builder {
	var b strings.Builder
	for _, m := range []string{"mpm_event", "authz_core", "proxy", speaks} {
		fmt.Fprintf(&b, "LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
	}
	fmt.Fprintf(&b, "ServerRoot %s\nPidFile %[1]s/pid\nErrorLog %[1]s/error.log\nLogLevel crit\nServerName h\nDefaultRuntimeDir %[1]s\n", dir)
	return &b
}

// start runs the front until the test ends, and gives its addresses. The test is
// skipped where the program is not installed.
func (f *before) start(t *testing.T, backs []string) []string {
	t.Helper()
	program, err := exec.LookPath(f.program)
	if err != nil {
		t.Skipf("%s is not installed: Genkan was not put behind it", f.program)
	}
	dir := t.TempDir()
	var pairs [][2]int
	var addresses []string
	ports := freePorts(t, len(backs))
	for i, back := range backs {
		port := ports[i]
		pairs = append(pairs, [2]int{port, portOf(t, back)})
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	text, args := f.config(dir, pairs)
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", file)
	}
	run(t, exec.Command(program, args...))
	for _, address := range addresses {
		awaitListening(t, address)
	}
	return addresses
}

// run starts a program and ends it with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said: %.2000s", cmd.Path, out.String())
		}
	})
}

// freePorts are ports that were free a moment ago, each another.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return a.Port
}

func awaitListening(t *testing.T, address string) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("nobody listens at %s after 15 s", address)
		}
	}
}
