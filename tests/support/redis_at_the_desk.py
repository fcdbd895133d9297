"""A Redis outside the cluster, as a site's own would be: at the lab's desk, over TLS, with a user of least rights.

It is a real redis-server, which tests stop, start, freeze and empty.
"""
import pathlib
import signal
import subprocess
import tempfile

from lab import ROOT, run, until

ADDRESS, PORT, PASSWORD = "10.240.0.100", 6380, "a-password-that-stands-nowhere-else-7261"


class Redis:
    def __init__(self, lab, acl: str):
        """`acl`: a line of `raykeep site redis-acl`, to which the password is added."""
        self.lab, self.process = lab, None
        self._folder = tempfile.TemporaryDirectory(prefix="desk-redis-")
        self.folder = pathlib.Path(self._folder.name)
        self.folder.chmod(0o700)
        pki = pathlib.Path(lab.told("tenant-kubeconfig")).parent
        self.ca = (pki / "ca.crt").read_text()
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "key", "-out", self.folder / "csr",
            "-subj", "/CN=redis")
        (self.folder / "extensions").write_text(f"subjectAltName=IP:{ADDRESS}\n")
        run("openssl", "x509", "-req", "-in", self.folder / "csr", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key",
            "-out", self.folder / "crt", "-days", "2", "-set_serial", "77", "-extfile", self.folder / "extensions")
        (self.folder / "acl").write_text(f"{acl} >{PASSWORD}\nuser default off ~* &* +@all\nuser admin on >administrator ~* &* +@all\n")
        (self.folder / "conf").write_text(
            f"bind {ADDRESS}\nport 0\ntls-port {PORT}\ntls-cert-file {self.folder}/crt\ntls-key-file {self.folder}/key\n"
            f"tls-ca-cert-file {pki}/ca.crt\ntls-auth-clients no\naclfile {self.folder}/acl\nunixsocket {self.folder}/socket\n"
            f"dir {self.folder}\nappendonly yes\nappendfsync always\nsave \"\"\n")

    def start(self):
        self.process = subprocess.Popen(
            [ROOT / "lab/exec", "--name", self.lab.name, "--as", "admin", "redis-server", self.folder / "conf"],
            stdout=(self.folder / "log").open("a"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        until("Redis answers", lambda: self.ask("PING", check=False).stdout.strip() == "PONG", patience=20, every=0.1)

    def pid(self) -> int:
        """The server's own; `lab/exec` may stand between."""
        return int(self.ask("INFO", "server").stdout.split("process_id:")[1].split()[0])

    def kill(self):
        pid = self.pid()
        subprocess.run(["kill", "-9", str(pid)], check=True)
        self.process.wait(timeout=20)

    def freeze(self):
        self._frozen = self.pid()
        subprocess.run(["kill", f"-{signal.SIGSTOP.value}", str(self._frozen)], check=True)

    def thaw(self):
        subprocess.run(["kill", f"-{signal.SIGCONT.value}", str(self._frozen)], check=True)

    def ask(self, *words, check=True):
        """redis-cli as the administrator, over the Unix socket."""
        return run("redis-cli", "-s", self.folder / "socket", "--user", "admin", "--pass", "administrator", "--no-auth-warning", *words,
                   check=check, timeout=20)

    def keys(self) -> list:
        return self.ask("--scan").stdout.split()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self._folder.cleanup()
