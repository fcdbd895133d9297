// All of Istio's analyzers over files of Kubernetes objects, of which each stands for a cluster: prints a JSON list
// of lists of {"code", "level", "message", "origin"}, one list for each file.
//
// istioctl analyze --use-kube=false leaves out those that look at pods, Services and Deployments. Istio's own tests of
// its analyzers read all kinds from files, and so do we.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/resource"
)

type said struct {
	Code    string `json:"code"`
	Level   string `json:"level"`
	Message string `json:"message"`
	Origin  string `json:"origin"`
}

func analyze(name string) ([]said, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	analyzer := local.NewSourceAnalyzer(analyzers.AllCombined(), "", resource.Namespace("istio-system"), nil)
	messages := []said{}
	if err := analyzer.AddTestReaderKubeSource([]local.ReaderSource{{Name: name, Reader: file}}); err != nil {
		messages = append(messages, said{Code: "unread", Level: "Error", Message: err.Error()})
	}
	cancel := make(chan struct{})
	defer close(cancel)
	result, err := analyzer.Analyze(cancel)
	if err != nil {
		return nil, err
	}
	for _, each := range result.Messages {
		origin := ""
		if each.Resource != nil {
			origin = each.Resource.Origin.FriendlyName()
		}
		messages = append(messages, said{each.Type.Code(), each.Type.Level().String(), fmt.Sprintf(each.Type.Template(), each.Parameters...), origin})
	}
	if len(result.ExecutedAnalyzers) == 0 || len(result.SkippedAnalyzers) != 0 {
		return nil, fmt.Errorf("skipped: %v", result.SkippedAnalyzers)
	}
	return messages, nil
}

func main() {
	all := [][]said{}
	for _, name := range os.Args[1:] {
		messages, err := analyze(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			os.Exit(1)
		}
		all = append(all, messages)
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		os.Exit(1)
	}
}
