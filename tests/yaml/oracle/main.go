// What Kubernetes makes of YAML: sigs.k8s.io/yaml, as kubectl and the API server use it.
//
// Reads one JSON object a line, {"name": ..., "text": base64}; writes one a line, {"name": ..., "documents": [...]}.
// A document is {"json": ...}, with "strict": true added if only the strict reading refuses it, or {"error": ...}.
// Empty and null documents are left out, as kubectl does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	goyaml "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

type question struct {
	Name string `json:"name"`
	Text []byte `json:"text"`
}

type document struct {
	JSON   json.RawMessage `json:"json,omitempty"`
	Strict bool            `json:"strict,omitempty"`
	Error  string          `json:"error,omitempty"`
}

type answer struct {
	Name      string     `json:"name"`
	Documents []document `json:"documents"`
}

var (
	marker   = regexp.MustCompile(`(?m)^---([ \t].*)?\r?$`)
	prologue = regexp.MustCompile(`\A(\s*(#.*|%.*)?\n)*\z`)
)

// The library reads one document; the stream is cut before each "---" line. Directives and comments above a marker
// belong to what follows it.
func split(text string) []string {
	var parts []string
	begin := 0
	for _, at := range marker.FindAllStringIndex(text, -1) {
		if prologue.MatchString(text[begin:at[0]]) {
			continue
		}
		parts = append(parts, text[begin:at[0]])
		begin = at[0]
	}
	return append(parts, text[begin:])
}

func read(text string) (out *document) {
	defer func() {
		if problem := recover(); problem != nil {
			out = &document{Error: fmt.Sprint(problem)}
		}
	}()
	value, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return &document{Error: err.Error()}
	}
	if string(value) == "null" {
		return nil
	}
	_, err = yaml.YAMLToJSONStrict([]byte(text))
	return &document{JSON: value, Strict: err != nil}
}

// What is wrong below the first document, at which the library does not look.
func rest(text string) error {
	decoder := goyaml.NewDecoder(strings.NewReader(text))
	var ignored interface{}
	if decoder.Decode(&ignored) != nil {
		return nil // reported by read
	}
	if err := decoder.Decode(&ignored); err != nil && err != io.EOF {
		return err
	}
	return nil
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
		a := answer{Name: q.Name, Documents: []document{}}
		for _, part := range split(strings.TrimPrefix(string(q.Text), "\ufeff")) {
			if d := read(part); d != nil {
				a.Documents = append(a.Documents, *d)
			}
			if err := rest(part); err != nil {
				a.Documents = append(a.Documents, document{Error: err.Error()})
			}
		}
		if err := encoder.Encode(a); err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
	}
}
