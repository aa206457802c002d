package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeysEscapes asks the console to obey escape sequences, which it does not do
// by itself, and says whether it will.
// https://learn.microsoft.com/windows/console/setconsolemode
func obeysEscapes(terminal *os.File) bool {
	handle := windows.Handle(terminal.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
