"""src/ray against real Rays: a head on 127.0.0.3 and a worker on 127.0.0.4, in namespaces of their own (tests/ray/run).

What we say about Ray in src/ray is asserted here, for the oldest, a middle and the newest supported version. The measured
figures are printed at the end of each version; docs/measured.md keeps dated ones.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import pytest

HEAD, WORKER = "127.0.0.3", "127.0.0.4"
GCS, DASHBOARD, SERVE = 6379, 8265, 8000
RAYLET, AGENT = 8177, 52465  # the worker's; the head's are 8077 and 52365
TOKEN = "0123456789abcdef0123456789abcdef"
VERSIONS = os.environ["RAYKEEP_RAY_VERSIONS"].split()


def has_tokens(version):
    return tuple(int(n) for n in re.findall(r"\d+", version)[:2]) >= (2, 52)


class Asker:
    """ray_ask: questions as lines, answers as JSON."""

    def __init__(self, token_file, gcs_port=GCS, raylet=(WORKER, RAYLET), http=WORKER):
        command = [os.environ["RAYKEEP_RAY_ASK"], HEAD, str(gcs_port), raylet[0], str(raylet[1]), http, str(token_file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def wait_for(what, condition, patience):
    began = time.monotonic()
    while time.monotonic() - began < patience:
        value = condition()
        if value:
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {patience} s")


class Cluster:
    def __init__(self, version):
        self.version = version
        self.folder = pathlib.Path(tempfile.mkdtemp(dir="/tmp/ray"))  # a tmpfs of this namespace
        self.package = pathlib.Path(os.environ["RAYKEEP_RAY_PACKAGES"]) / f"ray-{version}"
        self.token = self.file("token", TOKEN + "\n")
        self.environment = dict(os.environ, PYTHONPATH=str(self.package), RAY_AUTH_MODE="token",
                                RAY_AUTH_TOKEN_PATH=str(self.token), RAY_USAGE_STATS_ENABLED="0")
        self.start("--head", f"--port={GCS}", f"--node-ip-address={HEAD}", f"--temp-dir={self.folder}/t", "--dashboard-host=0.0.0.0",
                   "--node-manager-port=8077", "--object-manager-port=8076", "--dashboard-agent-listen-port=52365")
        self.ask = Asker(self.token)
        self.figures = {}

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, *arguments):
        path = self.folder / "start.log"  # a file: Ray's daemons inherit it
        with open(path, "w") as log:
            done = subprocess.run([sys.executable, "-m", "ray.scripts.scripts", "start", "--num-cpus=1", "--disable-usage-stats",
                                   "--object-store-memory=100000000", *arguments],
                                  env=self.environment, stdout=log, stderr=log, timeout=180)
        assert done.returncode == 0, path.read_text()[-3000:]

    def start_worker(self):
        """A fresh worker; its node's id."""
        old = {n["id"] for n in self.nodes()}
        self.start(f"--address={HEAD}:{GCS}", f"--node-ip-address={WORKER}", f"--node-manager-port={RAYLET}",
                   "--object-manager-port=8176", f"--dashboard-agent-listen-port={AGENT}")
        wait_for("the worker is listed", lambda: [n for n in self.nodes() if n["alive"] and n["id"] not in old], 60)
        node = [n for n in self.nodes() if n["alive"] and n["id"] not in old][0]
        wait_for("the worker's agent answers", lambda: self.ask(f"http raylet {AGENT} 2000")["answer"] == "serving", 180)
        return node["id"]

    def nodes(self, address=""):
        return self.ask(f"nodes 5000 {address}")["nodes"]

    def node(self, node_id):
        return [n for n in self.nodes() if n["id"] == node_id][0]

    def process(self, program, node_id=""):
        """The process id of gcs_server or of the raylet with that node id."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                argv = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if argv[0].endswith(f"/{program}".encode()) and (not node_id or f"--node_id={node_id}".encode() in argv):
                return int(entry.name)
        raise AssertionError(f"no {program} {node_id}")

    def python(self, text):
        with open(self.folder / "driver.log", "w") as log:
            return subprocess.Popen([sys.executable, "-c", text], env=self.environment, stdout=subprocess.PIPE, stderr=log,
                                    text=True)

    def driver_log(self):
        return (self.folder / "driver.log").read_text()[-3000:]


@pytest.fixture(scope="module", params=VERSIONS)
def cluster(request):
    cluster = Cluster(request.param)
    yield cluster
    print(f"\nRay {cluster.version}:", *(f"  {name}: {figure}" for name, figure in cluster.figures.items()), sep="\n")
    # The next version finds the ports free: this namespace has only pytest and its Ray.
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        if int(entry.name) not in (1, os.getpid(), os.getppid()):
            os.kill(int(entry.name), signal.SIGKILL)
    time.sleep(1)


def test_everything_serves(cluster):
    worker = cluster.start_worker()
    assert cluster.ask("health 2000")["answer"] == "serving"
    assert cluster.ask("raylet 2000")["answer"] == "serving"
    assert cluster.ask(f"http raylet {AGENT} 2000")["answer"] == "serving"
    wait_for("the dashboard answers", lambda: cluster.ask(f"http gcs {DASHBOARD} 2000")["answer"] == "serving", 180)
    assert cluster.ask(f"http version {DASHBOARD} 2000")["version"] == cluster.version
    answer = cluster.ask(f"alive 2000 {worker} {'ff' * 28}")
    assert (answer["answer"], answer["version"], answer["alive"]) == ("serving", cluster.version, [True, False])


def test_nodes_are_listed_and_filtered(cluster):
    nodes = {n["address"]: n for n in cluster.nodes()}
    assert set(nodes) == {HEAD, WORKER}
    assert nodes[HEAD]["is_head"] and not nodes[WORKER]["is_head"]
    assert (nodes[WORKER]["port"], nodes[WORKER]["draining"], nodes[WORKER]["ended_ms"]) == (RAYLET, False, 0)
    assert abs(nodes[WORKER]["started_ms"] / 1000 - time.time()) < 300
    assert [n["id"] for n in cluster.nodes(WORKER)] == [nodes[WORKER]["id"]]
    assert cluster.nodes("127.0.0.9") == []
    assert cluster.process("raylet", nodes[WORKER]["id"])  # the id stands in the raylet's arguments


def test_a_wrong_token_is_denied_and_a_missing_one_too(cluster):
    if not has_tokens(cluster.version):
        answer = Asker(cluster.file("wrong", "wrong"))("alive 2000")  # these versions ask for none, and ours does no harm
        assert answer["answer"] == "serving"
        return
    for token_file in (cluster.file("wrong", "wrong"), ""):
        ask = Asker(token_file)
        assert ask("health 2000")["answer"] == "serving"  # exempt
        assert ask("alive 2000")["answer"] == "denied"
        assert "InvalidAuthToken" in ask("nodes 2000")["text"]
        assert "InvalidAuthToken" in ask(f"drain 2000 {'ab' * 28} 1000")["text"]
        assert ask(f"http version {DASHBOARD} 2000")["answer"] == "denied"
        assert ask(f"http gcs {DASHBOARD} 2000")["answer"] == "serving"  # exempt
        assert TOKEN not in json.dumps(ask("alive 2000"))
    assert Asker(cluster.folder / "none")("alive 2000")["answer"] == "not_asked"


def test_what_questions_cost(cluster):
    worker = [n for n in cluster.nodes(WORKER) if n["alive"]][0]["id"]
    for question in ("health 2000", f"alive 2000 {worker}", f"nodes 2000 {WORKER}", "raylet 2000", f"http gcs {DASHBOARD} 2000",
                     f"http raylet {AGENT} 2000"):
        cost = cluster.ask(f"cost 300 {question}")
        assert cost["bad"] == 0, (question, cost)
        assert cost["anonymous_kb"] < 4096 and cost["rss_kb"] < 12 * 1024, cost
        name = " ".join(w for w in question.split()[:-1] if len(w) < 50) if question.startswith("http") else question.split()[0]
        cluster.figures[name] = "median {median_us:.0f} us, p99 {p99_us:.0f} us, CPU {cpu_us:.0f} us".format(**cost)
    cluster.figures["memory"] = "{rss_kb} kB, of them {anonymous_kb} kB anonymous; {threads} threads".format(**cost)


def test_a_stopped_gcs_is_silent_and_ray_itself_does_not_notice(cluster):
    worker = [n for n in cluster.nodes(WORKER) if n["alive"]][0]["id"]
    gcs = cluster.process("gcs_server")
    os.kill(gcs, signal.SIGSTOP)
    try:
        for question in ("health 500", f"alive 500 {worker}", "health 500"):  # on the warm connection, then on new ones
            answer = cluster.ask(question)
            assert answer["answer"] == "silent" and 500 <= answer["ms"] < 1500, answer
        assert "no answer in time" in cluster.ask("nodes 500")["text"]
        assert cluster.ask(f"http gcs {DASHBOARD} 3000")["answer"] == "not_serving"
        assert cluster.ask(f"http raylet {AGENT} 3000")["answer"] == "serving"
        assert cluster.ask("raylet 500")["answer"] == "serving"
    finally:
        os.kill(gcs, signal.SIGCONT)
    cluster.figures["GCS good after SIGCONT, s"] = round(
        wait_for("the GCS answers", lambda: cluster.ask("alive 500")["answer"] == "serving", 30), 3)
    assert cluster.ask(f"alive 2000 {worker}")["alive"] == [True]


def test_a_busy_node_drains_and_an_idle_one_leaves_at_once(cluster):
    worker = [n for n in cluster.nodes(WORKER) if n["alive"]][0]["id"]
    task = cluster.python(f"""
import ray, time
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
ray.init(address="{HEAD}:{GCS}", log_to_driver=False)
@ray.remote(num_cpus=1, max_retries=0)
def work():
    time.sleep(6)
    return "done"
work = work.options(scheduling_strategy=NodeAffinitySchedulingStrategy("{worker}", False)).remote()
print("started", flush=True)
print(ray.get(work), flush=True)
""")
    assert task.stdout.readline() == "started\n", cluster.driver_log()
    time.sleep(2)  # until it runs
    assert cluster.ask(f"drain 5000 {worker} 60000") == {"accepted": True, "text": ""}
    wait_for("GCS shows it draining", lambda: cluster.node(worker)["draining"], 5)
    assert cluster.node(worker)["alive"]
    assert task.stdout.readline() == "done\n"  # its work was not cut off
    task.wait()
    wait_for("it leaves once it is idle", lambda: not cluster.node(worker)["alive"], 30)
    assert cluster.node(worker)["death"] == "drained: tests"
    wait_for("its raylet ends", lambda: cluster.ask("raylet 300")["answer"] == "unreachable", 30)
    assert cluster.ask(f"drain 5000 {worker} 60000")["accepted"]  # of a dead node, too

    idle = cluster.start_worker()
    assert cluster.ask(f"drain 5000 {idle} 60000")["accepted"]
    cluster.figures["idle node gone after DrainNode, s"] = round(
        wait_for("it leaves", lambda: not cluster.node(idle)["alive"], 30), 3)
    assert len([n for n in cluster.nodes(WORKER)]) == 2  # dead ones stay listed


def test_a_stopped_raylet_is_silent_while_rays_agent_says_that_it_is_well(cluster):
    worker = cluster.start_worker()
    raylet = cluster.process("raylet", worker)
    assert cluster.ask("raylet 2000")["answer"] == "serving"
    os.kill(raylet, signal.SIGSTOP)
    began = time.monotonic()
    answer = cluster.ask("raylet 500")
    assert answer["answer"] == "silent" and 500 <= answer["ms"] < 1500, answer
    assert cluster.ask(f"http raylet {AGENT} 3000")["answer"] == "serving"  # it asks the GCS, not the raylet
    assert cluster.node(worker)["alive"]
    wait_for("GCS gives it up", lambda: not cluster.node(worker)["alive"], 120)
    cluster.figures["GCS gives a stopped raylet up, s"] = round(time.monotonic() - began, 1)
    assert cluster.ask(f"alive 2000 {worker}")["alive"] == [False]
    os.kill(raylet, signal.SIGCONT)  # it finds itself dead, and ends
    cluster.figures["given-up raylet ends after SIGCONT, s"] = round(
        wait_for("it ends", lambda: cluster.ask("raylet 300")["answer"] == "unreachable", 90), 1)


def test_a_killed_raylet_is_unreachable_at_once(cluster):
    worker = cluster.start_worker()
    assert cluster.ask("raylet 2000")["answer"] == "serving"
    os.kill(cluster.process("raylet", worker), signal.SIGKILL)
    answer = cluster.ask("raylet 2000")
    assert answer["answer"] == "unreachable" and answer["ms"] < 1000, answer
    cluster.figures["GCS gives a killed raylet up, s"] = round(
        wait_for("GCS gives it up", lambda: not cluster.node(worker)["alive"], 120), 1)


def test_serve_and_a_killed_gcs(cluster):
    ask = Asker(cluster.token, http="127.0.0.1")
    assert ask(f"http serve {SERVE} 1000")["answer"] == "unreachable"
    driver = cluster.python(f"""
import ray
from ray import serve
ray.init(address="{HEAD}:{GCS}", log_to_driver=False)
serve.start(http_options=dict(host="0.0.0.0", port={SERVE}))
@serve.deployment(ray_actor_options=dict(num_cpus=0))
def app(request):
    return "hello"
serve.run(app.bind())
print("served", flush=True)
""")
    assert driver.stdout.readline() == "served\n", cluster.driver_log()
    wait_for("Serve's proxy is well", lambda: ask(f"http serve {SERVE} 2000")["answer"] == "serving", 180)

    cluster.ask("health 2000")
    os.kill(cluster.process("gcs_server"), signal.SIGKILL)
    for question in ("health 2000", "alive 2000", "health 2000"):
        answer = cluster.ask(question)
        assert answer["answer"] == "unreachable" and answer["ms"] < 1000, answer
    assert ask(f"http serve {SERVE} 2000")["answer"] == "serving"  # Serve serves on
