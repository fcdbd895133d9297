# Raykeep's everyday commands. `make demo` shows it, `make test` proves it; both install what they need.
SHELL := /bin/bash
PRESET ?= release
BUILD := build/$(PRESET)
RAYKEEP := $(BUILD)/src/cli/raykeep

.PHONY: help deps build demo test unit lint bench soak install clean

help: ## Shows this.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

deps: ## Installs the Debian packages that building and testing need (root, Debian 12).
	@tools/deps

build: deps ## Builds the program: build/release/src/cli/raykeep.
	@tools/build $(PRESET) raykeep

demo: build ## A Ray cluster from a KubeRay YAML in a locked-down Kubernetes, on this machine.
	@tests/demo/run $(RAYKEEP)

test: deps ## Everything CI proves. tests/run --help lists the parts.
	@tests/run

unit: deps ## The unit and golden tests alone.
	@tests/run unit

lint: deps ## Format, arrows between modules, shell scripts, clang-tidy.
	@tests/run lint tidy

bench: build ## Speed and size as ratios against peers measured in the same run.
	@tests/bench/run
	@tests/bench/bundle_against_skopeo build/release/src/cli/raykeep

soak: deps ## What is too long for CI: every drill many times, hours of fuzzing. Figures go to docs/measured.md.
	@tests/soak/run

install: build ## Installs raykeep, and kubectl-raykeep beside it, below PREFIX (/usr/local).
	@install -D -m 755 $(RAYKEEP) $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/raykeep
	@ln -sf raykeep $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/kubectl-raykeep

clean: ## Removes what was built here (not the cache below ~/.cache/raykeep).
	@rm -rf build
