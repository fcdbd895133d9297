"""The lab as tests use it: the tenant's desk, kubectl, raykeep, and Python inside Ray pods."""
import json
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RAYKEEP = os.environ.get("RAYKEEP", str(ROOT / "build/release/src/cli/raykeep"))
NAME = os.environ.get("RAYKEEP_LAB", "default")


class Done(subprocess.CompletedProcess):
    """A finished command; str() is its output, for assertions."""

    def __str__(self):
        return f"$ {' '.join(map(str, self.args))}\n(exit {self.returncode})\n{self.stdout}{self.stderr}"


def run(*command, stdin=None, timeout=300, check=True) -> Done:
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, timeout=timeout)
    done = Done(done.args, done.returncode, done.stdout, done.stderr)
    assert not check or done.returncode == 0, str(done)
    return done


class Lab:
    def __init__(self, name=NAME):
        self.name = name

    def tool(self, tool, *args, **more) -> Done:
        return run(ROOT / "lab" / tool, "--name", self.name, *args, **more)

    def up(self, *args):
        self.tool("up", *args, timeout=3600)

    def load_images(self):
        """Gives both nodes the images that a plan names: Ray's, and Raykeep's own made from the program under test."""
        version = run(RAYKEEP, "version", "-o", "json").stdout
        archive = pathlib.Path(RAYKEEP).with_name("raykeep-image.tar")
        run(ROOT / "packaging/image", RAYKEEP, f"raykeep:{json.loads(version)['clientVersion']['version']}", archive)
        self.tool("load", archive, part("ray") / "ray.tar", timeout=900)

    def told(self, key) -> str:
        """What `lab/status` says of something: its "audit-log", "folder", ..."""
        lines = self.tool("status").stdout.splitlines()
        return next(line.split(": ", 1)[1] for line in lines if line.startswith(f"{key}: "))

    def daemon(self, name) -> int:
        """The process id of one of the lab's daemons: apiserver, etcd, kubelet-n1, ..."""
        return json.loads((pathlib.Path(self.told("folder")) / f"run/daemons/{name}.json").read_text())["pid"]

    def desk(self, *command, identity="tenant", **more) -> Done:
        """Runs a command at the desk, as the tenant."""
        return self.tool("exec", "--as", identity, *command, **more)

    def kubectl(self, *args, **more) -> Done:
        """kubectl as the tenant."""
        return self.desk("kubectl", *args, **more)

    def admin(self, *args, **more) -> Done:
        return self.desk("kubectl", *args, identity="admin", **more)

    def raykeep(self, *args, **more) -> Done:
        """raykeep as the tenant."""
        return self.desk(RAYKEEP, *args, **more)

    def get(self, *args, **more):
        return json.loads(self.kubectl("get", *args, "-o", "json", **more).stdout)

    def pods(self, cluster, role=None) -> list:
        selector = f"ray.io/cluster={cluster}" + (f",ray.io/node-type={role}" if role else "")
        return self.get("pods", "-l", selector)["items"]

    def pod(self, cluster, role) -> str:
        """The name of the one running pod of a role."""
        names = [p["metadata"]["name"] for p in self.pods(cluster, role) if not p["metadata"].get("deletionTimestamp")]
        assert len(names) == 1, names
        return names[0]

    def python(self, pod, program, *args, namespace="ray", check=True, timeout=300) -> Done:
        """Runs a Python program in a pod's first container."""
        identity = "tenant" if namespace == "ray" else "admin"
        return self.desk("kubectl", "-n", namespace, "exec", "-i", pod, "--", "python3", "-", *args, stdin=program,
                         identity=identity, check=check, timeout=timeout)

    def alive_nodes(self, head) -> int:
        """How many Ray nodes the cluster's GCS says are alive; 0 while it does not answer."""
        program = "import ray; ray.init(logging_level='ERROR'); print('alive', sum(n['Alive'] for n in ray.nodes()))"
        said = self.python(head, program, check=False).stdout
        return int(said.split("alive ")[1].split()[0]) if "alive " in said else 0


def until(what, condition, patience=120, every=0.5):
    """Waits for a condition on the state of the world; its last value is the answer. A look at the lab costs a third of a second of one
    core, so what takes long is looked at less often."""
    began = time.monotonic()
    ends = began + patience
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < ends, f"after {patience} s still not: {what}"
        time.sleep(every if time.monotonic() < began + 20 else max(every, 2))


def part(name) -> pathlib.Path:
    """The folder of a part in the lab's cache, building it if it is not there."""
    return pathlib.Path(run(ROOT / "lab/parts/build", name, timeout=3600).stdout.split()[-1])
