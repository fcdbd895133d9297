// What the engines themselves say of objects: Pod Security's own evaluator, Kyverno's own pattern
// matcher over Kyverno's policies, and Gatekeeper's templates in Open Policy Agent.
//
//	oracle POLICIES
//
// Reads one JSON object a line, {"name": ..., "objects": [...]}; writes one a line,
// {"name": ..., "violations": {"PROFILE": ["RULE", ...]}, "undecided": {...}}: the latter where an
// engine's own rule fails and says nothing. Then a last line,
// {"rules": {"PROFILE": ["RULE", ...]}}: all that it knows.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

type object = map[string]any

type question struct {
	Name    string   `json:"name"`
	Objects []object `json:"objects"`
}

type verdicts map[string][]string

func (v verdicts) add(profile, rule string) {
	if !slices.Contains(v[profile], rule) {
		v[profile] = append(v[profile], rule)
	}
}

// An engine judges all objects of a case at once, and names its rules.
type engine interface {
	judge(objects []object, violations, undecided verdicts) error
	rules(into verdicts)
}

// documents reads a stream of YAML documents into values of one type.
func documents[T any](path string) ([]T, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []T
	for _, part := range strings.Split("\n"+string(text), "\n---\n") {
		var one T
		if err := yaml.Unmarshal([]byte(part), &one); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func at(value any, path ...string) any {
	for _, step := range path {
		members, ok := value.(object)
		if !ok {
			return nil
		}
		value = members[step]
	}
	return value
}

// podOf is the pod that an object is or makes, as admission would see it; nil for other objects.
func podOf(of object) object {
	template, _ := at(of, "spec", "template").(object)
	switch of["kind"] {
	case "Pod":
		return of
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job":
	default:
		return nil
	}
	metadata := object{"name": at(of, "metadata", "name"), "namespace": at(of, "metadata", "namespace")}
	for _, member := range []string{"labels", "annotations"} {
		if value := at(template, "metadata", member); value != nil {
			metadata[member] = value
		}
	}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
}

func run(policies string) error {
	kyverno, err := newKyverno(filepath.Join(policies, "kyverno.yaml"))
	if err != nil {
		return err
	}
	gatekeeper, err := newGatekeeper(filepath.Join(policies, "gatekeeper.yaml"), filepath.Join(policies, "constraints.yaml"))
	if err != nil {
		return err
	}
	podSecurity, err := newPodSecurity()
	if err != nil {
		return err
	}
	engines := []engine{podSecurity, kyverno, gatekeeper}
	out := bufio.NewWriter(os.Stdout)
	decoder, encoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20)), json.NewEncoder(out)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			return err
		}
		found, undecided := verdicts{}, verdicts{}
		for _, each := range engines {
			if err := each.judge(asked.Objects, found, undecided); err != nil {
				return fmt.Errorf("%s: %w", asked.Name, err)
			}
		}
		if err := encoder.Encode(map[string]any{"name": asked.Name, "violations": found, "undecided": undecided}); err != nil {
			return err
		}
	}
	known := verdicts{}
	for _, each := range engines {
		each.rules(known)
	}
	if err := encoder.Encode(map[string]any{"rules": known}); err != nil {
		return err
	}
	return out.Flush()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: oracle POLICIES")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}
