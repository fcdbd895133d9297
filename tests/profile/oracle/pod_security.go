package main

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// The standards as of this version; src/profile says the same in docs and headers.
var standards = api.MajorMinorVersion(1, 34)

type control struct {
	id    string
	check policy.CheckPodFn
}

type podSecurity struct {
	evaluator policy.Evaluator
	controls  map[api.Level][]control
}

// versionOf is the check as the version of the standards has it; false before it was made.
func versionOf(check policy.Check) (policy.VersionedCheck, bool) {
	var found policy.VersionedCheck
	any := false
	for _, each := range check.Versions {
		if !standards.Older(each.MinimumVersion) {
			found, any = each, true
		}
	}
	return found, any
}

func newPodSecurity() (*podSecurity, error) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	made := &podSecurity{evaluator: evaluator, controls: map[api.Level][]control{}}
	overridden := map[policy.CheckID]bool{}
	for _, check := range policy.DefaultChecks() {
		if version, ok := versionOf(check); ok && check.Level == api.LevelRestricted {
			for _, id := range version.OverrideCheckIDs {
				overridden[id] = true
			}
		}
	}
	for _, check := range policy.DefaultChecks() {
		version, ok := versionOf(check)
		if !ok {
			continue
		}
		each := control{string(check.ID), version.CheckPod}
		if check.Level == api.LevelBaseline {
			made.controls[api.LevelBaseline] = append(made.controls[api.LevelBaseline], each)
		}
		if !overridden[check.ID] {
			made.controls[api.LevelRestricted] = append(made.controls[api.LevelRestricted], each)
		}
	}
	return made, nil
}

var levels = map[api.Level]string{api.LevelBaseline: "pss-baseline", api.LevelRestricted: "pss-restricted"}

func (p *podSecurity) judge(objects []object, into, _ verdicts) error {
	for _, each := range objects {
		of := podOf(each)
		if of == nil {
			continue
		}
		text, err := json.Marshal(of)
		if err != nil {
			return err
		}
		var pod corev1.Pod
		if err := json.Unmarshal(text, &pod); err != nil {
			return err
		}
		for level, profile := range levels {
			good := true
			for _, control := range p.controls[level] {
				if !control.check(&pod.ObjectMeta, &pod.Spec).Allowed {
					into.add(profile, control.id)
					good = false
				}
			}
			// The controls one by one are what the evaluator makes of them together.
			results := p.evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: standards}, &pod.ObjectMeta, &pod.Spec)
			if policy.AggregateCheckResults(results).Allowed != good {
				return fmt.Errorf("%s: the evaluator and its controls differ", profile)
			}
		}
	}
	return nil
}

func (p *podSecurity) rules(into verdicts) {
	for level, profile := range levels {
		for _, control := range p.controls[level] {
			into.add(profile, control.id)
		}
	}
}
