#!/bin/bash
# cilium-dbg: asks an agent what it does and why (lab/cilium). Only built when somebody asks.
# uses: ../gomod.py
set -euo pipefail
version=v1.20.2

python3 "$PARTS/gomod.py" github.com/cilium/cilium $version \
  --drop sigs.k8s.io/mcs-api/controllers --pin github.com/osrg/gobgp/v4@v4.7.0
echo 'package part' >part.go
go build -trimpath -ldflags "-s -w -X github.com/cilium/cilium/pkg/version.ciliumVersion=${version#v}" \
  -o "$OUT/cilium-dbg" github.com/cilium/cilium/cilium-dbg
