package socket_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

func TestInheritedEndpoints(t *testing.T) {
	for _, c := range []struct {
		env   string // NAME=value, separated by spaces
		names []string
		fails string
		why   string
	}{
		{"", nil, "", "nobody has left anything"},
		{"LISTEN_PID=42 LISTEN_FDS=1", []string{""}, "", ""},
		{"LISTEN_PID=42 LISTEN_FDS=2 LISTEN_FDNAMES=web:", []string{"web", ""}, "", "a name may be empty"},
		{"LISTEN_PID=42 LISTEN_FDS=2 LISTEN_FDNAMES=web:web", []string{"web", "web"}, "", "names need not differ"},
		{"LISTEN_PID=41 LISTEN_FDS=1", nil, "", "they are another process's"},
		{"LISTEN_PID=41 LISTEN_FDS=x", nil, "", "and its variables are none of our business"},
		{"LISTEN_FDS=1", nil, "", "nobody says for whom"},
		{"LISTEN_PID=42", nil, "", "nobody says how many"},
		{"LISTEN_PID=me LISTEN_FDS=1", nil, `LISTEN_PID="me"`, ""},
		{"LISTEN_PID=-42 LISTEN_FDS=1", nil, `LISTEN_PID="-42"`, ""},
		{"LISTEN_PID=42 LISTEN_FDS=0", nil, `LISTEN_FDS="0"`, "sd_listen_fds(3) says EINVAL"},
		{"LISTEN_PID=42 LISTEN_FDS=-1", nil, `LISTEN_FDS="-1"`, ""},
		{"LISTEN_PID=42 LISTEN_FDS=2000000000", nil, `LISTEN_FDS="2000000000"`, "no process has so many"},
		{"LISTEN_PID=42 LISTEN_FDS=2 LISTEN_FDNAMES=web", nil, "1 names, and LISTEN_FDS says 2", "which is which?"},
	} {
		env := map[string]string{}
		for pair := range strings.FieldsSeq(c.env) {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
		got, err := socket.InheritedEndpoints(func(name string) string { return env[name] }, func() int { return 42 })
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: %v, %v, want an error that says %s", c.env, got, err, c.fails)
			}
			continue
		}
		var names []string
		for i, e := range got {
			names = append(names, e.Name)
			if e.Inherited != socket.FD(3+i) || e.Addr != (socket.Addr{}) {
				t.Errorf("%s: endpoint %d is %+v, want descriptor %d", c.env, i, e, 3+i)
			}
		}
		if err != nil || !slices.Equal(names, c.names) {
			t.Errorf("%s: %q, %v, want %q; %s", c.env, names, err, c.names, c.why)
		}
	}
}
