#!/bin/bash
# KubeRay's operator and its CRDs, for comparisons (tests/bench/serving_against_kuberay).
# uses: ../gomod.py ../image.py
set -euo pipefail
version=v1.4.2

folder=$(python3 "$PARTS/gomod.py" github.com/ray-project/kuberay/ray-operator $version)
go build -trimpath -ldflags "-s -w" -o manager github.com/ray-project/kuberay/ray-operator
mkdir root
cp manager root/manager
chmod -R u=rwX,go=rX root
python3 "$PARTS/image.py" library/kuberay-operator:$version root "$OUT/kuberay.tar" --user 65532 --entrypoint /manager
cp -r "$folder/config/crd/bases" "$OUT/crds"
