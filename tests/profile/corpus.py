"""The pods and other objects that tests/profile/compare asks both sides about.

Every change is one thing said in one place of a good pod; each is made in each list of containers where it is about
containers, in a bare Pod and in the template of each kind of workload by turns. Then pairs and handfuls of changes at
random, the same in each run.
"""
import copy
import json
import random

GOOD = {
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "demo", "namespace": "ray", "labels": {"app.kubernetes.io/name": "demo"}},
    "spec": {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [], "initContainers": [], "volumes": [{"name": "data", "emptyDir": {"sizeLimit": "1Gi"}}],
    },
}
PROBE = {"httpGet": {"path": "/", "port": 80}}


def container(name, probes=True):
    made = {
        "name": name, "image": "registry.example/app:1.0",
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL", "NET_RAW"]}},
    }
    if probes:
        made.update(livenessProbe=PROBE, readinessProbe=PROBE)
    return made


# What may be said in the pod's spec: (path, values). REMOVE takes the member away.
REMOVE = object()
BOOLS = [True, False, REMOVE]
SECCOMP = [{"type": "Unconfined"}, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "a.json"}, REMOVE]
APPARMOR = [{"type": "Unconfined"}, {"type": "RuntimeDefault"}]
SELINUX = [{"type": t} for t in ("container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t")] + [
    {"user": "u"}, {"role": "r"}, {"level": "s0:c1,c2"}, {"type": "spc_t", "user": "u"}, {"type": "container_t", "role": "r"}]
WINDOWS = [{"hostProcess": True}, {"hostProcess": False}, {}]
USERS = [0, 1, 999, 1000, 65536, 65537, 1000660000, REMOVE]
OF_POD = [
    (("hostNetwork",), BOOLS), (("hostPID",), BOOLS), (("hostIPC",), BOOLS), (("automountServiceAccountToken",), BOOLS),
    (("securityContext",), [{}, REMOVE]),
    (("securityContext", "runAsNonRoot"), BOOLS), (("securityContext", "runAsUser"), USERS), (("securityContext", "runAsGroup"), USERS),
    (("securityContext", "fsGroup"), [0, 1000, 70000]), (("securityContext", "supplementalGroups"), [[0], [1000], [1000, 70000], []]),
    (("securityContext", "seccompProfile"), SECCOMP), (("securityContext", "appArmorProfile"), APPARMOR),
    (("securityContext", "seLinuxOptions"), SELINUX), (("securityContext", "windowsOptions"), WINDOWS),
    (("securityContext", "sysctls"), [[{"name": name, "value": "1"}] for name in (
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "kernel.msgmax", "net.core.somaxconn")] + [[]]),
]
VOLUMES = [{"hostPath": {"path": path}} for path in ("/", "/var/run/docker.sock", "/var/run/containerd/containerd.sock",
                                                   "/var/run/crio/crio.sock", "/var/run/cri-dockerd.sock")] + [
    {"emptyDir": {}}, {"emptyDir": {"medium": "Memory"}}, {"configMap": {"name": "a"}}, {"secret": {"secretName": "a"}},
    {"projected": {"sources": []}}, {"downwardAPI": {}}, {"persistentVolumeClaim": {"claimName": "a"}}, {"csi": {"driver": "a"}},
    {"ephemeral": {"volumeClaimTemplate": {"spec": {}}}}, {"image": {"reference": "a:1"}}, {"nfs": {"server": "a", "path": "/"}},
    {"iscsi": {"targetPortal": "a", "iqn": "b", "lun": 0}}, {"flexVolume": {"driver": "a/b"}}, {"gitRepo": {"repository": "a"}},
    {"cephfs": {"monitors": ["a"]}}, {"rbd": {"monitors": ["a"], "image": "b"}}, {"fc": {}}, {"azureDisk": {"diskName": "a", "diskURI": "b"}},
    {"awsElasticBlockStore": {"volumeID": "a"}}, {"gcePersistentDisk": {"pdName": "a"}}, {"glusterfs": {"endpoints": "a", "path": "b"}},
]
OF_METADATA = [
    (("labels",), [{}, {"app.kubernetes.io/name": ""}, {"app.kubernetes.io/name": "x"}, REMOVE]),
    (("annotations",), [{f"container.apparmor.security.beta.kubernetes.io/{name}": value} for name in ("main", "init") for value in
                        ("unconfined", "runtime/default")] + [{"unrelated": "unconfined"}]),
    (("namespace",), ["default"]),
]
CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "CHOWN", "KILL", "SETUID", "MKNOD", "NET_BIND_SERVICE", "net_bind_service", "ALL", "NET_RAW")
OF_CONTAINER = [
    (("securityContext",), [{}, REMOVE]),
    (("securityContext", "privileged"), BOOLS), (("securityContext", "allowPrivilegeEscalation"), BOOLS),
    (("securityContext", "readOnlyRootFilesystem"), BOOLS),
    (("securityContext", "capabilities"), [{}, REMOVE]),
    (("securityContext", "capabilities", "add"), [[name] for name in CAPABILITIES]),
    (("securityContext", "capabilities", "drop"), [["ALL"], ["all"], ["NET_RAW"], ["CAP_NET_RAW"], ["ALL", "CHOWN"], [], ["CHOWN"], REMOVE]),
    (("securityContext", "runAsNonRoot"), BOOLS), (("securityContext", "runAsUser"), USERS), (("securityContext", "runAsGroup"), USERS),
    (("securityContext", "procMount"), ["Default", "Unmasked"]),
    (("securityContext", "seccompProfile"), SECCOMP), (("securityContext", "appArmorProfile"), APPARMOR),
    (("securityContext", "seLinuxOptions"), SELINUX), (("securityContext", "windowsOptions"), WINDOWS),
    (("ports",), [[{"containerPort": 80, "hostPort": 80}], [{"containerPort": 80, "hostPort": 0}], [{"containerPort": 80}],
                  [{"containerPort": 1}, {"containerPort": 2, "hostPort": 2}]]),
    (("image",), ["app", "app:latest", "app:1", "reg:5000/app", "reg:5000/app:1", "reg:5000/app:latest",
                  "app@sha256:" + "0" * 64, "app:1@sha256:" + "0" * 64, "gcr.io/tiller:v2", "a/b:latest-1"]),
    (("tty",), BOOLS), (("stdin",), BOOLS),
    (("volumeMounts",), [[{"name": "data", "mountPath": "/data"}],
                         [{"name": "data", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]]),
]
OF_SIZED = [
    (("resources",), [{}, REMOVE, {"limits": {"cpu": "1"}}, {"requests": {"cpu": "1", "memory": "1"}}]),
    (("resources", "limits", "cpu"), [REMOVE, "500m"]), (("resources", "limits", "memory"), [REMOVE]),
    (("resources", "limits", "ephemeral-storage"), [REMOVE]),
    (("resources", "requests", "cpu"), [REMOVE]), (("resources", "requests", "memory"), [REMOVE]),
]
OF_LONG_RUNNING = [
    (("livenessProbe",), [REMOVE, {"tcpSocket": {"port": 1}}, {"exec": {"command": ["a"]}}, {"grpc": {"port": 1}},
                          {"httpGet": {"port": 1, "host": "other"}}, {"tcpSocket": {"port": 1, "host": "other"}}]),
    (("readinessProbe",), [REMOVE, {"httpGet": {"port": 1, "host": "other"}}]),
    (("startupProbe",), [{"httpGet": {"port": 1}}, {"httpGet": {"port": 1, "host": "other"}}]),
    (("lifecycle",), [{"preStop": {"httpGet": {"port": 1, "host": "other"}}}, {"postStart": {"tcpSocket": {"port": 1, "host": "a"}}},
                      {"preStop": {"exec": {"command": ["a"]}}}]),
]


def changes():
    """(name, function of a pod) for each."""
    def put(inside, path, value):
        def change(pod):
            place = pod
            for step in (*inside, *path[:-1]):
                place = place[step] if isinstance(place, list) else place.setdefault(step, {})
            if value is REMOVE:
                place.pop(path[-1], None)
            else:
                place[path[-1]] = copy.deepcopy(value)
        return change

    def named(inside, table):
        for path, values in table:
            for value in values:
                said = "removed" if value is REMOVE else json.dumps(value)
                yield f"{'.'.join(map(str, (*inside, *path)))} = {said}", put(inside, path, value)

    yield from named(("spec",), OF_POD)
    yield from named(("metadata",), OF_METADATA)
    for i, volume in enumerate(VOLUMES):
        yield f"volume {json.dumps(volume)}", (lambda volume, i: lambda pod: pod["spec"]["volumes"].append({"name": f"v{i}", **volume}))(volume, i)
    for inside in ("containers", "initContainers"):
        yield from named(("spec", inside, 0), OF_CONTAINER + OF_SIZED)
    yield from named(("spec", "containers", 0), OF_LONG_RUNNING)
    yield from named(("spec", "ephemeralContainers", 0), OF_CONTAINER)


WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")


def pod_with(some):
    pod = copy.deepcopy(GOOD)
    pod["spec"]["containers"] = [container("main")]
    pod["spec"]["initContainers"] = [container("init", probes=False)]
    if any(name.startswith("spec.ephemeral") for name, _ in some):
        debug = container("debug", probes=False)
        del debug["resources"]
        pod["spec"]["ephemeralContainers"] = [debug]
    for _, change in some:
        change(pod)
    return pod


def workload(kind, pod):
    metadata = {name: value for name, value in pod["metadata"].items() if name in ("labels", "annotations")}
    return {"apiVersion": "batch/v1" if kind == "Job" else "apps/v1", "kind": kind,
            "metadata": {"name": "demo", "namespace": pod["metadata"]["namespace"]},
            "spec": {"template": {"metadata": metadata, "spec": pod["spec"]}}}


def pods():
    all_changes = list(changes())
    yield "the good pod", [pod_with([])]
    for i, change in enumerate(all_changes):
        pod = pod_with([change])
        yield change[0], [pod]
        if "ephemeralContainers" not in pod["spec"]:
            kind = WORKLOADS[i % len(WORKLOADS)]
            yield f"{change[0]} in a {kind}", [workload(kind, pod)]
    dice = random.Random(3)
    for i in range(600):
        some = dice.sample(all_changes, dice.choice((2, 2, 2, 3, 5, 8)))
        # Whole contexts first: what is said in them must not be lost.
        some.sort(key=lambda change: change[0].count("."))
        try:
            yield f"handful {i}: " + "; ".join(name for name, _ in some), [pod_with(some)]
        except (KeyError, TypeError):
            continue  # one change took away what another is about


def others():
    def of(kind, version, spec, name="a", **more):
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "ray", **more.pop("metadata", {})}, **({"spec": spec} if spec is not None else {}), **more}

    for service_type in ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"):
        yield f"Service {service_type}", [of("Service", "v1", {"type": service_type, "selector": {"a": "b"}})]
    yield "Service with addresses", [of("Service", "v1", {"externalIPs": ["1.2.3.4"]})]
    yield "Services alike", [of("Service", "v1", {"selector": {"a": "b"}}), of("Service", "v1", {"selector": {"a": "b"}}, "b")]
    yield "Services of different pods", [of("Service", "v1", {"selector": {"a": "b"}}), of("Service", "v1", {"selector": {"a": "c"}}, "b")]
    rule = {"http": {"paths": []}}
    secure = {"annotations": {"kubernetes.io/ingress.allow-http": "false"}}
    for name, spec, metadata in (("bare", {"rules": [rule]}, {}), ("with host", {"rules": [{"host": "a.example", **rule}]}, {}),
                                 ("with wildcard", {"rules": [{"host": "*.example", **rule}]}, {}),
                                 ("secure", {"tls": [{}], "rules": [{"host": "a.example", **rule}]}, secure),
                                 ("half secure", {"tls": [{}], "rules": [{"host": "a.example", **rule}]}, {}),
                                 ("without tls", {"rules": [{"host": "a.example", **rule}]}, secure)):
        yield f"Ingress {name}", [of("Ingress", "networking.k8s.io/v1", spec, metadata=metadata)]
    for subject in ("system:anonymous", "system:unauthenticated", "system:authenticated", "someone"):
        yield f"RoleBinding of {subject}", [of("RoleBinding", "rbac.authorization.k8s.io/v1", None, subjects=[{"kind": "Group", "name": subject}], roleRef={"kind": "Role", "name": "x"})]
    for most in (0, 1):
        yield f"budget of {most}", [of("PodDisruptionBudget", "policy/v1", {"maxUnavailable": most, "selector": {"matchLabels": {"a": "b"}}})]
