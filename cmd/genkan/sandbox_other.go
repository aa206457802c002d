//go:build !linux

package main

// sandbox: this system has no Landlock.
func sandbox(string, bool) (kept string, err error) { return "", nil }
