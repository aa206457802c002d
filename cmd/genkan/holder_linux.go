package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// byHolder says who listens at a TCP port, as in " by python3 (process 4711)".
// It is empty when that cannot be seen: another user's processes keep their
// descriptors to themselves, proc(5).
func byHolder(port uint16) string {
	for _, inode := range listeningInodes(port) {
		links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
		for _, link := range links {
			if target, err := os.Readlink(link); err != nil || target != "socket:["+inode+"]" {
				continue
			}
			process := strings.Split(link, "/")[2]
			name, err := os.ReadFile("/proc/" + process + "/comm")
			if err != nil {
				continue
			}
			return fmt.Sprintf(" by %s (process %s)", printable(strings.TrimSpace(string(name))), process)
		}
	}
	return ""
}

// listeningInodes are the sockets that listen at a port, by the kernel's table.
func listeningInodes(port uint16) []string {
	const listening = "0A" // TCP_LISTEN
	var inodes []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
			columns := strings.Fields(lines.Text())
			if len(columns) > 9 && columns[3] == listening && strings.HasSuffix(columns[1], fmt.Sprintf(":%04X", port)) {
				inodes = append(inodes, columns[9])
			}
		}
		file.Close()
	}
	return inodes
}
