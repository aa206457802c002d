package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/genkan-http/genkan"
)

// entry is what the log says of one request. A peer that cannot be named is
// "unix": the other end of a UNIX socket has, as a rule, no name.
type entry struct {
	Time     time.Time     `json:"time"`
	Peer     string        `json:"peer"`
	Method   string        `json:"method"`
	Target   string        `json:"target"`
	Status   int           `json:"status,omitempty"` // 0: no answer
	Bytes    int64         `json:"bytes"`            // of the body
	Duration time.Duration `json:"-"`
	Millis   float64       `json:"duration_ms"`
	Note     string        `json:"note,omitempty"` // what is not as usual
	Rule     string        `json:"rule,omitempty"` // that a refused request broke
	Offset   *int64        `json:"offset,omitempty"`
}

// accessLog writes one line per request to out.
type accessLog struct {
	out      io.Writer
	json     bool
	color    bool
	underway *underway
}

// wrap gives a handler that does what next does, and logs it.
func (log *accessLog) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := entry{Time: time.Now(), Peer: peerName(r.RemoteAddr), Method: r.Method, Target: r.RequestURI}
		answer := &recorder{ResponseWriter: w, head: r.Method == http.MethodHead}
		log.underway.begin(r, line)
		returned := false
		// Not with recover: a panic is the server's to report, with its stack.
		defer func() {
			log.underway.end(r)
			line.Status, line.Bytes = answer.status, answer.sent
			line.Duration = time.Since(line.Time)
			switch {
			case !returned:
				line.Note = "broken off"
			case line.Status == 0:
				line.Status = http.StatusOK // nothing written is an empty 200
			}
			log.write(line)
		}()
		next.ServeHTTP(answer, r)
		returned = true
	})
}

// refused logs a request that broke a rule. If that was one of the wire's, what
// it asked for is not known, or not to be believed.
func (log *accessLog) refused(r *genkan.Refusal) {
	line := entry{
		Time: time.Now(), Peer: peerName(r.RemoteAddr), Method: "-", Target: "-", Status: r.Status, Bytes: int64(len(r.Body)), Rule: r.Rule.ID,
	}
	place := ""
	if r.Offset >= 0 {
		place, line.Offset = fmt.Sprintf(", byte %d", r.Offset), &r.Offset
	}
	line.Note = fmt.Sprintf("refused: %s (rule %s, %s%s)", r.Reason, r.Rule.ID, r.Rule.Source, place)
	if r.Request != nil {
		line.Method, line.Target = r.Request.Method, r.Request.RequestURI
		if line.Method == http.MethodHead {
			line.Bytes = 0
		}
	}
	log.write(line)
}

// write logs one entry. It is one write, so that lines stay whole; that the
// log cannot be written is no reason to stop serving.
func (log *accessLog) write(line entry) {
	if log.json {
		line.Millis = float64(line.Duration.Microseconds()) / 1000
		text, err := json.Marshal(line)
		if err != nil {
			panic(err) // every field can be encoded: a bug of ours
		}
		_, _ = log.out.Write(append(asciiJSON(text), '\n'))
		return
	}
	_, _ = log.out.Write(line.appendText(nil, log.color))
}

// appendText appends the line that a person reads: time, peer, method, target,
// status, bytes, duration.
func (line entry) appendText(dst []byte, color bool) []byte {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	status := "-"
	if line.Status != 0 {
		status = strconv.Itoa(line.Status)
	}
	dst = fmt.Appendf(dst, "%s %s %s %s %s %s",
		paint("2", line.Time.Format(time.DateTime)+" "+printable(line.Peer)),
		printable(line.Method), printable(line.Target),
		paint(statusColor(line.Status), status),
		bytesText(line.Bytes), paint("2", durationText(line.Duration)))
	if line.Note != "" { // words of ours, in which those of others are quoted already
		dst = append(dst, paint("33", " "+string(appendPrintable(nil, line.Note, "\\")))...)
	}
	return append(dst, '\n')
}

func statusColor(status int) string {
	switch {
	case status >= 500 || status == 0:
		return "31"
	case status >= 400:
		return "33"
	case status >= 300:
		return "36"
	}
	return "32"
}

// bytesText is a number of bytes in decimal units, as in "5.2 kB".
func bytesText(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < 4 {
		value /= 1000
		unit++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTP"[unit])
}

// durationText has three digits at most, as in "0.42 ms", "15 ms", "1.5 s".
func durationText(d time.Duration) string {
	millis := float64(d.Microseconds()) / 1000
	switch {
	case millis < 9.995:
		return fmt.Sprintf("%.2f ms", millis)
	case millis < 999.5:
		return fmt.Sprintf("%.0f ms", millis)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// peerName is an address as the log shows it.
func peerName(address string) string {
	if address == "" || address == "@" {
		return "unix"
	}
	return address
}
