"""One node: containerd, Cilium's agent, kube-proxy and kubelet in namespaces of their own.

A keeper process holds the node's network, mount and UTS namespaces; the daemons are started into
them. The mount namespace gives the node its own /sys (its devices), BPF file system, cgroup2 root,
/run/netns, /run/containerd and /run/cilium, so that whatever a node mounts ends with it.
"""
from __future__ import annotations

import json
import os
import pathlib
import signal
import socket
import subprocess
import time

from . import parts, processes, site
from .site import Lab, Node, Problem, run

KEEPER = r"""
set -e
hostname "$NODE"
mount --make-rprivate /
# Cilium refuses two BPF file systems; the machine's may be mounted several times over.
while umount -l /sys/fs/bpf 2>/dev/null; do :; done
# A fresh sysfs shows this network namespace's devices, and hides the cgroups: carry them over.
mkdir -p "$HOME_OF_NODE/cgroup"
mount --rbind /sys/fs/cgroup "$HOME_OF_NODE/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$HOME_OF_NODE/cgroup" /sys/fs/cgroup
umount -R -l "$HOME_OF_NODE/cgroup"
mount -t bpf bpf /sys/fs/bpf
mkdir -p "$HOME_OF_NODE/cgroup2" "$HOME_OF_NODE/cilium" /run/netns /run/containerd /run/cilium
mount -t cgroup2 none "$HOME_OF_NODE/cgroup2"
mount -t tmpfs tmpfs /run/netns
mount -t tmpfs tmpfs /run/containerd
mount --bind "$HOME_OF_NODE/cilium" /run/cilium
mount --make-rshared /   # what the kubelet mounts must reach containerd's children
touch "$HOME_OF_NODE/kept"
exec sleep infinity
"""


def _containerd_config(lab: Lab, home: pathlib.Path) -> str:
    return f"""\
version = 2
root = "{home}/containerd"
state = "{home}/run/containerd"
[grpc]
  address = "{home}/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/lab/pause:1"
  restrict_oom_score_adj = true   # without CAP_SYS_RESOURCE runc cannot lower it
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{home}/cni-bin"
    conf_dir = "{home}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{lab.state}/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
"""


def _kubelet_config(lab: Lab, node: Node, home: pathlib.Path) -> str:
    return f"""\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {{anonymous: {{enabled: false}}, webhook: {{enabled: true}}, x509: {{clientCAFile: {lab.pki}/ca.crt}}}}
authorization: {{mode: Webhook}}
tlsCertFile: {lab.pki}/{node.name}.crt
tlsPrivateKeyFile: {lab.pki}/{node.name}.key
address: {node.address}
containerRuntimeEndpoint: unix://{home}/run/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /{lab.cgroup}/{node.name}
enforceNodeAllocatable: [pods]
failSwapOn: false
failCgroupV1: false
clusterDNS: [{site.DNS}]
clusterDomain: cluster.local
resolvConf: {home}/resolv.conf
podLogsDir: {home}/pod-logs
nodeStatusUpdateFrequency: 4s
evictionHard: {{memory.available: 200Mi, nodefs.available: 1%, imagefs.available: 1%}}
imageGCHighThresholdPercent: 100
maxPods: 200
serializeImagePulls: false
registryPullQPS: 0
kubeAPIQPS: 100
kubeAPIBurst: 200
"""


def _proxy_config(lab: Lab, node: Node) -> str:
    # conntrack's limits belong to the machine: 0 leaves them alone.
    return f"""\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {{kubeconfig: {lab.kubeconfig("proxy")}}}
hostnameOverride: {node.name}
mode: iptables
clusterCIDR: {site.PODS}
conntrack: {{maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}}
iptables: {{minSyncPeriod: 100ms, syncPeriod: 30s}}
"""


def within(lab: Lab, node: Node, *argv: str) -> list[str]:
    """The command line that runs argv in all of the node's namespaces."""
    keeper = processes.record(lab, f"keeper-{node.name}")["pid"]
    return ["nsenter", f"--target={keeper}", "--net", "--mount", "--uts", *argv]


def start_runtime(lab: Lab, node: Node) -> None:
    """The namespaces and containerd; the API server is not needed for this."""
    home = lab.node(node)
    for folder in ("run", "kubelet", "cni", "cni-bin"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    for name, target in (("loopback", "/usr/lib/cni/loopback"), ("cilium-cni", lab.program("cilium-cni"))):
        link = home / "cni-bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    (home / "containerd.toml").write_text(_containerd_config(lab, home))
    (home / "resolv.conf").write_text(f"nameserver {site.DNS}\n")

    kept = home / "kept"
    kept.unlink(missing_ok=True)
    processes.start(lab, f"keeper-{node.name}", lab.inside(
        node.name, "unshare", "--mount", "--uts", "--propagation=private", "bash", "-c", KEEPER),
        {"NODE": node.name, "HOME_OF_NODE": str(home)})
    _wait(kept.exists, f"the namespaces of {node.name}", lab)
    _start_containerd(lab, node)


def _start_containerd(lab: Lab, node: Node) -> None:
    home = lab.node(node)
    pid = processes.start(lab, f"containerd-{node.name}",
                          within(lab, node, "containerd", "-c", f"{home}/containerd.toml"))
    _wait(lambda: _ctr_answers(home), f"containerd of {node.name}", lab)
    # Images survive a run of the lab; containers must not: the kubelet would take them for its own.
    left = run(_ctr(home, "containers", "list", "-q")).split()
    if left:
        run(_ctr(home, "containers", "rm", *left))
        os.kill(pid, signal.SIGTERM)
        _wait(lambda: not processes.daemons(lab)[f"containerd-{node.name}"], "containerd's end", lab)
        _start_containerd(lab, node)


def _ctr(home: pathlib.Path, *words: str) -> list[str]:
    return ["ctr", "-a", f"{home}/run/containerd.sock", "-n", "k8s.io", *words]


def _ctr_answers(home: pathlib.Path) -> bool:
    return (home / "run/containerd.sock").exists() and subprocess.run(
        _ctr(home, "version"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def start_agents(lab: Lab, node: Node) -> None:
    """Cilium, kube-proxy and the kubelet. Requires: the API server is ready and knows the node."""
    home = lab.node(node)
    (home / "kubelet.yaml").write_text(_kubelet_config(lab, node, home))
    (home / "proxy.yaml").write_text(_proxy_config(lab, node))

    def daemon(name: str, *argv: str) -> None:
        env = {"K8S_NODE_NAME": node.name, "KEPT_BPF": str(parts.cache() / "bpf"),
               "PATH": f"{lab.run}/compiler:{processes.ENVIRONMENT['PATH']}"}
        processes.start(lab, f"{name}-{node.name}", within(lab, node, *argv), env)

    daemon("cilium", lab.program("cilium-agent"),
           f"--k8s-kubeconfig-path={lab.kubeconfig('cilium')}", f"--lib-dir={lab.bin}/cilium-lib",
           "--state-dir=/run/cilium", "--bpf-root=/sys/fs/bpf", f"--cgroup-root={home}/cgroup2",
           "--cluster-name=lab", "--enable-ipv6=false", "--devices=eth0",
           "--routing-mode=native", f"--ipv4-native-routing-cidr={site.PODS}",
           "--auto-direct-node-routes", "--enable-ipv4-masquerade=false", "--ipam=kubernetes",
           "--identity-allocation-mode=crd", "--kube-proxy-replacement=false",
           "--enable-l7-proxy=false", "--disable-envoy-version-check", "--enable-hubble=false",
           "--enable-health-checking=false", "--enable-endpoint-health-checking=false",
           "--enable-gops=false", "--cni-exclusive=false",
           # Its namespaced policies are on, as an administrator would apply them; more kinds cost seconds.
           "--enable-cilium-clusterwide-network-policy=false",
           "--agent-health-port=9879")
    daemon("proxy", lab.program("kube-proxy"), f"--config={home}/proxy.yaml")
    daemon("kubelet", lab.program("kubelet"), f"--config={home}/kubelet.yaml",
           f"--kubeconfig={lab.kubeconfig(node.name)}", f"--hostname-override={node.name}",
           f"--node-ip={node.address}", f"--root-dir={home}/kubelet",
           f"--node-labels=kubernetes.io/hostname={node.name}")


def agent_healthy(lab: Lab, node: Node) -> bool:
    """Asks the agent itself, over its socket: a file, so no namespace is in the way."""
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(5)
            agent.connect(f"{lab.node(node)}/cilium/cilium.sock")
            agent.sendall(b"GET /v1/healthz HTTP/1.0\r\nHost: localhost\r\nbrief: true\r\n\r\n")
            answer = b"".join(iter(lambda: agent.recv(65536), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2])["cilium"]["state"] == "Ok"
    except (OSError, ValueError, KeyError):
        return False


def open_network(lab: Lab, node: Node, chained: list[dict]) -> None:
    """Lets containerd start pods: the node becomes Ready when its policies are enforced, not before.
    `chained`: the CNI plug-ins that come after Cilium's.

    Written in place: containerd 1.6 does not see a file renamed into the folder, which is how the
    agent itself would write it. Its version is the newest that this containerd understands.
    """
    _wait(lambda: agent_healthy(lab, node), f"Cilium on {node.name}", lab, 120)
    cilium = {"type": "cilium-cni", "log-file": f"{lab.logs}/cilium-cni-{node.name}.log"}
    (lab.node(node) / "cni" / "05-cilium.conflist").write_text(
        json.dumps({"cniVersion": "0.3.1", "name": "cilium", "plugins": [cilium, *chained]}) + "\n")


def _wait(condition, what: str, lab: Lab, patience: float = 30) -> None:
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise Problem(f"{what}: nothing after {patience:.0f} s; see {lab.logs}")
        time.sleep(0.05)
