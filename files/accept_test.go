package files

import "testing"

func TestAccept(t *testing.T) {
	for _, c := range []struct {
		accept     string
		json, html bool
		why        string
	}{
		{"", false, false, "nothing said: HTML for a listing, text for a refusal"},
		{"*/*", false, false, "curl"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false, true, "a browser"},
		{"application/json", true, false, "an API client"},
		{"application/json, text/plain, */*", true, false, "named exactly beats a wildcard of the same weight"},
		{"text/html, application/json", false, true, "equal: HTML is the default"},
		{"text/html;q=0.5, application/json;q=0.4", false, true, "weights"},
		{"text/html;q=0.4, application/json;q=0.5", true, true, "weights"},
		{"APPLICATION/JSON", true, false, "types have no case, RFC 9110 8.3.1"},
		{"application/*", true, false, "a kind"},
		{"application/json;q=0, */*", false, false, "q=0 is not acceptable, RFC 9110 12.4.2"},
		{"application/json;q=0", false, false, "q=0 is not acceptable, whatever else is not named"},
		{"application/json;q=2", false, false, "no weight: as if it were 0"},
		{"application/json;q=0.5555", false, false, "no weight: four digits"},
		{"application/json;charset=utf-8;q=0.9", true, false, "other parameters are passed over"},
		{"image/png", false, false, "none of ours: the default"},
	} {
		if got := prefersJSON([]string{c.accept}); got != c.json {
			t.Errorf("Accept: %s: JSON %v: %s", c.accept, got, c.why)
		}
		if got := prefersHTML([]string{c.accept}); got != c.html {
			t.Errorf("Accept: %s: HTML %v: %s", c.accept, got, c.why)
		}
	}
	for accept, want := range map[string]string{
		"": "en", "ja": "ja", "ja-JP,ja;q=0.9,en-US;q=0.8": "ja", "en-US,en;q=0.9,ja;q=0.8": "en", "en;q=0.5,JA;q=0.6": "ja",
		"ja,en": "ja", "en,ja": "en", "fr,ja;q=0.5": "ja", "*": "en", "ja;q=0": "en", "jam": "en", "fr": "en",
	} {
		if got := wordsFor([]string{accept}).Lang; got != want {
			t.Errorf("Accept-Language: %s: %s, want %s", accept, got, want)
		}
	}
}
