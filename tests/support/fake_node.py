"""The agent with processes that look like Ray's (tests/node/fake_ray.cc) instead of Ray: for its tests and its benchmark."""
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
import urllib.error
import urllib.request

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
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(") ")[2].split()
        return fields[0], int(fields[1])
    except OSError:
        return None


class Agent:
    """The agent with a fake Ray. Use as a context: whatever happens, nothing is left running."""

    def __init__(self, raykeep, fake, role="head", storage="redis", gcs=True, dashboard=True, options=(), command=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="raykeep-agent-"))
        self.port, self.gcs_port, self.raylet_port, self.dashboard_port = free_ports(4)
        for name in ("gcs_server", "raylet"):
            shutil.copy(fake, self.dir / name)
        script = self.dir / "ray/dashboard/dashboard.py"
        script.parent.mkdir(parents=True)
        script.write_text(DASHBOARD)
        lines = [f"echo started >> {self.dir}/starts"]
        if gcs:
            redis = f"--redis_address=127.0.0.1 --redis_password={SECRET}" if storage == "redis" else ""
            lines.append(f"{self.gcs_command(redis)} >>{self.dir}/gcs.out 2>&1 &")
        lines.append(f"{self.dir}/raylet --dir={self.dir} --node_manager_port={self.raylet_port} --node_id={'ab' * 28} &")
        # As `ray start`: it does not end before the raylet runs.
        lines.append('until readlink /proc/$!/exe | grep -q "/raylet$"; do sleep 0.01; done')
        if dashboard:
            lines.append(f"/usr/bin/python3 {script} --port={self.dashboard_port} &")
        self.command = command or "\n".join(lines)
        self.arguments = [str(raykeep), "node", f"--role={role}", f"--port={self.port}", "--ray-version=2.60.0",
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
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)  # or it would start anew what is killed here
        for pid in [*self.below(), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.log.close()
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
                argv = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
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
