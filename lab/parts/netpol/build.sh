#!/bin/bash
# Kubernetes' own NetworkPolicy cases as a program.
# uses: ../gomod.py
set -euo pipefail
version=v1.34.4

cp "$PART/main.go" .
python3 "$PARTS/gomod.py" k8s.io/kubernetes $version --staging v0.34.4
go build -trimpath -ldflags "-s -w" -o "$OUT/netpol" .
