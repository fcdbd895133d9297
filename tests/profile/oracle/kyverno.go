package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-logr/logr"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"github.com/kyverno/kyverno/pkg/engine/validate"
)

type celVariable struct{ Name, Expression string }

type kyvernoRule struct {
	Name     string
	Kinds    []string
	Validate struct {
		Pattern    any
		AnyPattern []any
		Foreach    []struct {
			List    string
			Pattern any
		}
		Cel *struct {
			Variables   []celVariable
			Expressions []string
		}
	}
	variables   []cel.Program
	expressions []cel.Program
}

type kyvernoPolicy struct {
	Policy  string
	Autogen string
	Rules   []*kyvernoRule
}

type kyverno struct{ policies []*kyvernoPolicy }

func newKyverno(path string) (*kyverno, error) {
	policies, err := documents[*kyvernoPolicy](path)
	if err != nil {
		return nil, err
	}
	environment, err := cel.NewEnv(cel.OptionalTypes(), ext.Strings(), cel.Variable("object", cel.DynType), cel.Variable("variables", cel.DynType))
	if err != nil {
		return nil, err
	}
	compile := func(text string) (cel.Program, error) {
		ast, issues := environment.Compile(text)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		return environment.Program(ast)
	}
	for _, policy := range policies {
		for _, rule := range policy.Rules {
			if rule.Validate.Cel == nil {
				continue
			}
			for _, variable := range rule.Validate.Cel.Variables {
				program, err := compile(variable.Expression)
				if err != nil {
					return nil, err
				}
				rule.variables = append(rule.variables, program)
			}
			for _, expression := range rule.Validate.Cel.Expressions {
				program, err := compile(expression)
				if err != nil {
					return nil, err
				}
				rule.expressions = append(rule.expressions, program)
			}
		}
	}
	return &kyverno{policies}, nil
}

// copied is the value anew: the matcher writes into the pattern that it is given.
func copied(value any) any {
	switch value := value.(type) {
	case object:
		made := object{}
		for key, member := range value {
			made[key] = copied(member)
		}
		return made
	case []any:
		made := make([]any, 0, len(value))
		for _, member := range value {
			made = append(made, copied(member))
		}
		return made
	}
	return value
}

// matches says whether the pattern fits. A pattern that does not apply is as good as one that fits.
func matches(value, pattern any) bool {
	err := validate.MatchPattern(logr.Discard(), value, copied(pattern))
	if err == nil {
		return true
	}
	problem, ok := err.(*validate.PatternError)
	return ok && problem.Skip
}

func (r *kyvernoRule) allowsByCel(of object) (bool, error) {
	variables := object{}
	input := map[string]any{"object": of, "variables": variables}
	for i, program := range r.variables {
		value, _, err := program.Eval(input)
		if err != nil {
			return false, err
		}
		variables[r.Validate.Cel.Variables[i].Name] = value
	}
	for _, program := range r.expressions {
		value, _, err := program.Eval(input)
		if err != nil {
			return false, err
		}
		if good, ok := value.Value().(bool); !ok || !good {
			return false, nil
		}
	}
	return true, nil
}

func (r *kyvernoRule) allows(of object) (bool, error) {
	how := r.Validate
	switch {
	case how.Cel != nil:
		return r.allowsByCel(of)
	case how.Pattern != nil:
		return matches(of, how.Pattern), nil
	case how.AnyPattern != nil:
		return slices.ContainsFunc(how.AnyPattern, func(pattern any) bool { return matches(of, pattern) }), nil
	case how.Foreach != nil:
		for _, each := range how.Foreach {
			steps := strings.Split(strings.TrimPrefix(each.List, "request.object."), ".")
			list, _ := at(of, steps...).([]any)
			for _, element := range list {
				if !matches(element, each.Pattern) {
					return false, nil
				}
			}
		}
		return true, nil
	}
	return false, fmt.Errorf("rule %s: nothing to decide by", r.Name)
}

// asked is what the rule looks at: the object itself, or the pod of a workload, as Kyverno's
// generated rules do.
func (p *kyvernoPolicy) asked(rule *kyvernoRule, of object) object {
	kind, _ := of["kind"].(string)
	if slices.Contains(rule.Kinds, kind) {
		return of
	}
	if !slices.Contains(rule.Kinds, "Pod") || p.Autogen != "" && !slices.Contains(strings.Split(p.Autogen, ","), kind) {
		return nil
	}
	return podOf(of)
}

func (k *kyverno) judge(objects []object, into, _ verdicts) error {
	for _, policy := range k.policies {
		for _, rule := range policy.Rules {
			name := policy.Policy + "/" + rule.Name
			for _, each := range objects {
				of := policy.asked(rule, each)
				if of == nil {
					continue
				}
				good, err := rule.allows(of)
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				if !good {
					into.add("kyverno", name)
				}
			}
		}
	}
	return nil
}

func (k *kyverno) rules(into verdicts) {
	for _, policy := range k.policies {
		for _, rule := range policy.Rules {
			into.add("kyverno", policy.Policy+"/"+rule.Name)
		}
	}
}
