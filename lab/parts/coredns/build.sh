#!/bin/bash
# The cluster's DNS server. It forwards nothing: the lab has no uplink.
# uses: ../gomod.py ../image.py
set -euo pipefail
version=v1.14.6

cp "$PART/main.go" .
python3 "$PARTS/gomod.py" github.com/coredns/coredns $version
mkdir root
go build -trimpath -ldflags "-s -w" -o root/coredns .
"$PARTS/image.py" lab/coredns:1 root "$OUT/coredns.tar" --entrypoint /coredns
