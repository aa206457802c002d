package page

import "github.com/chromedp/chromedp"

// What the tests against the real API need of those against made-up data: they
// are a package of their own, because package watch imports this one.
var (
	Chromium = chromium
	Until    = until
	Press    = press
	Click    = click
	Do       = do
	Text     = eval[string]
	Run      = eval[chromedp.Void]
	Shoot    = shoot
)
