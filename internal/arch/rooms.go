// Package arch holds the shape of the project as data: which package may
// import which, and why not; how long a file may be; what must not be written
// at all. Its test reads every Go file of the module and compares.
//
//	cmd/genkan -> learn, files, watch, genkan
//	learn      -> genkan, http1, socket, trace, watch
//	watch      -> trace            files -> nothing of ours
//	genkan     -> loop, http1, proxyproto, trace, socket
//	loop       -> socket           trace -> socket
//	socket     -> the system       http1, proxyproto -> nothing of ours, and no clock
//
// A new package needs a row in [Rooms] before it is allowed to exist; a rule
// that turns out wrong is changed there, with its reason.
package arch

// Room is one package of the module, with the packages below it, and what its
// code (tests aside) may import.
type Room struct {
	Path   string   // folder below the module's root; "." is the root itself
	Ours   []string // rooms of ours that it may import; all others are banned
	Theirs []string // import path prefixes from other modules that it may import
	Why    string   // why no more of ours than that
	Never  []Ban    // packages of the standard library that it must not import
}

// Ban is one import that a room must not have, and the reason.
type Ban struct {
	Import string // import path, exact
	Why    string
}

// Rooms is the law. The longest path that fits a package is its room.
var Rooms = []Room{
	{
		Path: "http1",
		Why:  "the same bytes give the same events: a parser that knows a server cannot be replayed without one",
		Never: []Ban{
			{"net", "the caller owns the bytes; where they came from changes nothing"},
			{"net/http", "http1 is what a server is built from, so it cannot be built from one"},
			{"os", "a parser that reads files or the environment gives two answers to the same bytes"},
			{"time", "a parser that needs a clock cannot be replayed; time comes in as an argument"},
			{"sync", "one owner at a time; a lock would hide that there are two"},
			{"sync/atomic", "one owner at a time; an atomic would hide that there are two"},
			{"context", "nothing here waits, so there is nothing to cancel"},
		},
	},
	{
		Path: "http1/http1test",
		Why:  "what was said is read from files and handed out; what it means is for its readers to find out, each anew",
	},
	{
		Path: "proxyproto",
		Why:  "a header of a few bytes is read from those bytes alone; whether its sender is believed is the server's to say",
		Never: []Ban{
			{"net", "the caller owns the bytes; where they came from changes nothing"},
			{"net/http", "it stands before HTTP, and before TLS"},
			{"os", "a parser that reads files or the environment gives two answers to the same bytes"},
			{"time", "a parser that needs a clock cannot be replayed; who waits for the bytes keeps the time"},
			{"context", "nothing here waits, so there is nothing to cancel"},
		},
	},
	{
		Path:   "socket",
		Theirs: []string{"golang.org/x/sys"},
		Why:    "the lowest floor: it asks the kernel, and knows neither HTTP nor loops",
		Never: []Ban{
			{"net", "package net makes the calls that this package is there to show; addresses come from net/netip"},
			{"net/http", "socket does not know what bytes mean"},
		},
	},
	{
		Path: "socket/sockettest",
		Ours: []string{"socket"},
		Why:  "a kernel in memory stands at the seam and sees nothing above it",
		Never: []Ban{
			{"net", "the kernel in memory opens no real connection"},
		},
	},
	{
		Path:   "loop",
		Ours:   []string{"socket"},
		Theirs: []string{"golang.org/x/sys"},
		Why:    "loop knows who is ready, not what bytes mean",
		Never: []Ban{
			{"net", "a descriptor in package net's hands cannot be waited for by this loop as well"},
			{"net/http", "loop does not know what bytes mean"},
		},
	},
	{
		Path: "trace",
		Ours: []string{"socket"},
		Why:  "the tap stands at the kernel's seam; events of the floors above are values that they hand in",
		Never: []Ban{
			{"net/http", "an event is about bytes and calls; package net/http would give it a second vocabulary"},
		},
	},
	{
		Path:   ".",
		Ours:   []string{"loop", "http1", "proxyproto", "trace", "socket"},
		Theirs: []string{"golang.org/x/sys"},
		Why:    "who imports the server gets the server: the standard library and golang.org/x/sys, no program, no page",
	},
	{
		Path: "watch",
		Ours: []string{"trace", "watch/record", "watch/decode", "watch/export", "watch/page"},
		Why:  "a view sees events alone, so that it can never reach into the server and change it",
	},
	{
		Path: "watch/record",
		Ours: []string{"trace", "http1"},
		Why:  "exchanges are made of events alone; the rules' sentences are the parser's",
		Never: []Ban{
			{"os", "what is recorded stays in memory, within bounds"},
		},
	},
	{
		Path:   "watch/decode",
		Theirs: []string{"github.com/andybalholm/brotli", "github.com/klauspost/compress", "golang.org/x/net/http2/hpack"},
		Why:    "a body is made readable from its bytes alone",
	},
	{
		Path: "watch/export",
		Why:  "other tools' formats are written from values; where they come from is the caller's",
	},
	{
		Path: "watch/page",
		Why:  "the page is files that are sent; what it shows, it asks for over HTTP",
	},
	{
		Path:   "files",
		Theirs: []string{"golang.org/x/sys"},
		Why:    "files is a plain http.Handler: it works on any server, and its mistakes are its own",
	},
	{
		Path: "ask",
		Ours: []string{"http1", "socket", "trace"},
		Why:  "a client is made of what a server is made of, and knows no server",
		Never: []Ban{
			{"net/http", "the client makes its own calls and reads its own answers: that is what it is there to show"},
		},
	},
	{
		Path: "front",
		Ours: []string{"http1"},
		Why:  "front is a plain http.Handler, for any server; of http1 it knows the error that says that the client broke a rule",
	},
	{
		Path: "genkantest",
		Ours: []string{".", "socket"},
		Why:  "tests see the server as programs do; socket only names where to listen",
	},
	{
		Path: "learn",
		Ours: []string{".", "http1", "socket", "trace", "watch"},
		Why:  "the steps run on the code that serves in earnest; they need neither the program nor its folder view",
	},
	{
		Path:   "cmd/genkan",
		Ours:   []string{".", "ask", "files", "front", "learn", "watch", "trace", "socket"},
		Theirs: []string{"github.com/alecthomas/kong", "github.com/landlock-lsm/go-landlock", "golang.org/x/sys", "golang.org/x/term"},
		Why:    "the program joins what the packages do; parsing and event loops are reached through the server alone",
	},
	{
		Path: "internal/arch",
		Why:  "the rules read source text; a rule that imports what it judges could not judge code that does not build",
	},
	{
		Path: "internal/npm",
		Why:  "it fetches what tests judge with, and knows nothing of what is judged",
	},
}

// ForTests are the modules that test files may import beyond their room's own.
var ForTests = []string{
	"github.com/chromedp/chromedp",
	"github.com/chromedp/cdproto",
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal",
	"golang.org/x/sys",
	"golang.org/x/term",
}

// CoreModules are the modules, besides our own, that a program gets when it
// imports the server.
var CoreModules = []string{"golang.org/x/sys"}

// Unsafe lists the files that may import "unsafe", each with its reason.
var Unsafe = map[string]string{
	"loop/epoll_linux.go":   "epoll_wait through RawSyscall, which takes a pointer: it cannot block, and package unix tells the scheduler all the same",
	"keptmany_test.go":      "two requests must not share an object: the test compares addresses, and follows none",
	"socket/calls_linux.go": "system calls that cannot wait go through RawSyscall, and addresses are read and written without an allocation",
}

// Bounds on length. A file or function beyond them is listed in [LongFiles] or
// [LongFunctions] with the reason why it is one thing nevertheless.
const (
	MaxFileLines     = 330
	MaxTestFileLines = 600
	MaxFunctionLines = 70
)

// LongFiles are the files that may exceed the bound, each with its reason.
var LongFiles = map[string]string{}

// LongFunctions are the functions that may exceed the bound, as "file:name",
// each with its reason.
var LongFunctions = map[string]string{
	"http1/fieldline.go:fieldLines": "one switch over the states of a field line, whose cases fall through: divided, each byte would cost a call",
}
