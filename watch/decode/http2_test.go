package decode

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"
)

// wireOf is bytes written in hexadecimal; "PRI" stands for the preface.
func wireOf(t testing.TB, text string) []byte {
	t.Helper()
	text = strings.ReplaceAll(text, "PRI", hex.EncodeToString([]byte(preface)))
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read2 is the pieces and what is hidden, a line each.
func read2(h HTTP2) string {
	var b strings.Builder
	for _, p := range h.Pieces {
		fmt.Fprintf(&b, "%d+%d %s %s %q %s\n", p.Off, p.Len, p.Kind, p.Name, p.Text, p.Explain)
	}
	for _, r := range h.Hidden {
		fmt.Fprintf(&b, "hidden %d-%d\n", r[0], r[1])
	}
	if h.Truncated {
		b.WriteString("truncated\n")
	}
	return b.String()
}

func secretCookie(name string) bool { return strings.HasSuffix(name, "cookie") }

// Frames written by hand from RFC 9113 and RFC 7541 (whose C.4 has the blocks),
// and what they say.
var golden2 = []struct{ name, wire, want string }{
	{"a client begins", "PRI 00000c 04 00 00000000 0001 00001000 0004 00010000",
		"0+24 frame PRI \"HTTP/2.0\" h2.preface\n" +
			"24+21 frame SETTINGS \"stream=0 length=12\" h2.frame.SETTINGS\n" +
			"33+6 setting HEADER_TABLE_SIZE \"4096\" h2.setting.HEADER_TABLE_SIZE\n" +
			"39+6 setting INITIAL_WINDOW_SIZE \"65536\" h2.setting.INITIAL_WINDOW_SIZE\n"},
	{"settings, acknowledged and unknown", "000006 04 00 00000000 0fff 00000007 000000 04 01 00000000",
		"0+15 frame SETTINGS \"stream=0 length=6\" h2.frame.SETTINGS\n" +
			"9+6 setting 0xfff \"7\" h2.setting.unknown\n" +
			"15+9 frame SETTINGS \"stream=0 length=0 flags=0x01 ACK\" h2.frame.SETTINGS\n"},
	{"two requests, the second with the first one's field from the table",
		"000011 01 05 00000001 828684418cf1e3c2e5f23a6ba0ab90f4ff 00000c 01 05 00000003 828684be5886a8eb10649cbf",
		"0+26 frame HEADERS \"stream=1 length=17 flags=0x05 END_STREAM|END_HEADERS\" h2.frame.HEADERS\n" +
			"9+1 field :method \"GET\" field.:method\n9+1 hpack  \"\" hpack.indexed\n" +
			"10+1 field :scheme \"http\" field.:scheme\n10+1 hpack  \"\" hpack.indexed\n" +
			"11+1 field :path \"/\" field.:path\n11+1 hpack  \"\" hpack.indexed\n" +
			"12+14 field :authority \"www.example.com\" field.:authority\n12+1 hpack  \"\" hpack.indexing\n" +
			"26+21 frame HEADERS \"stream=3 length=12 flags=0x05 END_STREAM|END_HEADERS\" h2.frame.HEADERS\n" +
			"35+1 field :method \"GET\" field.:method\n35+1 hpack  \"\" hpack.indexed\n" +
			"36+1 field :scheme \"http\" field.:scheme\n36+1 hpack  \"\" hpack.indexed\n" +
			"37+1 field :path \"/\" field.:path\n37+1 hpack  \"\" hpack.indexed\n" +
			"38+1 field :authority \"www.example.com\" field.:authority\n38+1 hpack  \"\" hpack.indexed\n" +
			"39+8 field cache-control \"no-cache\" field.cache-control\n39+1 hpack  \"\" hpack.indexing\n"},
	{"a secret, never indexed, hides its block; the next one is shown", "000007 01 04 00000001 88 1f11 03 613d62 000001 01 05 00000003 89",
		"0+16 frame HEADERS \"stream=1 length=7 flags=0x04 END_HEADERS\" h2.frame.HEADERS\n" +
			"9+1 field :status \"200\" field.:status\n9+1 hpack  \"\" hpack.indexed\n" +
			"10+6 field cookie \"***\" field.cookie\n10+1 hpack  \"\" hpack.never\n" +
			"16+10 frame HEADERS \"stream=3 length=1 flags=0x05 END_STREAM|END_HEADERS\" h2.frame.HEADERS\n" +
			"25+1 field :status \"204\" field.:status\n25+1 hpack  \"\" hpack.indexed\n" +
			"hidden 9-16\n"},
	{"a secret over two frames hides both parts", "000003 01 00 00000001 880f11 000004 09 04 00000001 03613d62",
		"0+12 frame HEADERS \"stream=1 length=3\" h2.frame.HEADERS\n" +
			"12+13 frame CONTINUATION \"stream=1 length=4 flags=0x04 END_HEADERS\" h2.frame.CONTINUATION\n" +
			"9+1 field :status \"200\" field.:status\n9+1 hpack  \"\" hpack.indexed\n" +
			"10+15 field cookie \"***\" field.cookie\n10+1 hpack  \"\" hpack.plain\n" +
			"hidden 9-12\nhidden 21-25\n"},
	{"padding and priority", "00000a 01 2d 00000001 02 80000003 0f 88 20 0000 000005 00 09 00000001 01 686921 00",
		"0+19 frame HEADERS \"stream=1 length=10 flags=0x2d END_STREAM|END_HEADERS|PADDED|PRIORITY\" h2.frame.HEADERS\n" +
			"9+1 part Pad Length \"2\" h2.padding\n" +
			"10+5 part Priority \"stream=3 exclusive weight=16\" h2.priority\n" +
			"15+1 field :status \"200\" field.:status\n15+1 hpack  \"\" hpack.indexed\n" +
			"16+1 part Dynamic Table Size \"0\" hpack.size\n" +
			"19+14 frame DATA \"stream=1 length=5 flags=0x09 END_STREAM|PADDED\" h2.frame.DATA\n" +
			"28+1 part Pad Length \"1\" h2.padding\n" +
			"29+3 data  \"3: hi!\" h2.data\n"},
	{"the rest of the types",
		"000005 02 00 00000001 00000000 ff 000004 03 00 00000001 00000008 000008 06 01 00000000 0102030405060708" +
			"00000b 07 00 00000000 00000005 0000000b 62 79 65 000004 08 00 00000000 00000064 000001 fe 81 00000000 00",
		"0+14 frame PRIORITY \"stream=1 length=5\" h2.frame.PRIORITY\n" +
			"9+5 part Priority \"stream=0 weight=256\" h2.priority\n" +
			"14+13 frame RST_STREAM \"stream=1 length=4\" h2.frame.RST_STREAM\n" +
			"23+4 error CANCEL \"0x8\" h2.error.CANCEL\n" +
			"27+17 frame PING \"stream=0 length=8 flags=0x01 ACK\" h2.frame.PING\n" +
			"36+8 part Opaque Data \"0102030405060708\" h2.ping\n" +
			"44+20 frame GOAWAY \"stream=0 length=11\" h2.frame.GOAWAY\n" +
			"53+4 part Last-Stream-ID \"5\" h2.last-stream\n" +
			"57+4 error ENHANCE_YOUR_CALM \"0xb\" h2.error.ENHANCE_YOUR_CALM\n" +
			"61+3 part Debug Data \"bye\" h2.debug\n" +
			"64+13 frame WINDOW_UPDATE \"stream=0 length=4\" h2.frame.WINDOW_UPDATE\n" +
			"73+4 part Window Size Increment \"100\" h2.increment\n" +
			"77+10 frame 0xfe \"stream=0 length=1 flags=0x81 0x81\" h2.frame.unknown\n"},
	{"a frame that is not whole: its fields are hidden", "000004 08 00 00000000 00000001 000040 01 04 00000001 8840",
		"0+13 frame WINDOW_UPDATE \"stream=0 length=4\" h2.frame.WINDOW_UPDATE\n" +
			"9+4 part Window Size Increment \"1\" h2.increment\n" +
			"13+11 frame HEADERS \"stream=1 length=64 flags=0x04 END_HEADERS\" h2.frame.HEADERS\n" +
			"hidden 22-24\n"},
	{"an index that the table does not have; blocks after it", "000001 01 04 00000001 be 000001 01 04 00000003 88",
		"0+10 frame HEADERS \"stream=1 length=1 flags=0x04 END_HEADERS\" h2.frame.HEADERS\n" +
			"9+1 part Field Block Fragment \"1\" h2.unread\n" +
			"10+10 frame HEADERS \"stream=3 length=1 flags=0x04 END_HEADERS\" h2.frame.HEADERS\n" +
			"19+1 part Field Block Fragment \"1\" h2.unread\n" +
			"hidden 9-10\nhidden 19-20\n"},
	{"a frame within a header block", "000001 01 00 00000001 88 000000 04 00 00000000",
		"0+10 frame HEADERS \"stream=1 length=1\" h2.frame.HEADERS\n" +
			"10+9 frame SETTINGS \"stream=0 length=0\" h2.frame.SETTINGS\n" +
			"9+1 part Field Block Fragment \"1\" h2.unread\n" +
			"hidden 9-10\n"},
}

func TestFrames(t *testing.T) {
	for _, c := range golden2 {
		if got := read2(Frames(wireOf(t, c.wire), true, secretCookie)); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, c.want)
		}
	}
	shown := Frames(wireOf(t, golden2[3].wire), true, nil)
	if len(shown.Hidden) != 0 || !strings.Contains(read2(shown), `cookie "a=b"`) {
		t.Errorf("shown:\n%s", read2(shown))
	}
}

// Without its beginning a side's frames are read, its fields are hidden where
// they refer to what nobody has, and what is no frame is not made one.
func TestFramesFromTheMiddle(t *testing.T) {
	wire := wireOf(t, "000001 01 04 00000001 be 000002 00 01 00000001 6f6b")
	want := "0+10 frame HEADERS \"stream=1 length=1 flags=0x04 END_HEADERS\" h2.frame.HEADERS\n" +
		"9+1 part Field Block Fragment \"1\" h2.unread\n" +
		"10+11 frame DATA \"stream=1 length=2 flags=0x01 END_STREAM\" h2.frame.DATA\n" +
		"19+2 data  \"2: ok\" h2.data\nhidden 9-10\n"
	if got := read2(Frames(wire, false, secretCookie)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := read2(Frames([]byte("a cookie is not a frame"), false, secretCookie)); got != "hidden 0-23\ntruncated\n" {
		t.Errorf("got\n%s", got)
	}
}

// One byte may stand for thousands: what comes out is bounded all the same, and
// what is no longer read is hidden.
func TestFramesAreBounded(t *testing.T) {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.WriteField(hpack.HeaderField{Name: "x", Value: strings.Repeat("v", 3900)})
	block.Write(bytes.Repeat([]byte{0xbe}, 1<<15)) // the entry, again and again
	var wire bytes.Buffer
	n := block.Len()
	wire.Write([]byte{byte(n >> 16), byte(n >> 8), byte(n), 1, 4, 0, 0, 0, 1})
	wire.Write(block.Bytes())
	wire.Write([]byte{0, 0, 1, 1, 4, 0, 0, 0, 3, 0x88})
	got := Frames(wire.Bytes(), true, secretCookie)
	total := 0
	for _, p := range got.Pieces {
		total += len(p.Text)
	}
	if !got.Truncated || total > text2Most+value2Most || len(got.Pieces) > pieces2Most {
		t.Errorf("truncated %v, %d bytes of text in %d pieces", got.Truncated, total, len(got.Pieces))
	}
	if n := len(got.Hidden); n == 0 || got.Hidden[n-1][1] != int64(wire.Len()) {
		t.Errorf("hidden %v of %d: what was not read has to be", got.Hidden, wire.Len())
	}
}

// Whatever comes, nothing panics, all pieces are within the wire, each frame
// begins where the one before ends, and no secret is shown.
func FuzzFrames(f *testing.F) {
	for _, c := range golden2 {
		f.Add(wireOf(f, c.wire), true)
	}
	f.Add([]byte("\x00\x00\x00\x01\x0c\x00\x00\x00\x01"), false)
	f.Fuzz(func(t *testing.T, wire []byte, begins bool) {
		got := Frames(wire, begins, secretCookie)
		last, frames := int64(-1), int64(0)
		for _, p := range got.Pieces {
			if p.Off < 0 || p.Len < 0 || p.Off+p.Len > int64(len(wire)) {
				t.Fatalf("%+v is not within %d bytes", p, len(wire))
			}
			if p.Kind == "frame" {
				if p.Off < last || p.Off != frames {
					t.Fatalf("the frame %+v begins elsewhere than at %d", p, frames)
				}
				last, frames = p.Off, p.Off+p.Len
			}
			if p.Kind == "field" && secretCookie(p.Name) && strings.Trim(p.Text, "*…") != "" {
				t.Fatalf("%+v is a secret", p)
			}
		}
		for _, r := range got.Hidden {
			if r[0] < 0 || r[0] >= r[1] || r[1] > int64(len(wire)) {
				t.Fatalf("hidden %v of %d bytes", r, len(wire))
			}
		}
		// Each header block is read as fields or hidden, and those with a secret
		// are hidden.
		for _, p := range got.Pieces {
			if p.Kind == "part" && p.Explain == "h2.unread" || p.Kind == "field" && secretCookie(p.Name) {
				covered := false
				for _, r := range got.Hidden {
					covered = covered || r[0] <= p.Off && p.Off < r[1]
				}
				if !covered {
					t.Fatalf("%+v is not hidden, %v are", p, got.Hidden)
				}
			}
		}
		if again := Frames(wire, begins, nil); len(again.Hidden) != 0 || len(again.Pieces) > pieces2Most {
			t.Fatalf("with secrets: %v hidden, %d pieces", again.Hidden, len(again.Pieces))
		}
	})
}
