#!/bin/bash
# Cilium: the agent and the CNI plug-in, with the BPF sources that the agent compiles
# and the custom resource definitions that its operator would install.
# uses: ../gomod.py
set -euo pipefail
version=v1.20.2

# mcs-api's controllers are the operator's; gobgp's replaced version is not a published one.
source=$(python3 "$PARTS/gomod.py" github.com/cilium/cilium $version \
  --drop sigs.k8s.io/mcs-api/controllers --pin github.com/osrg/gobgp/v4@v4.7.0)
echo 'package part' >part.go
for program in plugins/cilium-cni daemon; do
  name=$(basename $program)
  echo "  $name"
  go build -trimpath -ldflags "-s -w -X github.com/cilium/cilium/pkg/version.ciliumVersion=${version#v}" \
    -o "$OUT/bin/${name/daemon/cilium-agent}" github.com/cilium/cilium/$program
done

mkdir -p "$OUT/lib" "$OUT/crds"
cp -r "$source/bpf" "$OUT/lib/bpf"
cp "$source"/pkg/k8s/apis/cilium.io/client/crds/v2*/*.yaml "$OUT/crds/"
chmod -R u+w "$OUT"
