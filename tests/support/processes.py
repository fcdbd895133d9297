"""Processes and packets of the lab's pods, seen and touched from outside: a container cannot kill its process 1."""
import contextlib
import os
import pathlib
import signal
import subprocess

from lab import until


class Process:
    """A process of a pod, as the machine sees it."""

    def __init__(self, lab, pod, name):
        self.lab, self.uid, self.name = lab, lab.get("pod", pod)["metadata"]["uid"], name

    def pids(self) -> list:
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                cgroups = (folder / "cgroup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            named = any(pathlib.PurePath(os.fsdecode(word)).name == self.name for word in words[:4])
            if named and (self.uid in cgroups or self.uid.replace("-", "_") in cgroups):
                found.append(int(folder.name))
        return sorted(found)

    def pid(self) -> int:
        return until(f"{self.name} runs", self.pids)[0]

    def signal(self, which) -> int:
        pid = self.pid()
        os.kill(pid, which)
        return pid


@contextlib.contextmanager
def cut(lab, pod, *addresses):
    """While it lasts, no packet passes between the pod and the addresses, without a word to either."""
    inside = ["nsenter", "-t", str(Process(lab, pod, "raykeep").pid()), "-n", "nft"]
    others = ", ".join(addresses)
    subprocess.run([*inside, "-f", "-"], check=True, text=True, input=f"""table ip cut {{
        chain out {{
            type filter hook output priority 0
            ip daddr {{ {others} }} drop
        }}
        chain in {{
            type filter hook input priority 0
            ip saddr {{ {others} }} drop
        }}
    }}""")
    try:
        yield
    finally:
        subprocess.run([*inside, "delete", "table", "ip", "cut"], check=True)


class Node:
    """One of the lab's nodes, which can be frozen: its pods and its daemons stand still, as on a machine that hangs. Nobody is told."""

    def __init__(self, lab, name):
        self.daemons = [lab.daemon(f"{daemon}-{name}") for daemon in ("kubelet", "containerd", "cilium")]
        lines = pathlib.Path(f"/proc/{self.daemons[0]}/cgroup").read_text().splitlines()
        mine = next(line.split(":")[2] for line in lines if ":freezer:" in line)
        self.freezer = pathlib.Path("/sys/fs/cgroup/freezer") / mine.strip("/").split("/")[0] / name / "freezer.state"

    def freeze(self):
        for pid in self.daemons:
            os.kill(pid, signal.SIGSTOP)
        self.freezer.write_text("FROZEN")

    def thaw_pods(self):
        """Its pods go on where they stood, and nobody tells them what happened meanwhile."""
        self.freezer.write_text("THAWED")

    def thaw(self):
        self.thaw_pods()
        for pid in self.daemons:
            os.kill(pid, signal.SIGCONT)
