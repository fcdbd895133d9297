#!/bin/bash
# Kubernetes' test image: the server and the probe of its NetworkPolicy cases, and a shell.
# uses: ../gomod.py ../image.py
set -euo pipefail
version=v1.34.4

python3 "$PARTS/gomod.py" k8s.io/kubernetes $version --staging v0.34.4
echo 'package part' >part.go
mkdir -p root/bin root/tmp root/etc
go build -trimpath -ldflags "-s -w" -o root/agnhost k8s.io/kubernetes/test/images/agnhost
cp /usr/bin/busybox root/bin/busybox
for name in $(root/bin/busybox --list | grep -vx busybox); do ln -s busybox "root/bin/$name"; done
chmod 1777 root/tmp
"$PARTS/image.py" lab/agnhost:1 root "$OUT/agnhost.tar" --entrypoint /agnhost --cmd pause
