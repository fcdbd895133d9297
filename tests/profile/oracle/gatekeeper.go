package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"sigs.k8s.io/yaml"
)

type template struct {
	Kind string
	Rego string
	Libs []string
}

type constraint struct {
	Profile    string
	Rule       string
	Template   string // where it is not the rule's name
	Asks       string
	Parameters object
	query      rego.PreparedEvalQuery
}

type gatekeeper struct {
	store       storage.Store
	constraints []*constraint
}

var packageName = regexp.MustCompile(`(?m)^package ([\w.]+)`)

func newGatekeeper(templatesPath, constraintsPath string) (*gatekeeper, error) {
	templates, err := documents[template](templatesPath)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(constraintsPath)
	if err != nil {
		return nil, err
	}
	made := &gatekeeper{store: inmem.NewFromObject(object{"inventory": object{}})}
	if err := yaml.Unmarshal(text, &made.constraints); err != nil {
		return nil, err
	}
	queries := map[string]rego.PreparedEvalQuery{}
	for _, each := range templates {
		options := []func(*rego.Rego){
			rego.Query("data." + packageName.FindStringSubmatch(each.Rego)[1] + ".violation"),
			rego.SetRegoVersion(ast.RegoV0),
			rego.Store(made.store),
			rego.Module("template", each.Rego),
		}
		for i, lib := range each.Libs {
			options = append(options, rego.Module(fmt.Sprint("lib", i), lib))
		}
		query, err := rego.New(options...).PrepareForEval(context.Background())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", each.Kind, err)
		}
		queries[each.Kind] = query
	}
	for _, each := range made.constraints {
		if each.Template == "" {
			each.Template = each.Rule
		}
		query, ok := queries[each.Template]
		if !ok {
			return nil, fmt.Errorf("there is no template %s", each.Template)
		}
		each.query = query
	}
	return made, nil
}

// inventory is data.inventory as Gatekeeper syncs it: namespace, API version, kind, name.
func inventory(objects []object) object {
	root := object{}
	for _, each := range objects {
		level := root
		for _, step := range []any{"namespace", at(each, "metadata", "namespace"), each["apiVersion"], each["kind"]} {
			key := fmt.Sprint(step)
			if level[key] == nil {
				level[key] = object{}
			}
			level = level[key].(object)
		}
		level[fmt.Sprint(at(each, "metadata", "name"))] = each
	}
	return root
}

func review(of object) object {
	version, _ := of["apiVersion"].(string)
	group := ""
	if before, after, ok := strings.Cut(version, "/"); ok {
		group, version = before, after
	}
	return object{
		"kind": object{"group": group, "version": version, "kind": of["kind"]},
		"name": at(of, "metadata", "name"), "namespace": at(of, "metadata", "namespace"),
		"operation": "CREATE", "object": of,
	}
}

func (g *gatekeeper) judge(objects []object, into, undecided verdicts) error {
	ctx := context.Background()
	if err := storage.WriteOne(ctx, g.store, storage.ReplaceOp, storage.Path{"inventory"}, inventory(objects)); err != nil {
		return err
	}
	for _, constraint := range g.constraints {
		for _, each := range objects {
			of := each
			if constraint.Asks == "Pod" {
				of = podOf(each)
			} else if each["kind"] != constraint.Asks {
				continue
			}
			if of == nil {
				continue
			}
			input := object{"review": review(of), "parameters": constraint.Parameters}
			if constraint.Parameters == nil {
				input["parameters"] = object{}
			}
			results, err := constraint.query.Eval(ctx, rego.EvalInput(input))
			// K8sPSPHostProbesLifecycle calls a function with two answers where two probes differ.
			if err != nil && strings.Contains(err.Error(), "eval_conflict_error") {
				undecided.add(constraint.Profile, constraint.Rule)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", constraint.Rule, err)
			}
			if len(results) != 1 {
				return fmt.Errorf("%s: no answer", constraint.Rule)
			}
			if found, ok := results[0].Expressions[0].Value.([]any); !ok || len(found) > 0 {
				into.add(constraint.Profile, constraint.Rule)
			}
		}
	}
	return nil
}

func (g *gatekeeper) rules(into verdicts) {
	for _, constraint := range g.constraints {
		into.add(constraint.Profile, constraint.Rule)
	}
}
