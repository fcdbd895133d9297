#!/usr/bin/python3
"""raykeep node as a process, with processes that look like Ray's (fake_ray.cc) instead of Ray.

test_agent.py RAYKEEP FAKE_RAY [unittest options]
"""
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

RAYKEEP, FAKE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
SECRET = "a-password-in-argv-and-environment"

DASHBOARD = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"success")
    def log_message(self, *a): pass
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1].partition("=")[2])), Handler).serve_forever()
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def until(what, condition, patience=30.0):
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() - began > patience:
            raise AssertionError(f"{what}: not within {patience} s")
        time.sleep(0.01)


def stat_of(pid):
    try:
        fields = open(f"/proc/{pid}/stat").read().rpartition(") ")[2].split()
        return fields[0], int(fields[1])
    except OSError:
        return None


class Agent:
    """The agent with a fake Ray. Use as a context: whatever happens, nothing is left running."""

    def __init__(self, role="head", storage="redis", gcs=True, dashboard=True, options=(), command=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="raykeep-agent-"))
        self.port, self.gcs_port, self.raylet_port, self.dashboard_port = free_ports(4)
        for name in ("gcs_server", "raylet"):
            shutil.copy(FAKE, self.dir / name)
        script = self.dir / "ray/dashboard/dashboard.py"
        script.parent.mkdir(parents=True)
        script.write_text(DASHBOARD)
        lines = [f"echo started >> {self.dir}/starts"]
        if gcs:
            redis = f"--redis_address=127.0.0.1 --redis_password={SECRET}" if storage == "redis" else ""
            lines.append(f"{self.gcs_command(redis)} >>{self.dir}/gcs.out 2>&1 &")
        lines.append(f"{self.dir}/raylet --dir={self.dir} --node_manager_port={self.raylet_port} --node_id=abcd &")
        # As `ray start`: it does not end before the raylet runs.
        lines.append('until readlink /proc/$!/exe | grep -q "/raylet$"; do sleep 0.01; done')
        if dashboard:
            lines.append(f"/usr/bin/python3 {script} --port={self.dashboard_port} &")
        self.command = command or "\n".join(lines)
        self.arguments = [str(RAYKEEP), "node", f"--role={role}", f"--port={self.port}", "--ray-version=2.60.0",
                          f"--gcs=127.0.0.1:{self.gcs_port}", f"--node-manager-port={self.raylet_port}", *options]
        if dashboard:
            self.arguments.append(f"--dashboard-port={self.dashboard_port}")

    def gcs_command(self, more=""):
        return f"{self.dir}/gcs_server --dir={self.dir} --gcs_server_port={self.gcs_port} {more}"

    def __enter__(self):
        environment = dict(os.environ, MY_SECRET=SECRET, RAYKEEP_POD_IP="127.0.0.1")
        self.log = open(self.dir / "log", "wb")
        self.process = subprocess.Popen([*self.arguments, "--", "/bin/sh", "-c", self.command], env=environment,
                                        stdout=self.log, stderr=self.log, cwd=self.dir)
        return self

    def __exit__(self, failed, *_):
        for pid in [*self.below(), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        if failed:
            sys.stderr.write(self.text())
        shutil.rmtree(self.dir)

    def below(self):
        parents = {int(f[6:]): stat_of(int(f[6:])) for f in glob.glob("/proc/[0-9]*")}
        mine, more = {self.process.pid}, True
        while more:
            more = {p for p, s in parents.items() if s and s[1] in mine} - mine
            mine |= more
        return sorted(mine - {self.process.pid})

    def find(self, what):
        for pid in self.below():
            try:
                argv = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            except OSError:
                continue
            state = stat_of(pid)
            if state and state[0] != "Z" and any(a.endswith(b"/" + what.encode()) for a in argv[:2]):
                return pid
        return None

    def another(self, what, than):
        return until(f"another {what}", lambda: (p := self.find(what)) and p != than and p)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode().strip()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode().strip()
        except OSError:
            return 0, ""

    def ready(self):
        return until("ready", lambda: self.get("/readyz")[0] == 200)

    def metric(self, name):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        return None

    def text(self):
        return (self.dir / "log").read_text(errors="replace")

    def said(self, event):
        lines = [json.loads(line) for line in self.text().splitlines() if line.startswith('{"time"')]
        return [line for line in lines if line["event"] == event]

    def starts(self):
        return (self.dir / "starts").read_text().count("started")

    def stop(self, times=1):
        for _ in range(times):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Head(unittest.TestCase):
    def test_a_killed_gcs_is_back_alone_twenty_times_in_a_row(self):
        with Agent() as agent:
            agent.ready()
            raylet, dashboard = agent.find("raylet"), agent.find("dashboard.py")
            worst = 0.0
            for i in range(20):
                gcs = agent.find("gcs_server")
                began = time.monotonic()
                os.kill(gcs, signal.SIGKILL)
                until("recovered", lambda: len(agent.said("recovered")) == i + 1)
                worst = max(worst, time.monotonic() - began)
                agent.ready()
                self.assertEqual((agent.find("raylet"), agent.find("dashboard.py")), (raylet, dashboard))
            print(f"20 kills: from kill to serving at most {worst:.3f} s", file=sys.stderr)
            self.assertEqual(agent.starts(), 1)
            self.assertEqual(agent.metric('raykeep_node_process_restarts_total{process="gcs_server"}'), 20)
            # Its output still goes to the file that the command gave it.
            self.assertEqual(os.readlink(f"/proc/{agent.find('gcs_server')}/fd/1"), f"{agent.dir}/gcs.out")

    def test_a_stopped_gcs_is_found_and_replaced(self):
        with Agent() as agent:
            agent.ready()
            gcs, raylet = agent.find("gcs_server"), agent.find("raylet")
            os.kill(gcs, signal.SIGSTOP)
            agent.another("gcs_server", gcs)
            agent.ready()
            self.assertEqual(agent.find("raylet"), raylet)
            self.assertIn("stopped by a signal", agent.said("kill_daemon")[0]["reason"])

    def test_a_gcs_whose_event_loop_stands_still_is_found(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            (agent.dir / "stuck").touch()
            until("killed", lambda: agent.said("kill_daemon"), 60)
            (agent.dir / "stuck").unlink()
            agent.another("gcs_server", gcs)
            agent.ready()
            self.assertIn("no answer for", agent.said("kill_daemon")[0]["reason"])

    def test_liveness_stays_while_readiness_is_honest(self):
        with Agent() as agent:
            self.assertEqual(until("livez", lambda: agent.get("/livez")[0]), 200)
            agent.ready()
            (agent.dir / "broken").touch()
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("unready", lambda: agent.get("/readyz") == (503, "the GCS is being restarted"))
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertEqual(agent.metric("raykeep_node_ready"), 0)
            (agent.dir / "broken").unlink()
            agent.ready()
            self.assertEqual(agent.starts(), 1)
            self.assertEqual(agent.get("/nothing")[0], 404)
            self.assertEqual(json.loads(agent.get("/status")[1])["processes"]["gcs_server"]["up"], True)

    def test_a_gcs_that_does_not_come_back_takes_all_of_ray_with_it(self):
        with Agent() as agent:
            agent.ready()
            raylet = agent.find("raylet")
            (agent.dir / "broken").touch()
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("given up", lambda: agent.said("clear"), 60)
            (agent.dir / "broken").unlink()
            agent.ready()
            self.assertNotEqual(agent.find("raylet"), raylet)
            self.assertEqual(agent.metric('raykeep_node_process_restarts_total{process="gcs_server"}'), 5)

    def test_a_gcs_without_a_store_takes_all_of_ray_with_it_at_once(self):
        with Agent(storage="memory") as agent:
            agent.ready()
            raylet = agent.find("raylet")
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            agent.another("raylet", raylet)
            agent.ready()
            self.assertEqual(agent.starts(), 2)
            self.assertIn("its tables went with it", agent.said("clear")[0]["reason"])

    def test_a_killed_or_stopped_dashboard_is_replaced_alone(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            for sign in (signal.SIGKILL, signal.SIGSTOP):
                old = agent.find("dashboard.py")
                os.kill(old, sign)
                agent.another("dashboard.py", old)
                agent.ready()
            self.assertEqual(agent.find("gcs_server"), gcs)

    def test_a_killed_raylet_restarts_all_in_place(self):
        with Agent() as agent:
            agent.ready()
            gcs, raylet = agent.find("gcs_server"), agent.find("raylet")
            os.kill(raylet, signal.SIGKILL)
            agent.another("raylet", raylet)
            agent.ready()
            self.assertNotEqual(agent.find("gcs_server"), gcs)
            self.assertIsNone(agent.process.poll())

    def test_secrets_of_rays_processes_are_told_nowhere(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            os.kill(gcs, signal.SIGKILL)
            new = agent.another("gcs_server", gcs)
            agent.ready()
            self.assertIn(SECRET, open(f"/proc/{new}/cmdline").read(), "it has its arguments")
            self.assertIn(SECRET, open(f"/proc/{new}/environ").read(), "and its environment")
            self.assertEqual(agent.stop(), 0)
            for told in (agent.text(),):
                self.assertNotIn(SECRET, told)

    def test_sigterm_ends_all_in_order_and_leaves_nothing(self):
        with Agent() as agent:
            agent.ready()
            pids = agent.below()
            began = time.monotonic()
            self.assertEqual(agent.stop(), 0)
            print(f"a head stops in {time.monotonic() - began:.2f} s", file=sys.stderr)
            self.assertEqual([p for p in pids if stat_of(p)], [])
            events = [json.loads(l)["event"] for l in agent.text().splitlines() if l.startswith('{"time"')]
            order = [e for e in events if e in ("terminate", "terminate_gcs", "end")]
            self.assertEqual(order, ["terminate", "terminate_gcs", "end"])

    def test_orphans_are_reaped(self):
        with Agent() as agent:
            agent.ready()
            before = agent.metric("raykeep_node_reaped_total")
            orphan = subprocess.run(["sh", "-c", "true"], check=True)
            self.assertEqual(orphan.returncode, 0)
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("reaped", lambda: agent.metric("raykeep_node_reaped_total") > before)
            zombies = [p for p in agent.below() if (stat_of(p) or "?")[0] == "Z"]
            self.assertEqual(zombies, [])


class Worker(unittest.TestCase):
    def gcs(self, agent):
        return subprocess.Popen(agent.gcs_command().split())

    def test_waits_for_its_head_and_serves_on_without_it(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            until("waits", lambda: agent.get("/readyz")[1].startswith("waits for the GCS"))
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertFalse((agent.dir / "starts").exists())
            gcs = self.gcs(agent)
            agent.ready()
            gcs.kill()
            gcs.wait()
            began = time.monotonic()
            until("GCS missed", lambda: agent.metric('raykeep_node_probes_not_good_total{probe="gcs_alive"}') or 0)
            self.assertEqual(agent.get("/readyz")[0], 200)
            self.assertLess(time.monotonic() - began, 15)
            self.assertEqual(agent.stop(), 0)

    def test_drains_on_sigterm(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            gcs = self.gcs(agent)
            agent.ready()
            agent.process.send_signal(signal.SIGTERM)
            self.assertEqual(agent.process.wait(30), 0)
            self.assertEqual((agent.dir / "drained").read_text(), "2 told to stop\n")
            self.assertIn("the raylet has left", agent.said("end")[0]["reason"])
            gcs.kill()
            gcs.wait()

    def test_a_zombie_restarts_itself(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            gcs = self.gcs(agent)
            agent.ready()
            raylet = agent.find("raylet")
            (agent.dir / "dead").touch()
            agent.another("raylet", raylet)
            (agent.dir / "dead").unlink()
            agent.ready()
            self.assertIn("takes this node for dead", agent.said("clear")[0]["reason"])
            gcs.kill()
            gcs.wait()

    def test_a_stopped_raylet_is_found(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            gcs = self.gcs(agent)
            agent.ready()
            raylet = agent.find("raylet")
            os.kill(raylet, signal.SIGSTOP)
            agent.another("raylet", raylet)
            agent.ready()
            gcs.kill()
            gcs.wait()


class Start(unittest.TestCase):
    def test_a_command_that_fails_is_tried_again(self):
        with Agent(options=("--drain=1s",), command="exit 3") as agent:
            until("three tries", lambda: len(agent.said("start_ray")) == 3)
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertEqual(agent.get("/readyz")[0], 503)
            self.assertEqual(agent.said("command_ended")[0]["code"], 3)
            self.assertEqual(agent.stop(), 0)

    def test_a_command_that_is_not_there_is_told(self):
        with Agent() as agent:
            agent.stop()
        done = subprocess.run([str(RAYKEEP), "node", "--gcs=a:1"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the command that starts Ray is missing; it follows after --", done.stderr)

    def test_the_program_installs_itself_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            old = os.umask(0o077)
            try:
                for _ in range(2):
                    subprocess.run([str(RAYKEEP), "node", "--install", folder], check=True)
            finally:
                os.umask(old)
            self.assertEqual(os.listdir(folder), ["raykeep"])
            copy = pathlib.Path(folder) / "raykeep"
            self.assertEqual(copy.read_bytes(), RAYKEEP.read_bytes())
            self.assertEqual(copy.stat().st_mode & 0o777, 0o755)
            self.assertEqual(subprocess.run([copy, "version"], capture_output=True).returncode, 0)
        done = subprocess.run([str(RAYKEEP), "node", "--install", "/nowhere"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "error: install /nowhere/raykeep: No such file or directory\n"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
