#!/bin/bash
# Puts a Go new enough for Cilium and Kubernetes on PATH. Source it.
#
# Debian 12 has Go 1.19, which cannot switch toolchains by itself (that came with 1.21), but it can
# download modules, and Go's toolchains are published as a module. What the go command would do
# then is done here: set the execute bits, and rename each _go.mod back to go.mod.

go_wanted=1.26.0   # the oldest that will do
go_fetched=1.26.8  # the one to fetch

go_is_enough() { # program
  local have
  have=$("$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$go_wanted" "${have#go}" | sort -V | head -1)" = "$go_wanted" ]
}

# fetch_go FOLDER: makes FOLDER a Go installation, with whatever old Go there is.
fetch_go() {
  local folder=$1 old module found fresh
  old=$(command -v go) ||
    { echo "parts: no go command at all; install Debian's golang-go" >&2; return 1; }
  module=golang.org/toolchain@v0.0.1-go$go_fetched.linux-$(dpkg --print-architecture)
  fresh=$(mktemp -d "$folder.XXXXXX")
  echo "parts: fetching Go $go_fetched with $("$old" version)" >&2
  # In a folder without go.mod, with flags that any old Go knows.
  found=$(cd "$fresh" && GOFLAGS='' GO111MODULE=on "$old" mod download -json "$module" |
    sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$found" ] || { echo "parts: cannot download $module" >&2; return 1; }
  cp -r --no-preserve=mode "$found/." "$fresh/"
  find "$fresh" -name _go.mod -execdir mv _go.mod go.mod ';'
  find "$fresh/bin" "$fresh/pkg/tool" -type f -exec chmod 755 {} +
  rm -rf "$folder"
  mv "$fresh" "$folder"
}

if ! go_is_enough go; then
  go_home=$CACHE/go-$go_fetched
  (
    flock 9
    go_is_enough "$go_home/bin/go" || fetch_go "$go_home"
  ) 9>"$CACHE/.lock-go" || exit 1
  PATH=$go_home/bin:$PATH
  unset GOROOT
  export GOTOOLCHAIN=local
fi
