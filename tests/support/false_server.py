"""Servers that are not as they should be, on a port of a Ray pod: put there from outside, into the pod's network."""
import contextlib
import pathlib
import subprocess
import tempfile

from lab import run, until
from processes import Process


class Authority:
    """The namespace's own, with the key that its Secret holds; or another."""

    def __init__(self, folder, certificate=None, key=None):
        self.folder = pathlib.Path(folder)
        self.crt, self.key = self.folder / "ca.crt", self.folder / "ca.key"
        if certificate:
            self.crt.write_bytes(certificate)
            self.key.write_bytes(key)
        else:
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                "-keyout", self.key, "-out", self.crt, "-subj", "/CN=raykeep-ca")
        self.count = 0

    def sign(self, *names, days=30, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")) -> list:
        """The words for openssl s_server to be "IP:10.0.0.1"."""
        self.count += 1
        made = self.folder / str(self.count)
        run("openssl", "req", "-newkey", *key, "-nodes", "-keyout", f"{made}.key", "-out", f"{made}.csr", "-subj", "/CN=false")
        pathlib.Path(f"{made}.ext").write_text(f"subjectAltName={','.join(names)}\n")
        run("openssl", "x509", "-req", "-in", f"{made}.csr", "-CA", self.crt, "-CAkey", self.key, "-out", f"{made}.crt",
            "-days", days, "-set_serial", self.count, "-extfile", f"{made}.ext")
        return ["-cert", f"{made}.crt", "-key", f"{made}.key"]

    def demanded(self) -> list:
        """Clients must show a certificate of this authority."""
        return ["-CAfile", self.crt, "-Verify", "2", "-verify_return_error"]


@contextlib.contextmanager
def authorities():
    with tempfile.TemporaryDirectory(prefix="false-server-") as folder:
        yield pathlib.Path(folder)


def network_of(lab, pod) -> list:
    """The words before a command that is to run in the pod's network."""
    return ["nsenter", "-t", str(Process(lab, pod, "raylet").pid()), "-n"]


def free_port(lab, pod, ports) -> int:
    """The last of those on which nobody listens, as none of Ray's processes there does."""
    taken = run(*network_of(lab, pod), "ss", "-Htln").stdout
    return max(port for port in ports if f":{port} " not in taken)


@contextlib.contextmanager
def false_server(lab, pod, port, *words):
    """While it lasts, that command (or openssl s_server with those words) answers on a port of the pod."""
    inside = network_of(lab, pod)
    command = [str(word).replace("PORT", str(port)) for word in words]
    if command[0].startswith("-"):
        command = ["openssl", "s_server", "-accept", str(port), "-quiet", *command]
    # What it reads it sends to whom it lets in.
    talk = subprocess.Popen(["yes", "let in"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    server = subprocess.Popen([*inside, *command], stdin=talk.stdout, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    talk.stdout.close()
    try:
        until("it listens", lambda: f":{port} " in run(*inside, "ss", "-Htln").stdout, patience=10, every=0.1)
        yield
        assert server.poll() is None, "it ended before it was tried"
    finally:
        for process in (server, talk):
            process.kill()
            process.wait()
