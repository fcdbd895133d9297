#!/bin/bash
# Kubernetes' control plane, kubelet, kube-proxy and kubectl: one binary, called by six names.
# uses: ../gomod.py
set -euo pipefail
version=v1.34.4

cp "$PART/main.go" .
python3 "$PARTS/gomod.py" k8s.io/kubernetes $version --staging v0.34.4
stamp="-X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1
 -X k8s.io/component-base/version.gitMinor=34 -X k8s.io/client-go/pkg/version.gitVersion=$version"
go build -trimpath -ldflags "-s -w ${stamp//$'\n'/}" -o "$OUT/kube" .
for name in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
  ln -s kube "$OUT/$name"
done
