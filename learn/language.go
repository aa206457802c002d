package learn

import "strings"

// Language is "ja" or "en", by the environment: LC_ALL, LC_MESSAGES, LANG, the
// first of them that is not empty, as locale(7) has it. Everything that is not
// Japanese is "en".
func Language(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		language, _, _ := strings.Cut(value, ".")
		language, _, _ = strings.Cut(language, "_")
		if strings.EqualFold(language, "ja") || strings.EqualFold(language, "japanese") {
			return "ja"
		}
		return "en"
	}
	return "en"
}

// in picks the words of a language; what is not "ja" is English.
func in(lang, ja, en string) string {
	if lang == "ja" {
		return ja
	}
	return en
}
