"""RayServices on real Ray Serve under constant load: 50 unary requests a second and five streams, every answer read to its end."""
import json
import os
import pathlib
import signal
import time

import pytest
import yaml
from controller import NAME as CONTROLLER
from controller import installed, is_ready, logs
from lab import run, until
from serving import NAME, SITE, flawless, load_on, service, store

LONG = "RAYKEEP_SOAK" in os.environ


@pytest.fixture(scope="module")
def redis(lab):
    with store(lab) as made:
        yield made


@pytest.fixture(scope="module")
def hello(lab, redis, tmp_path_factory):
    """The RayService as its document stands, kept by the controller."""
    with service(lab, tmp_path_factory.mktemp("hello")) as made, installed(lab, SITE):
        done = made.up()
        assert "serves" in done.stdout, done
        yield made
        print(logs(lab))


@pytest.fixture(scope="module")
def load(lab, hello):
    with load_on(lab, hello.address()) as made:
        yield made


@pytest.fixture(autouse=True)
def explained(lab):
    yield
    print(lab.raykeep("status", "-n", "ray", check=False))


def settled(hello):
    """One cluster, which serves."""
    until("one cluster is left, and serves", lambda: len(hello.clusters()) == 1 and hello.says("Ready") == "Serving"
          and hello.says("UpgradeInProgress") == "NoPendingCluster", patience=180, every=1)


def test_up_makes_it_serve_with_kuberays_names(lab, hello):
    cluster = hello.active()
    assert hello.clusters() == [cluster] and cluster.startswith(f"{NAME}-")
    serve = lab.get("service", f"{NAME}-serve-svc")
    assert serve["spec"]["selector"] == {"ray.io/cluster": cluster, "ray.io/is-ray-node": "yes", "ray.io/serve": "true"}
    assert [(p["name"], p["port"]) for p in serve["spec"]["ports"]] == [("serve", 8000)]
    assert serve["metadata"]["labels"]["ray.io/originated-from-cr-name"] == NAME
    told = json.loads(lab.get("configmap", f"raykeep-rayservice-{NAME}")["data"]["status.json"])
    assert told["activeServiceStatus"]["applicationStatuses"]["app"]["status"] == "RUNNING", told


def test_status_logs_and_curl(lab, hello):
    told = hello.status()
    app = told["clusters"][0]["serve"]["applications"][0]
    assert (app["name"], app["status"], app["route"]) == ("app", "RUNNING", "/")
    assert app["deployments"][0]["replicas"] == 2
    text = lab.raykeep("serve", "status", "-n", "ray").stdout
    assert "RUNNING" in text and "2/2" in text, text
    done = lab.raykeep("serve", "curl", NAME, "--path", "/?tokens=3&pause=0", "-n", "ray")
    assert done.stdout == "served 1/1\ntoken 0\ntoken 1\ntoken 2\nend\n", done
    said = lab.raykeep("serve", "logs", NAME, "--application", "app", "-n", "ray").stdout
    assert "replica_app_App" in said, said
    assert f"{NAME}" in lab.raykeep("status", "-n", "ray", "-o", "name").stdout.split()


def test_a_changed_configuration_is_carried_out_in_place(lab, hello, load):
    before, cluster = load.tally(), hello.active()
    hello.set_config("2")
    hello.up()
    assert hello.active() == cluster and hello.clusters() == [cluster]
    until("the new version answers alone", lambda: set(load_now(load)) == {"2/1"}, patience=30)
    flawless(load, before)


def test_a_head_that_is_gone_without_a_farewell_costs_no_request(lab, redis, hello, load):
    """With Ray's own patience of 120 s with a silent connection nobody was served from the second minute on."""
    settled(hello)
    before, cluster = load.tally(), hello.active()
    uid = lab.get("pod", f"{cluster}-head-0")["metadata"]["uid"]
    lose_head(lab, redis, cluster)
    until("another head is ready", lambda: any(p["metadata"]["uid"] != uid and is_ready(p) for p in lab.pods(cluster, "head")), patience=180)
    time.sleep(60)
    assert load_now(load), "nobody is served"
    flawless(load, before)


def load_now(load, span=2):
    before = load.tally()
    time.sleep(span)
    return load.since(before)["versions"]


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
def test_another_cluster_takes_over_without_a_gap(lab, hello, load, number):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    hello.set_pods(f"p{number}")
    hello.up()
    assert hello.active() != cluster
    until("the new pods answer alone", lambda: all(v.endswith(f"/p{number}") for v in load_now(load)), patience=30)
    settled(hello)
    flawless(load, before)


@pytest.mark.soak
def test_worker_resources_change_without_a_gap(lab, hello, load):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    for group in hello.groups()[1:]:
        group["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "150m"
    hello.up()
    assert hello.active() != cluster
    settled(hello)
    flawless(load, before)


def test_a_configuration_that_does_not_run_is_taken_back(lab, hello, load):
    settled(hello)
    before, good = load.tally(), hello.version()
    hello.set_config("broken")
    done = hello.up(check=False)
    assert done.returncode == 1 and "on purpose" in done.stdout + done.stderr, done
    assert hello.says("UpgradeInProgress") == "RolledBack"
    until("it serves as before", lambda: hello.says("Ready") == "Serving", patience=120)
    flawless(load, before)
    hello.set_config(good)
    hello.up()


@pytest.mark.soak
def test_an_image_that_is_not_there_never_touches_what_serves(lab, hello, load):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    image = hello.groups()[1]["template"]["spec"]["containers"][0]["image"]
    hello.groups()[1]["template"]["spec"]["containers"][0]["image"] = "lab/ray:no-such-tag"
    done = hello.up(check=False)
    assert done.returncode == 1 and "no-such-tag" in done.stdout + done.stderr, done
    condition = hello.conditions()["UpgradeInProgress"]
    assert condition["reason"] == "RolledBack" and "no-such-tag" in condition["message"], condition
    until("the new cluster is gone", lambda: hello.clusters() == [cluster], patience=60)
    flawless(load, before)
    hello.groups()[1]["template"]["spec"]["containers"][0]["image"] = image
    hello.up()
    assert hello.active() == cluster


def kill_controller(lab, redis, cluster):
    lab.kubectl("delete", "pods", "-l", f"app.kubernetes.io/name={CONTROLLER}", "--grace-period=0", "--force")


def kill_head(lab, redis, cluster):
    lab.kubectl("delete", "pod", f"{cluster}-head-0", "--grace-period=0", "--force", "--wait=false")


def lose_head(lab, redis, cluster):
    """Its pod is gone without a farewell: whoever has a connection to it hears nothing any more, not even that."""
    [gcs] = [path.parent for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if b"/gcs_server\0" in path.read_bytes()
             and f"RAY_CLUSTER_NAME={cluster}\0".encode() in (path.parent / "environ").read_bytes()]
    run("nsenter", "-t", gcs.name, "-n", "ip", "link", "set", "eth0", "down")
    kill_head(lab, redis, cluster)


SIGNAL_THE_GCS = """
import glob, os, sys
for path in glob.glob("/proc/[0-9]*/cmdline"):
    with open(path) as words:
        if words.read().split("\\0")[0].endswith("/gcs_server"):
            os.kill(int(path.split("/")[2]), int(sys.argv[1]))
            print("sent")
"""


def signal_gcs(lab, cluster, number):
    """One that has not begun yet needs no harm, and is harmed once it has."""
    until("the GCS got its signal", lambda: lab.python(f"{cluster}-head-0", SIGNAL_THE_GCS, str(number), check=False).stdout == "sent\n", patience=90)


def kill_gcs(lab, redis, cluster):
    signal_gcs(lab, cluster, signal.SIGKILL)


def hang_gcs(lab, redis, cluster):
    signal_gcs(lab, cluster, signal.SIGSTOP)


def take_redis_away(lab, redis, cluster):
    redis.freeze()
    time.sleep(20)
    redis.thaw()


def stop_api_server(lab, redis, cluster):
    server = lab.daemon("apiserver")
    os.kill(server, signal.SIGSTOP)
    time.sleep(20)
    os.kill(server, signal.SIGCONT)


# Who is harmed in an upgrade, and of which cluster; the controller's death is CI's.
HARMS = {"controller": (kill_controller, 0), "head": (kill_head, 0), "lost-head": (lose_head, 0), "new-head": (kill_head, 1), "api-server": (stop_api_server, 0),
         "gcs": (kill_gcs, 0), "new-gcs": (kill_gcs, 1), "hung-gcs": (hang_gcs, 0), "redis": (take_redis_away, 0)}


@pytest.mark.parametrize("harm", HARMS if LONG else ["controller"])
@pytest.mark.parametrize("step", ["made", "both-serve", "former-ends"] if LONG else ["made"])
def test_an_upgrade_goes_on_whatever_happens(lab, redis, hello, load, harm, step):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    hello.set_pods(f"{harm}-{step}")
    hello.up(wait=False)
    until("the new cluster is made", lambda: len(hello.clusters()) == 2, patience=30)
    [new] = set(hello.clusters()) - {cluster}
    if step != "made":
        until("both serve", hello.both_serve, patience=300)
    if step == "former-ends":
        until("the new one is the first", lambda: hello.active() == new, patience=120)
    what, which = HARMS[harm]
    what(lab, redis, [cluster, new][which])
    until("the new one serves", lambda: hello.active() == new and hello.says("Ready") == "Serving", patience=400, every=1)
    settled(hello)
    flawless(load, before)
    until("the former cluster's state is gone from Redis", lambda: all("RAYKEEP:" in k for k in redis.keys() if cluster in k), patience=60)
    assert [k for k in redis.keys() if new in k]


@pytest.mark.soak
def test_a_quota_without_room_gives_the_new_cluster_up(lab, hello, load):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    pods = hello.document["spec"]["rayClusterConfig"]["headGroupSpec"]["template"]["spec"]["containers"][0]["env"][1]["value"]
    used = lab.admin("-n", "ray", "get", "resourcequota", "quota", "-o", "jsonpath={.status.used.pods}").stdout
    lab.admin("-n", "ray", "patch", "resourcequota", "quota", "--type=merge", "-p", json.dumps({"spec": {"hard": {"pods": used}}}))
    try:
        hello.set_pods("no-room")
        done = hello.up(check=False)
        assert done.returncode == 1 and "has no room for both" in done.stderr and hello.clusters() == [cluster], done
        # The quota may change in the middle of it, too.
        lab.kubectl("patch", "configmap", f"raykeep-rayservice-{NAME}", "--type=merge", "-p",
                    json.dumps({"data": {"document.yaml": yaml.safe_dump(hello.document)}}))
        until("the new cluster is given up", lambda: hello.says("UpgradeInProgress") == "RolledBack", patience=120)
        assert "has no room" in hello.conditions()["UpgradeInProgress"]["message"]
        until("the new cluster is gone", lambda: hello.clusters() == [cluster], patience=60)
    finally:
        lab.admin("-n", "ray", "patch", "resourcequota", "quota", "--type=merge", "-p", json.dumps({"spec": {"hard": {"pods": "20"}}}))
    flawless(load, before)
    hello.set_pods(pods)
    hello.up()
    assert hello.active() == cluster


@pytest.mark.soak
def test_an_incremental_upgrade_moves_worker_for_worker(lab, hello, load):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    hello.document["spec"]["upgradeStrategy"] = {"type": "NewClusterWithIncrementalUpgrade",
                                                 "clusterUpgradeOptions": {"maxSurgePercent": 50, "intervalSeconds": 2}}
    hello.set_pods("in-steps")
    hello.up(wait=False)
    most = 0
    ends = time.monotonic() + 600
    while time.monotonic() < ends and not (hello.active() != cluster and len(hello.clusters()) == 1):
        most = max(most, len([p for p in lab.get("pods", "-l", "ray.io/node-type=worker")["items"] if not p["metadata"].get("deletionTimestamp")]))
        time.sleep(0.5)
    assert most == 3, f"two workers and half of two: {most}"
    settled(hello)
    flawless(load, before)
    del hello.document["spec"]["upgradeStrategy"]
    hello.up()


@pytest.mark.parametrize("way", ["delete", "evict", "drain", "scale"] if LONG else ["delete"])
def test_a_worker_that_goes_loses_no_request(lab, hello, load, way):
    settled(hello)
    before, cluster = load.tally(), hello.active()
    worker = lab.pods(cluster, "worker")[0]["metadata"]["name"]
    if way == "delete":
        lab.kubectl("delete", "pod", worker, "--wait=false")
    elif way == "evict":
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": worker, "namespace": "ray"}}
        lab.admin("create", "--raw", f"/api/v1/namespaces/ray/pods/{worker}/eviction", "-f", "-", stdin=json.dumps(body))
    elif way == "drain":
        node = lab.get("pod", worker)["spec"]["nodeName"]
        lab.admin("drain", node, f"--pod-selector=ray.io/cluster={cluster},ray.io/node-type=worker", "--delete-emptydir-data", "--timeout=280s",
                  timeout=300)
        lab.admin("uncordon", node)
    else:
        hello.groups()[1].update(replicas=1, minReplicas=1)
        hello.up()
    until("it is gone", lambda: worker not in {p["metadata"]["name"] for p in lab.pods(cluster, "worker")} or
          way == "scale" and len(lab.pods(cluster, "worker")) == 1, patience=120)
    time.sleep(5)
    flawless(load, before)
    if way == "scale":
        hello.groups()[1].update(replicas=2, minReplicas=2)
        hello.up()
    until("all workers are back", lambda: len([p for p in lab.pods(cluster, "worker") if p["metadata"]["labels"].get("ray.io/serve") == "true"]) == 2,
          patience=180)


def test_down_leaves_nothing(lab, hello):
    lab.raykeep("down", NAME, "-n", "ray", "--timeout", "4m", timeout=400)
    left = lab.kubectl("get", "all,configmaps,networkpolicies,poddisruptionbudgets", "-l", f"ray.io/originated-from-cr-name={NAME}", "-o", "name").stdout
    assert not left.split(), left
