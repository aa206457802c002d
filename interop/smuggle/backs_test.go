package smuggle

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// back is a program behind Genkan. What it has seen it tells at /seen, and
// forgets.
type back struct {
	name, program string
	file, source  string
	args          func(dir string, port int) []string
}

var backs = []back{
	{"gunicorn", "gunicorn", "app.py", `
import threading
seen = []
def app(environ, start_response):
    if environ['PATH_INFO'] == '/seen':
        global seen
        text, seen = '\n'.join(seen), []
        start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(text)))])
        return [text.encode('latin-1')]
    n = 0
    while True:
        b = environ['wsgi.input'].read(65536)
        if not b: break
        n += len(b)
    seen.append('%s %s (%d)' % (environ['REQUEST_METHOD'], environ.get('RAW_URI', environ['PATH_INFO']), n))
    start_response('200 OK', [('X-From-Back', '1'), ('Content-Length', '3')])
    return [] if environ['REQUEST_METHOD'] == 'HEAD' else [b'ok\n'] # gunicorn sends it, asked with HEAD too
`, func(dir string, port int) []string {
		return []string{"--chdir", dir, "-b", fmt.Sprintf("127.0.0.1:%d", port), "-w", "1", "-k", "gthread", "--threads", "8", "--log-level", "critical", "app:app"}
	}},
	{"Node", "node", "app.js", `
const http = require('http');
let seen = [];
http.createServer((q, r) => {
  if (q.url === '/seen') { const text = seen.join('\n'); seen = []; r.setHeader('Content-Length', Buffer.byteLength(text)); return r.end(text); }
  let n = 0;
  q.on('data', b => n += b.length);
  q.on('end', () => { seen.push(q.method + ' ' + q.url + ' (' + n + ')'); r.setHeader('X-From-Back', '1'); r.end('ok\n'); });
}).listen(+process.argv[2], '127.0.0.1');
`, func(dir string, port int) []string { return []string{filepath.Join(dir, "app.js"), fmt.Sprint(port)} }},
}

// TestBefore: Genkan before other servers. Each lane has a process of its own,
// so there are few.
func TestBefore(t *testing.T) {
	const processes = 4
	for _, b := range backs {
		t.Run(b.name, func(t *testing.T) {
			program, err := exec.LookPath(b.program)
			if err != nil {
				t.Skipf("%s is not installed: Genkan was not put before it", b.program)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, b.file), []byte(b.source), 0o600); err != nil {
				t.Fatal(err)
			}
			var addresses, direct []string
			for _, port := range freePorts(t, processes) {
				address := fmt.Sprintf("127.0.0.1:%d", port)
				run(t, exec.Command(program, b.args(dir, port)...))
				awaitListening(t, address)
				direct = append(direct, address)
				addresses = append(addresses, genkanServer(t, proxyTo(t, address)))
			}
			contest(t, addresses, func(lane int) []string { return told(t, direct[lane]) })
		})
	}
}

// origins are servers that hand what they have read to an application by
// FastCGI: a port of the server for each application.
var origins = []before{
	{"lighttpd", "lighttpd", func(dir string, pairs [][2]int) (string, []string) {
		var b strings.Builder
		fmt.Fprintf(&b, "server.modules = ( \"mod_fastcgi\" )\nserver.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\n", dir, pairs[0][0])
		for _, p := range pairs {
			fmt.Fprintf(&b, "$SERVER[\"socket\"] == \"127.0.0.1:%d\" { fastcgi.server = ( \"/\" => (( \"host\" => \"127.0.0.1\", \"port\" => %d, \"check-local\" => \"disable\" )) ) }\n", p[0], p[1])
		}
		return b.String(), []string{"-D", "-f", "FILE"}
	}},
	{"Apache", "apache2", func(dir string, pairs [][2]int) (string, []string) {
		b := apacheBase(dir, "proxy_fcgi")
		for _, p := range pairs {
			fmt.Fprintf(b, "Listen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%[1]d>\nProxyRequests Off\nProxyPass / fcgi://127.0.0.1:%d/ retry=0\n</VirtualHost>\n", p[0], p[1])
		}
		return b.String(), []string{"-D", "FOREGROUND", "-f", "FILE"}
	}},
}

// TestBeforeFastCGI: Genkan before servers that read the requests for an
// application, and hand on where each body ends.
func TestBeforeFastCGI(t *testing.T) {
	for _, o := range origins {
		t.Run(o.name, func(t *testing.T) {
			applications, all := make([]string, lanes), make([]*seen, lanes)
			for i := range applications {
				all[i] = &seen{}
				applications[i] = application(t, all[i])
			}
			addresses := o.start(t, applications)
			for i, address := range addresses {
				addresses[i] = genkanServer(t, proxyTo(t, address))
			}
			contest(t, addresses, func(lane int) []string { return all[lane].take() })
		})
	}
}

// application serves h by FastCGI until the test ends.
func application(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		fcgi.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RequestURI = r.URL.RequestURI() // which net/http/fcgi leaves empty
			h.ServeHTTP(w, r)
		}))
	}()
	t.Cleanup(func() {
		l.Close()
		<-served
	})
	return l.Addr().String()
}

// told asks a back what it has seen.
func told(t *testing.T, address string) []string {
	answer, err := http.Get("http://" + address + "/seen")
	if err != nil {
		t.Error(err)
		return nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	if len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), "\n")
}
