"""Other places for the GCS's state than a single Redis outside: one that Raykeep runs, a volume of the head's, a pair with Sentinels."""
import signal

import pytest
from calls import calls
from kept import COUNT, COUNTER, DEPLOY, DOCUMENT
from lab import part, until
from processes import Process
from redis_at_the_desk import ADDRESS, PASSWORD, Redis, Sentinel

SITE = """
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: stores}
spec:
  tls: {mode: none}
  images: {redis: "lab/redis:7"}
  peers: {ingress: [{name: callers, podLabels: {app: caller}}]}
"""
MANAGED = SITE + "  redis: {managed: {size: 1Gi}}\n"
WITH_SENTINELS = SITE + f"""  redis:
    sentinel:
      addresses: ["{ADDRESS}:26381", "{ADDRESS}:26382", "{ADDRESS}:26383"]
      master: kept
      ports: [6381, 6382]
    tls: {{caConfigMap: {{name: redis-ca}}}}
    user: ray
    passwordSecret: {{name: redis-ray}}
    peers: [{{name: redis, cidr: {ADDRESS}/32}}]
"""


def document(name, workers, more=""):
    text = DOCUMENT.read_text().replace("name: kept", f"name: {name}")
    text = text.replace("replicas: 2", f"replicas: {workers}").replace("minReplicas: 2", f"minReplicas: {workers}")
    return text.replace("spec:\n  rayVersion", f"spec:\n{more}  rayVersion", 1)


class Cluster:
    def __init__(self, lab, name):
        self.lab, self.name = lab, name

    def head(self) -> str:
        return self.lab.pod(self.name, "head")

    def gcs(self) -> Process:
        return Process(self.lab, self.head(), "gcs_server")

    def count(self) -> int:
        return int(self.lab.python(self.head(), COUNT).stdout.split("count ")[1])

    def is_alive(self, nodes) -> bool:
        return self.lab.alive_nodes(self.head()) == nodes

    def worker_lives(self) -> list:
        return [(p["metadata"]["uid"], Process(self.lab, p["metadata"]["name"], "raylet").pids())
                for p in self.lab.pods(self.name, "worker")]

    def kill_gcs(self):
        old = self.gcs().signal(signal.SIGKILL)
        until("another GCS runs", lambda: [p for p in self.gcs().pids() if p != old], patience=15, every=0.05)

    def delete_head(self):
        old = self.lab.get("pod", self.head())["metadata"]["uid"]
        self.lab.kubectl("delete", "pod", self.head(), "--wait=false")

        def another_is_ready():
            pods = [p for p in self.lab.pods(self.name, "head") if p["metadata"]["uid"] != old]
            return pods and {c["type"]: c["status"] for c in pods[0]["status"].get("conditions", [])}.get("Ready") == "True"

        until("another head is ready", another_is_ready, patience=180, every=1)


@pytest.fixture
def made(lab, tmp_path):
    """make(name, site, document): a cluster, which goes after the test."""
    names = []

    def make(name, site, text):
        (tmp_path / "site.yaml").write_text(site)
        names.append(name)
        lab.raykeep("up", "-f", "-", "--site", tmp_path / "site.yaml", "-n", "ray", "--timeout", "5m", stdin=text, timeout=400)
        return Cluster(lab, name)

    yield make
    for name in names:
        lab.raykeep("down", name, "-n", "ray", "--timeout", "3m", timeout=240)


def kinds_left(lab, name) -> list:
    kinds = "pods,services,secrets,configmaps,statefulsets,deployments,networkpolicies,persistentvolumeclaims,poddisruptionbudgets"
    return [f"{o['kind']} {o['metadata']['name']}" for o in lab.get(kinds)["items"] if o["metadata"]["name"].startswith(name)]


@pytest.mark.soak
def test_a_redis_that_raykeep_runs_keeps_the_state(lab, made):
    lab.tool("load", part("redis") / "redis.tar", timeout=300)
    cluster = made("ours", MANAGED, document("ours", 1))
    assert "count 1" in lab.python(cluster.head(), COUNTER).stdout
    lives = cluster.worker_lives()
    assert lab.get("persistentvolumeclaims", "ours-redis-data")["status"]["phase"] == "Bound"

    cluster.kill_gcs()
    until("the worker and the head are alive", lambda: cluster.is_alive(2))
    assert cluster.count() == 2

    gcs, redis = cluster.gcs().pids(), lab.pods("ours", "redis")[0]["metadata"]
    lab.kubectl("delete", "pod", redis["name"], "--wait=false")
    until("another Redis is ready", lambda: any(
        p["metadata"]["uid"] != redis["uid"] and p["status"].get("containerStatuses", [{}])[0].get("ready")
        for p in lab.pods("ours", "redis")), patience=120)
    until("the head answers", lambda: cluster.is_alive(2))
    assert cluster.gcs().pids() == gcs and cluster.count() == 3

    cluster.delete_head()
    until("the worker and the head are alive", lambda: cluster.is_alive(2))
    assert cluster.count() == 4 and cluster.worker_lives() == lives

    # Nobody but the head's agent may even dial it.
    address = lab.pods("ours", "redis")[0]["status"]["podIP"]
    dial = "import socket, sys; socket.create_connection((sys.argv[1], 6379), timeout=3); print('connected')"
    assert "connected" in lab.python(cluster.head(), dial, address).stdout
    worker = lab.pods("ours", "worker")[0]["metadata"]["name"]
    assert "connected" not in lab.python(worker, dial, address, check=False).stdout

    lab.raykeep("down", "ours", "-n", "ray", "--timeout", "3m", timeout=240)
    assert kinds_left(lab, "ours") == []


@pytest.mark.soak
def test_a_volume_of_the_heads_keeps_the_state(lab, made):
    options = "  gcsFaultToleranceOptions:\n    backend: rocksdb\n    storage: {size: 1Gi, deletionPolicy: DELETION}\n"
    with pytest.raises(AssertionError, match="deletionPolicy"):
        made("disk", SITE, document("disk", 1, options))
    cluster = made("disk", SITE, document("disk", 1, options.replace("DELETION", "Retain")))
    assert "count 1" in lab.python(cluster.head(), COUNTER).stdout
    lives = cluster.worker_lives()

    cluster.kill_gcs()
    until("the worker and the head are alive", lambda: cluster.is_alive(2))
    assert cluster.count() == 2

    cluster.delete_head()
    until("the worker and the head are alive", lambda: cluster.is_alive(2))
    assert cluster.count() == 3 and cluster.worker_lives() == lives

    lab.raykeep("down", "disk", "-n", "ray", "--timeout", "3m", timeout=240)
    left = kinds_left(lab, "disk")
    assert len(left) == 1 and left[0].startswith("PersistentVolumeClaim"), left
    lab.kubectl("delete", "pvc", left[0].split()[1])


@pytest.fixture
def pair(lab, tmp_path):
    """Two Redis, the second a replica of the first, and three Sentinels that watch them."""
    (tmp_path / "site.yaml").write_text(WITH_SENTINELS)
    acl = lab.raykeep("site", "redis-acl", "--site", tmp_path / "site.yaml", "-f", "-", "-n", "ray", stdin=document("watched", 2)).stdout.strip()
    servers = [Redis(lab, acl, port=6381), Redis(lab, acl, port=6382, replica_of=6381)]
    servers += [Sentinel(lab, port, 6381, "kept") for port in (26381, 26382, 26383)]
    lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={PASSWORD}")
    lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={servers[0].ca}")
    try:
        for server in servers:
            server.start()
        until("the replica has all", lambda: "master_link_status:up" in servers[1].ask("INFO", "replication").stdout)
        until("the Sentinels know each other", lambda: all(s.agrees() for s in servers[2:]), patience=60)
        yield servers[:2], servers[2:]
    finally:
        for server in servers:
            server.close()
        lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca")


@pytest.mark.soak
def test_a_fail_over_by_sentinels_is_not_noticed(lab, pair, made):
    (first, second), sentinels = pair
    cluster = made("watched", WITH_SENTINELS, document("watched", 2))
    lab.python(cluster.head(), DEPLOY)
    workers = lab.pods("watched", "worker")
    head = lab.pods("watched", "head")[0]["spec"]["nodeName"]
    node = next(p["spec"]["nodeName"] for p in workers if p["spec"]["nodeName"] != head)
    gcs, lives = cluster.gcs().pids(), cluster.worker_lives()
    with calls(lab, [p["status"]["podIP"] for p in workers], node) as load:
        until("calls are answered", load.quiet)
        before = load.tally()
        first.kill()
        until("the replica is the master", lambda: "role:master" in second.ask("INFO", "replication").stdout, patience=60)
        until("workers and head are alive", lambda: cluster.is_alive(3))
        assert cluster.count() == 2
        # The old master comes back as a replica, and the way leads to the new one.
        first.start()
        until("it follows", lambda: "role:slave" in first.ask("INFO", "replication").stdout, patience=60)
        cluster.kill_gcs()
        until("workers and head are alive", lambda: cluster.is_alive(3))
        assert cluster.count() == 3
        during = load.since(before)
        assert during["sent"] > 0 and during["failed"] == 0, during
    assert cluster.worker_lives() == lives and cluster.gcs().pids() != gcs
    assert all(s.master() == 6382 for s in sentinels)


def of_servers(*ports):
    addresses = ", ".join(f'"{ADDRESS}:{port}"' for port in ports)
    return SITE + f"""  redis:
    addresses: [{addresses}]
    tls: {{caConfigMap: {{name: redis-ca}}}}
    user: ray
    passwordSecret: {{name: redis-ray}}
    peers: [{{name: redis, cidr: {ADDRESS}/32}}]
"""


@pytest.fixture
def redis_with(lab, tmp_path):
    """redis_with(...): a Redis that is as wrong as asked for, with the Secret and the authority that the Site names."""
    servers = []

    def start(password=PASSWORD, ca=None, acl=None, settings="", shards=1, **more):
        (tmp_path / "site.yaml").write_text(of_servers(6390))
        acl = acl or lab.raykeep("site", "redis-acl", "--site", tmp_path / "site.yaml", "-f", "-", "-n", "ray",
                                 stdin=document("wrong", 0)).stdout.strip()
        for shard in range(shards):
            servers.append(Redis(lab, acl, port=6390 + shard, settings=settings, **more))
            servers[-1].start()
        lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={password}")
        lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={ca or servers[0].ca}")
        return servers

    yield start
    for server in servers:
        server.close()
    lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca")


def refused(lab, tmp_path) -> str:
    """What `up` says of a head that cannot use its Redis, and `status` after it. It does not wait for what waiting does not mend."""
    (tmp_path / "site.yaml").write_text(of_servers(6390))
    try:
        done = lab.raykeep("up", "-f", "-", "--site", tmp_path / "site.yaml", "-n", "ray", "--timeout", "3m",
                           stdin=document("wrong", 0), check=False)
        status = lab.raykeep("status", "wrong", "-n", "ray").stdout
    finally:
        lab.raykeep("down", "wrong", "-n", "ray", "--timeout", "3m", timeout=240)
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "the head cannot use its Redis" in said and "the head cannot use its Redis" in status, f"{done}\n{status}"
    assert PASSWORD not in said + status
    return said


def test_a_wrong_password_is_told(lab, redis_with, tmp_path):
    redis_with(password="not-it")
    assert "the user or password in the Secret is not what this Redis knows" in refused(lab, tmp_path)


@pytest.mark.soak
def test_an_acl_that_grants_too_little_is_told(lab, redis_with, tmp_path):
    redis_with(acl="user ray on ~* +ping +info +get")
    assert "`raykeep site redis-acl` prints what it needs" in refused(lab, tmp_path)


@pytest.fixture
def stranger(lab, tmp_path):
    """An authority that nobody knows: key and certificate."""
    key, certificate = tmp_path / "stranger.key", tmp_path / "stranger.crt"
    lab.desk("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=stranger", "-days", "2")
    return key, certificate


def test_a_certificate_of_an_unknown_authority_is_told(lab, redis_with, stranger, tmp_path):
    redis_with(authority=stranger)
    assert 'signed by "CN=stranger"' in (said := refused(lab, tmp_path)), said


@pytest.mark.soak
def test_an_expired_certificate_is_told(lab, redis_with, tmp_path):
    redis_with(days=-1)
    assert "expired" in refused(lab, tmp_path)


@pytest.mark.soak
def test_a_redis_cluster_of_several_shards_is_told(lab, redis_with, tmp_path):
    one, two = redis_with(shards=2, settings="cluster-enabled yes\ntls-cluster yes\n")
    one.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191")
    two.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
    one.ask("CLUSTER", "MEET", ADDRESS, "6391")
    until("they know each other", lambda: "cluster_size:2" in one.ask("CLUSTER", "INFO").stdout, patience=30)
    assert "Redis Cluster of 2 shards" in (said := refused(lab, tmp_path)), said


@pytest.mark.soak
def test_a_redis_that_drops_keys_is_warned_of_while_all_is_well(lab, redis_with, made):
    redis, = redis_with(settings="maxmemory 100mb\nmaxmemory-policy allkeys-lru\n")
    made("wrong", of_servers(6390), document("wrong", 0))
    said = lab.raykeep("status", "wrong", "-n", "ray").stdout
    assert "allkeys-lru" in said and "set maxmemory-policy to noeviction" in said, said
    redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    until("it is seen", lambda: "allkeys-lru" not in lab.raykeep("status", "wrong", "-n", "ray").stdout, patience=60, every=2)
