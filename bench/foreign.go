package main

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The peers that are programs of their own: one worker, no log of requests, as
// many requests a connection as it likes, otherwise their own defaults.

// startForeign starts p's program on a port that was free a moment ago: these
// take no port 0. It serves root/plain, and the folder root/fs. The address is
// that of TLS if secure.
func startForeign(p *peer, root string, secure bool, cores []int) (*server, error) {
	scratch, err := os.MkdirTemp("", "genkan-bench-"+p.name+"-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	at := ports{plain: port}
	if err == nil && secure {
		at.secure, err = freePort()
		port = at.secure
	}
	if err == nil {
		s := &server{name: p.name, core: cores[0], foreign: true, scratch: scratch, address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
		if s.cmd, err = p.command(scratch, root, at); err == nil {
			s.cmd.Stderr = os.Stderr
			endWithUs(s.cmd)
			if err = onCores(cores, s.cmd.Start); err == nil {
				if err = s.answering(); err == nil {
					return s, nil
				}
				s.stop()
			}
		}
	}
	os.RemoveAll(scratch)
	return nil, fmt.Errorf("start server %s on cores %d: %w", p.name, cores, err)
}

// ports are where a program of its own listens; secure, for TLS, is 0 if nobody
// will ask there.
type ports struct{ plain, secure int }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answering waits until somebody listens.
func (s *server) answering() error {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.DialTimeout("tcp", s.address, patience)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(end) {
			return err
		}
	}
}

// stopForeign ends the program by SIGTERM, and by SIGKILL if it takes its
// time. An error says that it had ended before.
func (s *server) stopForeign() error {
	defer os.RemoveAll(s.scratch)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.cmd.Wait()
		return fmt.Errorf("server %s had ended: %w", s.name, err)
	}
	late := time.AfterFunc(5*time.Second, func() { s.cmd.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("server %s: %w", s.name, err)
	}
	return nil
}

// configured writes the configuration and gives the command with FILE
// replaced by its name.
func configured(scratch, config string, args ...string) (*exec.Cmd, error) {
	file := filepath.Join(scratch, "config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", file)
	}
	return exec.Command(args[0], args[1:]...), nil
}

// asRoot is text where this program is root's: some servers then become
// another user, who may not read our folders.
func asRoot(text string) string {
	if os.Geteuid() == 0 {
		return text
	}
	return ""
}

func nginx(scratch, root string, at ports) (*exec.Cmd, error) {
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "\t%s_temp_path %s;\n", kind, filepath.Join(scratch, kind))
	}
	tls := ""
	if at.secure != 0 {
		tls = fmt.Sprintf("\t\tlisten 127.0.0.1:%d ssl http2;\n\t\tssl_certificate %s;\n\t\tssl_certificate_key %s;\n\t\tssl_protocols TLSv1.3;\n",
			at.secure, certificateFile(root), keyFile(root))
	}
	return configured(scratch, fmt.Sprintf(`%sdaemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid %[2]s/pid;
error_log %[2]s/error.log;
events { worker_connections 18000; }
http {
	access_log off;
	sendfile on;
	keepalive_requests 1000000000;
	types { text/plain txt; }
	charset utf-8;
%[3]s	server {
		listen 127.0.0.1:%[4]d;
%[6]s		root %[5]s;
		location = /plain { default_type text/plain; return 200 "Hello, World!\n"; }
	}
}
`, asRoot("user root;\n"), scratch, temporary.String(), at.plain, root, tls), "nginx", "-e", scratch+"/error.log", "-p", scratch, "-c", "FILE")
}

func h2o(scratch, root string, at ports) (*exec.Cmd, error) {
	tls := ""
	if at.secure != 0 {
		tls = fmt.Sprintf("listen:\n  host: 127.0.0.1\n  port: %d\n  ssl:\n    certificate-file: %s\n    key-file: %s\n    minimum-version: TLSv1.3\n",
			at.secure, certificateFile(root), keyFile(root))
	}
	return configured(scratch, fmt.Sprintf(`%snum-threads: 1
max-connections: 18000
listen:
  host: 127.0.0.1
  port: %d
%[4]shosts:
  default:
    paths:
      /plain:
        file.file: %[3]s/plain
      /fs:
        file.dir: %[3]s/fs
`, asRoot("user: root\n"), at.plain, root, tls), "h2o", "-m", "worker", "-c", "FILE")
}

// haproxyConns: haproxy counts two descriptors for each, and does not start
// where a process may not open so many.
const haproxyConns = 8000

func haproxy(scratch, root string, at ports) (*exec.Cmd, error) {
	return configured(scratch, fmt.Sprintf(`global
	nbthread 1
	maxconn %d
defaults
	mode http
	timeout connect 10s
	timeout client 75s
	timeout server 30s
frontend bench
	bind 127.0.0.1:%d
	http-request return status 200 content-type "text/plain; charset=utf-8" file %s/plain if { path /plain }
	http-request deny deny_status 404
`, haproxyConns, at.plain, root), "haproxy", "-q", "-f", "FILE")
}

func lighttpd(scratch, root string, at ports) (*exec.Cmd, error) {
	return configured(scratch, fmt.Sprintf(`server.document-root = "%s"
server.bind = "127.0.0.1"
server.port = %d
server.max-fds = 20000
server.max-connections = 18000
server.max-keep-alive-requests = 1000000000
server.errorlog = "%s/error.log"
mimetype.assign = ( ".txt" => "text/plain; charset=utf-8", "plain" => "text/plain; charset=utf-8" )
`, root, at.plain, scratch), "lighttpd", "-D", "-f", "FILE")
}

//go:embed floor/floor.c
var floorSource []byte

//go:embed floor/uring.c
var uringSource []byte

// floor compiles the floor, which is neither Go nor HTTP.
func floor(scratch, _ string, at ports) (*exec.Cmd, error) {
	return compiled(scratch, "floor", floorSource, at)
}

// uring is the floor with io_uring in the place of epoll.
func uring(scratch, _ string, at ports) (*exec.Cmd, error) {
	return compiled(scratch, "uring", uringSource, at, "-luring")
}

func compiled(scratch, name string, text []byte, at ports, libraries ...string) (*exec.Cmd, error) {
	source, program := filepath.Join(scratch, name+".c"), filepath.Join(scratch, name)
	if err := os.WriteFile(source, text, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command("gcc", append([]string{"-O2", "-o", program, source}, libraries...)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("gcc: %w: %s", err, out)
	}
	return exec.Command(program, strconv.Itoa(at.plain)), nil
}
