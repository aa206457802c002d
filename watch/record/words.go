package record

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/genkan-http/genkan/http1"
)

//go:embed words.txt
var wordsText string

//go:embed reasons.txt
var reasonsText string

// reasonKey stands before what package http1 says of a breach, as a key: its
// text with {0} and {1} where numbers and quoted bytes are.
const reasonKey = "reason: "

// Sentence explains a [Piece].
type Sentence struct {
	Text    string `json:"text"`
	Section string `json:"section"` // where it comes from; may be empty
	URL     string `json:"url"`     // of an RFC's section; may be empty
}

// Words are the sentences by their keys, in Japanese for "ja", else in English:
// of pieces, of rules ("rule.host-once"), and of what a refusal's reason says
// ("reason: a method holds {0}").
// The map is shared: it is read-only.
func Words(lang string) map[string]Sentence {
	en, ja := sentences()
	if lang == "ja" {
		return ja
	}
	return en
}

var sentences = sync.OnceValues(func() (en, ja map[string]Sentence) {
	en, ja = map[string]Sentence{}, map[string]Sentence{}
	for _, r := range http1.Rules() {
		en["rule."+r.ID] = Sentence{r.Text, r.Source, http1.SourceURL(r.Source)}
	}
	for line := range strings.Lines(wordsText) {
		columns := strings.SplitN(strings.TrimSpace(line), "|", 4)
		if len(columns) != 4 || strings.HasPrefix(line, "#") {
			continue
		}
		for i := range columns {
			columns[i] = strings.TrimSpace(columns[i])
		}
		key, section := columns[0], columns[1]
		if section == "" {
			section = en[key].Section // of a rule
		}
		if columns[2] != "" {
			en[key] = Sentence{columns[2], section, http1.SourceURL(section)}
		}
		ja[key] = Sentence{columns[3], section, http1.SourceURL(section)}
	}
	for line := range strings.Lines(reasonsText) {
		if text, japanese, found := strings.Cut(strings.TrimSpace(line), " | "); found && line[0] != '#' {
			en[reasonKey+text], ja[reasonKey+text] = Sentence{Text: text}, Sentence{Text: japanese}
		}
	}
	return en, ja
})
