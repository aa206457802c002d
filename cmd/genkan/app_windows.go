package main

import "os/exec"

// Windows has no signal that asks; what the app has started is its own.

func ownGroup(*exec.Cmd) {}

func askToStop(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
