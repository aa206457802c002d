package socket

import (
	"fmt"
	"strconv"
	"strings"
)

// listenFDsStart is SD_LISTEN_FDS_START: the descriptors follow standard error.
const listenFDsStart = 3

// listenFDsMost bounds what LISTEN_FDS may claim: no process has more.
const listenFDsMost = 1 << 20

// InheritedEndpoints are the listening sockets that whoever started this
// process has left open for it, as sd_listen_fds(3) has it: systemd by a
// .socket unit, and others that do the same. None, and no error, if the
// environment names none, or names another process's: LISTEN_PID has to be
// this one. getenv and getpid are os.Getenv and os.Getpid.
//
//	LISTEN_PID      whom the descriptors are for
//	LISTEN_FDS      how many there are, from 3 on
//	LISTEN_FDNAMES  their names, separated by colons; may be missing
//
// The endpoints are for [Open], which looks at what each descriptor is. The
// environment is not changed, so that asking twice gives the same answer; a
// program that starts others, or that replaces itself (execve(2) keeps the
// process ID), should os.Unsetenv the three, or they would be taken for the
// other one's. Without descriptors there is nothing to unset.
//
// Errors say which variable is not what it should be: then who started the
// process is wrong, and serving elsewhere would hide it.
func InheritedEndpoints(getenv func(string) string, getpid func() int) ([]Endpoint, error) {
	pid, fds := getenv("LISTEN_PID"), getenv("LISTEN_FDS")
	if pid == "" || fds == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(pid, 10, 31)
	switch {
	case err != nil || n == 0:
		return nil, fmt.Errorf("LISTEN_PID=%q is not the number of a process (sd_listen_fds(3))", pid)
	case int(n) != getpid():
		return nil, nil
	}
	count, err := strconv.ParseUint(fds, 10, 31)
	if err != nil || count == 0 || count > listenFDsMost {
		return nil, fmt.Errorf("LISTEN_FDS=%q is not a number of descriptors, from 1 up (sd_listen_fds(3))", fds)
	}
	var names []string
	if list := getenv("LISTEN_FDNAMES"); list != "" {
		names = strings.Split(list, ":")
		if uint64(len(names)) != count {
			return nil, fmt.Errorf("LISTEN_FDNAMES=%q has %d names, and LISTEN_FDS says %d descriptors (sd_listen_fds_with_names(3))", list, len(names), count)
		}
	}
	endpoints := make([]Endpoint, count)
	for i := range endpoints {
		endpoints[i].Inherited = listenFDsStart + FD(i)
		if names != nil {
			endpoints[i].Name = names[i]
		}
	}
	return endpoints, nil
}
