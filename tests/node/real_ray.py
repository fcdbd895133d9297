#!/usr/bin/env python3
"""The agent against a real Ray on this machine's loopback.

  tests/node/real_ray.py BUILD RAY [--redis] [--only NAME] [--kills N]

BUILD is a build folder with src/cli/raykeep, RAY a folder made by `pip install --target RAY 'ray[default,serve]==X'`.
Head and worker each run in network, process and mount namespaces of their own (needs root), joined by a virtual cable:
Ray's usual ports are free, the agent is process 1, and neither node sees the other's processes, as in two pods. With
--redis, a real redis-server stands behind the agent's road. Prints one line for each drill and JSON at the end.
"""
import argparse
import glob
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HEAD, WORKER, PORT = "10.9.0.1", "10.9.0.2", 52370


def in_namespaces():
    if os.environ.get("RAYKEEP_IN_NAMESPACES"):
        subprocess.run("ip link set lo up && ip link add head type veth peer name worker && "
                       f"ip address add {HEAD}/24 dev head && ip link set head up && "
                       "mkdir -p /tmp/ray", shell=True, check=True)
        return
    os.environ["RAYKEEP_IN_NAMESPACES"] = "1"
    os.execvp("unshare", ["unshare", "-n", "-p", "-m", "-f", "--mount-proc", "--kill-child",
                          sys.executable, *sys.argv])


def get(host, path, timeout=2.0):
    try:
        with urllib.request.urlopen(f"http://{host}:{PORT}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()
    except (OSError, http.client.HTTPException) as problem:
        return 0, str(problem)


def until(what, condition, patience=120.0, pause=0.01):
    began = time.monotonic()
    while time.monotonic() - began < patience:
        value = condition()
        if value:
            return time.monotonic() - began
        time.sleep(pause)
    raise AssertionError(f"{what}: not within {patience} s")


def processes():
    out = {}
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            argv = open(folder + "/cmdline", "rb").read().split(b"\0")[:-1]
            stat = open(folder + "/stat").read()
        except OSError:
            continue
        if argv and stat.rpartition(") ")[2][0] != "Z":
            out[int(folder[6:])] = [a.decode(errors="replace") for a in argv]
    return out


def below(root):
    parents = {}
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            stat = open(folder + "/stat").read().rpartition(") ")[2].split()
        except OSError:
            continue
        parents[int(folder[6:])] = int(stat[1])
    mine = {root}
    while True:
        more = {p for p, parent in parents.items() if parent in mine} - mine
        if not more:
            return mine - {root}
        mine |= more


class Node:
    def __init__(self, name, arguments, command, environment, log, net):
        """A pod: the agent is process 1 in it. `net`: with a network of its own."""
        self.name, self.log = name, open(log, "wb")
        inside = "mkdir -p /tmp/ray && mount -t tmpfs none /tmp/ray && "
        if net:
            inside += ("while ! ip link show worker >/dev/null 2>&1; do sleep 0.05; done; ip link set lo up && "
                       f"ip address add {WORKER}/24 dev worker && ip link set worker up && ")
        inside += 'exec "$@"'
        self.shell = subprocess.Popen(
            ["unshare", "-p", "-m", "-f", "--mount-proc", "--kill-child", *(["-n"] if net else []), "sh", "-c", inside,
             "sh", *arguments, "--", "/bin/bash", "-c", command], env=environment, stdout=self.log, stderr=self.log)
        self.log_path = log
        until("process 1", lambda: below(self.shell.pid))
        self.pid = min(below(self.shell.pid))
        if net:
            until("network", lambda: os.readlink(f"/proc/{self.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
            subprocess.run(f"ip link set worker netns {self.pid}", shell=True, check=True)
            # Held open: with the worker's network its end of the cable would go, and the head's with that, address and all.
            self.network = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)

    def runs(self):
        return self.shell.poll() is None

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        return self.shell.wait(60)

    def find(self, what):
        mine = below(self.pid)
        for pid, argv in sorted(processes().items()):
            if pid in mine and (argv[0].endswith("/" + what) or any(a.endswith("/" + what) for a in argv[1:3])):
                return pid
        return None

    def said(self, event):
        lines = []
        for line in open(self.log_path, errors="replace"):
            if line.startswith('{"time"') and f'"event":"{event}"' in line:
                lines.append(json.loads(line))
        return lines


class Cluster:
    def __init__(self, options):
        self.ray, self.build = pathlib.Path(options.ray).resolve(), pathlib.Path(options.build).resolve()
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="raykeep-real-ray-"))
        self.redis = None
        self.version = next(re.search(r"ray-([0-9.]+)\.dist-info", p.name).group(1)
                            for p in self.ray.glob("ray-*.dist-info"))
        self.base = dict(os.environ, PYTHONPATH=str(self.ray), PATH=f"{self.ray}/bin:{os.environ['PATH']}",
                         RAY_USAGE_STATS_ENABLED="0", RAYKEEP_POD_UID="uid-1",
                         RAYKEEP_POD_NAME="head-0", RAYKEEP_POD_NAMESPACE="n", RAY_DISABLE_IMPORT_WARNING="1")
        self.options = options

    def start_redis(self):
        self.redis = subprocess.Popen(["redis-server", "--port", "6380", "--bind", "127.0.0.1", "--dir", str(self.work),
                                       "--save", "", "--appendonly", "yes", "--requirepass", "secret-password"],
                                      stdout=open(self.work / "redis.log", "ab"), stderr=subprocess.STDOUT)

    def start(self):
        environment = dict(self.base)
        arguments = [str(self.build / "src/cli/raykeep"), "node", f"--ray-version={self.version}"]
        head = arguments + ["--role=head", "--gcs=127.0.0.1:6379", "--dashboard-port=8265", f"--port={PORT}"]
        if self.options.redis:
            self.start_redis()
            (self.work / "password").write_text("secret-password\n")
            (self.work / "redis.json").write_text(json.dumps(
                {"listen": 6399, "addresses": ["127.0.0.1:6380"], "passwordFile": str(self.work / "password"),
                 "storageNamespace": "gen1"}))
            head.append(f"--redis={self.work}/redis.json")
            environment |= {"RAY_REDIS_ADDRESS": "127.0.0.1:6399", "RAY_external_storage_namespace": "gen1"}
        elif self.options.plain_redis:
            subprocess.Popen(["redis-server", "--port", "6399", "--bind", "127.0.0.1", "--dir", str(self.work),
                              "--save", ""], stdout=subprocess.DEVNULL)
            environment |= {"RAY_REDIS_ADDRESS": "127.0.0.1:6399", "RAY_external_storage_namespace": "gen1"}
        ports = ("--object-manager-port=8076 --node-manager-port=8077 --metrics-export-port=8080 "
                 "--dashboard-agent-listen-port=52365 --dashboard-agent-grpc-port=52366 "
                 "--runtime-env-agent-port=52367 --min-worker-port=10002 --max-worker-port=10100")
        self.head = Node("head", head, f"ulimit -n 4000; ray start --head --node-ip-address={HEAD} --port=6379 "
                         f"--dashboard-host=0.0.0.0 --num-cpus=1 --disable-usage-stats {ports}",
                         environment | {"RAYKEEP_POD_IP": HEAD}, self.work / "head.log", net=False)
        worker = dict(self.base, RAY_gcs_rpc_server_reconnect_timeout_s="600", RAYKEEP_POD_NAME="worker-0",
                      RAYKEEP_POD_IP=WORKER)
        self.worker = Node("worker", arguments + ["--role=worker", f"--gcs={HEAD}:6379", "--drain=20s",
                                                  f"--port={PORT}"],
                           f"ray start --address={HEAD}:6379 --node-ip-address={WORKER} --num-cpus=4 {ports}",
                           worker, self.work / "worker.log", net=True)
        self.driver_environment = dict(self.base)

    def ready(self, host, patience=300.0):
        return until(f"{host} ready", lambda: get(host, "/readyz")[0] == 200, patience, 0.02)

    def drive(self, program, timeout=120):
        # A driver needs the raylet's socket below the head's own /tmp/ray.
        done = subprocess.run(["nsenter", "-m", "-p", "-t", str(self.head.pid), sys.executable, "-c", "import ray\nray.init(address='10.9.0.1:6379', namespace='n', "
                               "log_to_driver=False, logging_level='ERROR')\n" + program],
                              env=self.driver_environment, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise AssertionError(f"driver: {done.stdout[-500:]} {done.stderr[-1500:]}")
        return done.stdout.strip().splitlines()[-1]

    def metric(self, host, name):
        for line in get(host, "/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        return None


COUNTER = """
@ray.remote(num_cpus=0.1, lifetime='detached', name='c')
class C:
    def __init__(self): self.n = 0
    def inc(self):
        self.n += 1
        return self.n
"""


class Drills:
    def __init__(self, cluster):
        self.c = cluster
        self.results = {}
        self.expected = 0

    def tell(self, name, **facts):
        self.results[name] = facts
        print(f"{name}: " + ", ".join(f"{k} {round(v, 3) if isinstance(v, float) else v}" for k, v in facts.items()),
              flush=True)

    def count(self):
        """The detached actor on the worker still has its state."""
        self.expected += 1
        got = int(self.c.drive("h = ray.get_actor('c')\nprint(ray.get(h.inc.remote(), timeout=60))"))
        assert got == self.expected, (got, self.expected)

    def gcs_outage(self, act, name, patience=60.0, keep_raylets=True):
        """Does something to the GCS and waits until the agent says that it is good again."""
        head = self.c.head
        before = {n: (n.find("raylet"), n.pid) for n in (self.c.head, self.c.worker)}
        old, seen = head.find("gcs_server"), len(head.said("recovered"))
        dashboard = head.find("dashboard/dashboard.py")
        began = time.monotonic()
        act(old)
        until("another GCS", lambda: head.find("gcs_server") not in (None, old), patience, 0.005)
        spawned = time.monotonic() - began
        until("GCS good", lambda: len(head.said("recovered")) > seen, patience, 0.005)
        serving = time.monotonic() - began
        self.c.ready(HEAD, patience)
        ready = time.monotonic() - began
        assert self.c.worker.runs()
        if keep_raylets:
            assert before == {n: (n.find("raylet"), n.pid) for n in (self.c.head, self.c.worker)}
            assert head.find("dashboard/dashboard.py") == dashboard
            assert get(WORKER, "/readyz")[0] == 200
        self.tell(name, spawned=spawned, serving=serving, ready=ready,
                  agent_says=head.said("recovered")[-1]["seconds"])
        return serving

    def begin(self):
        began = time.monotonic()
        self.c.start()
        self.c.ready(HEAD)
        head = time.monotonic() - began
        self.c.ready(WORKER)
        self.tell("start", head_ready=head, worker_ready=time.monotonic() - began, ray=self.c.version)
        self.expected = 1
        assert self.c.drive(COUNTER + "c = C.remote()\nprint(ray.get(c.inc.remote()))") == "1"

    def kills(self):
        for i in range(self.c.options.kills):
            served = self.gcs_outage(lambda pid: os.kill(pid, signal.SIGKILL), f"kill gcs {i + 1}")
            assert served < 5.0
        self.count()
        assert self.c.drive("f = ray.remote(lambda: 5)\nprint(sum(ray.get([f.remote() for _ in range(4)])))") == "20"

    def hang(self):
        self.gcs_outage(lambda pid: os.kill(pid, signal.SIGSTOP), "SIGSTOP gcs")
        self.count()

    def deaf(self):
        """A GCS that runs and does not answer: all its threads but one stopped is out of reach, so its port is."""
        rule = "-p tcp --dport 6379 -j DROP"
        if subprocess.run(f"iptables -A INPUT {rule}", shell=True, capture_output=True).returncode != 0:
            return print("deaf gcs: no iptables here", flush=True)
        old = self.c.head.find("gcs_server")
        began = time.monotonic()
        until("killed", lambda: self.c.head.find("gcs_server") != old, 60)
        found = time.monotonic() - began
        subprocess.run(f"iptables -D INPUT {rule}", shell=True)
        self.c.ready(HEAD)
        self.tell("deaf gcs", found=found, ready=time.monotonic() - began)

    def dashboard(self):
        for sign in (signal.SIGKILL, signal.SIGSTOP):
            head = self.c.head
            old, gcs = head.find("dashboard/dashboard.py"), head.find("gcs_server")
            began = time.monotonic()
            os.kill(old, sign)
            until("another dashboard", lambda: head.find("dashboard/dashboard.py") not in (None, old), 60)
            spawned = time.monotonic() - began
            until("not ready", lambda: get(HEAD, "/readyz")[0] == 503, 30)
            self.c.ready(HEAD)
            self.tell(f"{sign.name} dashboard", spawned=spawned, ready=time.monotonic() - began)
            assert head.find("gcs_server") == gcs
            leftovers = [a[0] for p, a in processes().items() if a[0].startswith("ray-dashboard-")]
            assert len(leftovers) < 20, leftovers

    def helpers(self):
        for what in ("_private/monitor.py", "_private/log_monitor.py"):
            old = self.c.head.find(what)
            os.kill(old, signal.SIGKILL)
            took = until(f"another {what}", lambda: self.c.head.find(what) not in (None, old), 30)
            self.tell(f"kill {what}", spawned=took)

    def worker_raylet(self):
        for sign in (signal.SIGKILL, signal.SIGSTOP):
            worker = self.c.worker
            old = worker.find("raylet/raylet") or worker.find("raylet")
            began = time.monotonic()
            os.kill(old, sign)
            until("not ready", lambda: get(WORKER, "/readyz")[0] == 503, 30)
            told = time.monotonic() - began
            until("another raylet", lambda: worker.find("raylet") not in (None, old), 120)
            self.c.ready(WORKER)
            self.tell(f"{sign.name} worker's raylet", unready=told, ready=time.monotonic() - began)
            assert worker.runs()

    def head_raylet(self):
        head = self.c.head
        old, worker = head.find("raylet"), self.c.worker.find("raylet")
        began = time.monotonic()
        os.kill(old, signal.SIGKILL)
        until("another raylet", lambda: head.find("raylet") not in (None, old), 120)
        self.c.ready(HEAD)
        self.tell("kill head's raylet", ready=time.monotonic() - began, same_worker=self.c.worker.find("raylet") == worker)
        assert head.runs()

    def zombie(self):
        """The GCS takes the worker for dead while its raylet runs: the raylet is stopped for the time that it takes."""
        worker = self.c.worker
        old = worker.find("raylet")
        node = [a.partition("=")[2] for a in processes()[old] if a.startswith("--node_id=")][0]
        began = time.monotonic()
        # As a drained node that did not leave: the GCS marks it dead at the deadline.
        program = f"""
from ray.core.generated import gcs_service_pb2 as g, gcs_service_pb2_grpc as s
import grpc
stub = s.NodeInfoGcsServiceStub(grpc.insecure_channel('10.9.0.1:6379'))
print(stub.UnregisterNode(g.UnregisterNodeRequest(node_id=bytes.fromhex('{node}'))).status.code)
"""
        self.c.drive(program)
        until("another raylet", lambda: worker.find("raylet") not in (None, old), 60)
        found = time.monotonic() - began
        self.c.ready(WORKER)
        self.tell("zombie", found=found, ready=time.monotonic() - began,
                  why=[l["reason"] for l in worker.said("clear")][-1])

    def redis_outage(self):
        if not self.c.options.redis:
            return
        for seconds in (5, 30):
            gcs = self.c.head.find("gcs_server")
            self.c.redis.terminate()
            self.c.redis.wait()
            began = time.monotonic()
            until("told", lambda: get(HEAD, "/readyz")[0] == 503 or time.monotonic() - began > seconds, 60)
            status, text = get(HEAD, "/readyz")
            time.sleep(max(0.0, seconds - (time.monotonic() - began)))
            self.c.start_redis()
            back = time.monotonic()
            until("connected", lambda: self.c.metric(HEAD, "raykeep_node_storage_connected") == 1.0, 30)
            took = time.monotonic() - back
            self.c.ready(HEAD)
            assert self.c.head.find("gcs_server") == gcs, "the GCS noticed"
            self.count()
            self.tell(f"redis away {seconds} s", told=text.strip(), reconnected=took, same_gcs=True)

    def cost(self):
        """What 1,000 probes cost the agent, beside 50 of KubeRay's scaled up: bash and wget, and what Ray's own HTTP
        servers spend on them. What the kubelet and the runtime spend on an exec comes on top."""
        pid = self.c.head.pid

        def cpu(of):
            fields = open(f"/proc/{of}/stat").read().rpartition(") ")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        idle = cpu(pid)
        began = time.monotonic()
        time.sleep(20)
        idle = (cpu(pid) - idle) / (time.monotonic() - began)
        before, began = cpu(pid), time.monotonic()
        for _ in range(1000):
            connection = http.client.HTTPConnection(HEAD, PORT, timeout=2)
            connection.request("GET", "/readyz")
            connection.getresponse().read()
            connection.close()
        took = time.monotonic() - began
        ours = cpu(pid) - before - idle * took
        watched = {p for p, a in processes().items() if "DashboardA" in a[0] or "dashboard.py" in " ".join(a[:3])}
        asked = lambda: sum(cpu(p) for p in watched)
        probe = (f"wget --tries 1 -T 2 -q -O- http://{HEAD}:52365/api/local_raylet_healthz | grep success && "
                 "wget --tries 1 -T 5 -q -O- http://127.0.0.1:8265/api/gcs_healthz | grep success")
        before, began = asked(), time.monotonic()
        time.sleep(20)
        idle_asked = (asked() - before) / (time.monotonic() - began)
        before, before_children, began = asked(), sum(os.times()[2:4]), time.monotonic()
        for _ in range(50):
            assert subprocess.run(["bash", "-c", probe], capture_output=True).returncode == 0
        took = time.monotonic() - began
        theirs = 20 * (sum(os.times()[2:4]) - before_children + max(0.0, asked() - before - idle_asked * took))
        rss = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024
        rss_worker = int(re.search(r"VmRSS:\s+(\d+)",
                                   open(f"/proc/{self.c.worker.pid}/status").read()).group(1)) / 1024
        self.tell("cost", cpu_s_for_1000_probes=ours, cpu_s_for_1000_exec_wget_probes=theirs, ratio=theirs / max(ours, 1e-9),
                  idle_cpu_percent=idle * 100, rss_mib_head=rss, rss_mib_worker=rss_worker)

    def drain(self):
        worker = self.c.worker
        began = time.monotonic()
        code = worker.stop()
        took = time.monotonic() - began
        said = worker.said("drain_answer")
        # The raylet that was killed before counts until the GCS gives it up, 16 s with Ray 2.41.
        until = time.monotonic() + 60
        while (listed := self.c.drive("print(sum(n['Alive'] for n in ray.nodes()))")) != "1" and time.monotonic() < until:
            time.sleep(1)
        self.tell("drain worker", took=took, code=code,
                  accepted=said[-1]["accepted"] if said else None, alive_after=listed)
        assert code == 0 and listed == "1"

    def lost_network(self):
        """The node's address goes, as when its network breaks. Only if named: nothing goes on after it but the end."""
        if "lost_network" in self.c.options.only:
            subprocess.run(["ip", "link", "delete", "head"], check=True)
            time.sleep(20)

    def stop(self):
        began = time.monotonic()
        code = self.c.head.stop()
        self.tell("stop head", took=time.monotonic() - began, code=code)
        assert code == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("ray")
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--plain-redis", action="store_true", help="Redis without the road")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--keep", help="copy logs there")
    options = parser.parse_args()
    in_namespaces()
    drills = Drills(Cluster(options))
    names = ["kills", "hang", "deaf", "dashboard", "helpers", "redis_outage", "cost", "zombie", "worker_raylet",
             "head_raylet", "drain", "lost_network", "stop"]
    failed = []
    try:
        drills.begin()
        for name in names:
            if options.only and name not in options.only:
                continue
            try:
                getattr(drills, name)()
            except (AssertionError, subprocess.TimeoutExpired) as problem:
                failed.append(name)
                print(f"{name}: FAILED: {problem}", flush=True)
    finally:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            for log in drills.c.work.glob("*.log"):
                shutil.copy(log, options.keep)
            for session in glob.glob(f"/proc/{drills.c.head.pid}/root/tmp/ray/session_2*"):
                shutil.copytree(session + "/logs", f"{options.keep}/{os.path.basename(session)}", dirs_exist_ok=True,
                                ignore_dangling_symlinks=True)
        shutil.rmtree(drills.c.work)
    print(json.dumps(drills.results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
