//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// An app runs in a process group of its own, so that Ctrl-C reaches it through
// us, after its requests, and so that what it has started ends with it.

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func askToStop(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
