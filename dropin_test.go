package genkan

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/dropin.md anew")

// contract is what a program may rely on that changes http.Server for
// genkan.Server, and the tests that hold it.
var contract = []struct{ group, promise, tests string }{
	{"ResponseWriter", "implicit 200, Content-Length or chunks, sniffed Content-Type, Date, HTTP/1.0, HEAD, 204, 304, trailers, more and less than declared, 1xx, superfluous WriteHeader, clean field values, Connection: close", "TestConversations TestParity TestAnswersAreParsable TestOneLengthWhateverItsSpelling"},
	{"ResponseWriter", "panics, http.ErrAbortHandler, runtime.Goexit", "TestConversations TestManyExits TestExitBehindQueuedAnswers TestBrokenAnswerUntilCloseEndsInAReset"},
	{"ResponseWriter", "Flusher, io.ReaderFrom, io.StringWriter, large answers, back-pressure", "TestConversations TestLargeBodies TestBackPressure TestTLSBackPressure TestHTTP2LargeBodies"},
	{"ResponseWriter", "Hijacker", "TestHijack TestAfterHijack TestHijackAndShutdown TestHijackAndLeave TestHijackWhileReading"},
	{"ResponseWriter", "http.ResponseController: SetReadDeadline, SetWriteDeadline, EnableFullDuplex; CloseNotifier", "TestReadDeadlineMoved TestReadDeadlineLifted TestWriteDeadlineMoved TestWriteDeadlineLifted TestFullDuplex TestBothWaysAtOnce TestCloseNotify"},
	{"Request", "every field, the body, trailers, the context's values", "TestRequestParity TestBaseContext TestContextsOfConnections TestTLSState TestClientCertificates"},
	{"Request", "the context ends when the peer goes or the handler returns", "TestContextEnds TestContextAfterHandler TestLeftInEachPhase TestTLSGoneInEachPhase TestHTTP2Reset"},
	{"Request", "100 Continue on the first read; a body after the handler is an error; unread bodies", "TestExpect TestExpectWhileWriting TestBodyAfterReturn TestReaderOutlivesHandler TestUnreadBody TestBodyEnds"},
	{"Request", "nothing that a handler was given is used again", "TestNothingIsReused TestAnswerEndsBehindTheWriteThatIsUnderWay"},
	{"Server", "Serve, ListenAndServe, several listeners, Shutdown, Close, RegisterOnShutdown", "TestTwoListeners TestServeAfterShutdown TestServeOnAClosedListener TestShutdownIdle TestShutdownBusy TestShutdownWithNewConnection TestClose TestRegisterOnShutdown TestHandlersThatNeverReturn"},
	{"Server", "SetKeepAlivesEnabled, ConnState, ConnContext, OPTIONS *", "TestSetKeepAlivesEnabled TestConnState TestConnStateOfHTTP2 TestContextsOfConnections TestOptionsAsterisk"},
	{"Server", "ReadTimeout, ReadHeaderTimeout, WriteTimeout, IdleTimeout, each phase", "TestDeadlines TestNoDeadlines TestJustInTime TestWriteTimeout TestSlowBody TestSlowReader TestLinger"},
	{"Server", "ErrorLog, Logger", "TestConversations TestLogger TestLoggerOfTransports"},
	{"TLS, HTTP/2", "ServeTLS, certificates by file and callback, client certificates, ALPN, resumption, the handshake's deadline", "TestTLSState TestCertificateFiles TestGetCertificate TestClientCertificates TestTLSResumption TestHandshakeTimeout TestPlainOnTLS TestTLSByteByByte"},
	{"TLS, HTTP/2", "an idle TLS connection has no goroutine", "TestTLSIdleCostsNoGoroutine"},
	{"TLS, HTTP/2", "HTTP/2 over TLS and with prior knowledge, Protocols, shutdown", "TestHTTP2Parity TestPriorKnowledge TestPriorKnowledgeUnwanted TestOnlyHTTP2 TestHTTP2Shutdown TestHTTP2Close TestHTTP2Limits"},
	{"Where connections come from", "TCP, UNIX, inherited sockets, any net.Listener, the PROXY protocol", "TestConversations TestInheritedSocketIsKept TestProxyHeader TestProxyHeaderUntrusted TestProxyHeaderMissing"},
	{"Programs", "ServeMux, chi, gorilla/mux, gin, echo, and the first program of their READMEs", "interop:TestServeMux interop:TestChi interop:TestGorillaMux interop:TestGin interop:TestEcho interop:TestPrograms"},
	{"Programs", "ReverseProxy, FileServerFS, TimeoutHandler, MaxBytesHandler, AllowQuerySemicolons, promhttp, otelhttp, pprof", "interop:TestReverseProxy interop:TestReverseProxyUpgrade interop:TestFileServerFS interop:TestTimeoutHandler interop:TestMaxBytesHandler interop:TestAllowQuerySemicolons interop:TestPromHTTP interop:TestOTelHTTP interop:TestPprof"},
	{"Programs", "WebSockets of coder and gorilla, server-sent events with 1,000 clients", "interop:TestCoderWebSocket interop:TestGorillaWebSocket interop:TestServerSentEvents"},
}

// TestDropInTable holds docs/dropin.md to the tables of the tests: what is
// promised and who holds it, and each conversation beside net/http.
func TestDropInTable(t *testing.T) {
	const path = "docs/dropin.md"
	want := dropInTable(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the tests say; go test . -run DropIn -update writes it anew", path)
	}
}

func dropInTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# In the place of http.Server\n\nWritten by `go test . -run DropIn -update` from the tables of the tests; do not edit it.\n\n")
	b.WriteString("## What a program may rely on\n\nThe tests of the root package run on each of these, where it applies: ")
	var names []string
	for _, s := range stages() {
		names = append(names, s.name)
	}
	fmt.Fprintf(&b, "%s; HTTP/2 has tests of its own. Those of [interop](../interop) run the same handlers on http.Server, and compare.\n\n", strings.Join(names, "; "))
	b.WriteString("| | promise | held by |\n|---|---|---|\n")
	known := map[string]map[string]bool{"": testsOf(t, "."), "interop": testsOf(t, "interop")}
	for _, row := range contract {
		var tests []string
		for _, name := range strings.Fields(row.tests) {
			dir, test, found := strings.Cut(name, ":")
			if !found {
				dir, test = "", name
			}
			if !known[dir][test] {
				t.Errorf("the contract names %s, and there is no such test", name)
			}
			tests = append(tests, "`"+strings.TrimPrefix(test, "Test")+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.group, row.promise, strings.Join(tests, ", "))
	}
	b.WriteString("\n## Conversations beside net/http\n\nThe same bytes, sent to the same handler on both; the answers are compared byte by byte (`go test . -run Parity`).\n\n| conversation | sent | net/http | rule, or reason of ours |\n|---|---|---|---|\n")
	for _, c := range conversations {
		verdict, why := "the same", c.why
		if reason, differs := differences[c.name]; differs {
			verdict, why = "differs", reason
		}
		sent := strconv.Quote(c.send)
		if len(sent) > 70 {
			sent = sent[:70] + "…"
		}
		escape := strings.NewReplacer("|", "\\|", "<", "&lt;")
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", c.name, strings.ReplaceAll(sent, "|", "\\|"), verdict, escape.Replace(why))
	}
	return b.String()
}

// testsOf is the names of the tests in a folder.
func testsOf(t *testing.T, dir string) map[string]bool {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	all := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				all[f.Name.Name] = true
			}
		}
	}
	return all
}
