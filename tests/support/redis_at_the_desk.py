"""A Redis outside the cluster, as a site's own would be: at the lab's desk, over TLS, with a user of least rights.

It is a real redis-server, which tests stop, start, freeze and empty; one of a pair, with Sentinels, where that is wanted.
"""
import pathlib
import signal
import subprocess
import tempfile

from lab import ROOT, run, until

ADDRESS, PORT, PASSWORD = "10.240.0.100", 6380, "a-password-that-stands-nowhere-else-7261"


class Server:
    """A redis-server or redis-sentinel with a certificate of the lab's authority, or of `authority` (key and certificate)."""

    def __init__(self, lab, port, program="redis-server", days=2, authority=None):
        self.lab, self.port, self.program, self.process = lab, port, program, None
        self._folder = tempfile.TemporaryDirectory(prefix="desk-redis-")
        self.folder = pathlib.Path(self._folder.name)
        self.folder.chmod(0o700)
        pki = pathlib.Path(lab.told("tenant-kubeconfig")).parent
        self.ca = (pki / "ca.crt").read_text()
        key, certificate = authority or (pki / "ca.key", pki / "ca.crt")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "key", "-out", self.folder / "csr",
            "-subj", "/CN=redis")
        (self.folder / "extensions").write_text(f"subjectAltName=IP:{ADDRESS}\n")
        run("openssl", "x509", "-req", "-in", self.folder / "csr", "-CA", certificate, "-CAkey", key,
            "-out", self.folder / "crt", "-days", days, "-set_serial", "77", "-extfile", self.folder / "extensions")
        self.configure(
            f"bind {ADDRESS}\nport 0\ntls-port {port}\ntls-cert-file {self.folder}/crt\ntls-key-file {self.folder}/key\n"
            f"tls-ca-cert-file {pki}/ca.crt\ntls-auth-clients no\ntls-replication yes\nunixsocket {self.folder}/socket\n"
            f"dir {self.folder}\nprotected-mode no\n")

    def configure(self, text):
        with (self.folder / "conf").open("a") as conf:
            conf.write(text)

    def start(self):
        self.process = subprocess.Popen(
            [ROOT / "lab/exec", "--name", self.lab.name, "--as", "admin", self.program, self.folder / "conf"],
            stdout=(self.folder / "log").open("a"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        until(f"{self.program} answers", lambda: self.ask("PING", check=False).stdout.strip() == "PONG", patience=20, every=0.1)

    def ask(self, *words, check=True):
        """redis-cli as the administrator, over the Unix socket."""
        return run("redis-cli", "-s", self.folder / "socket", *words, check=check, timeout=20)

    def pid(self) -> int:
        """The server's own; `lab/exec` may stand between."""
        return int(self.ask("INFO", "server").stdout.split("process_id:")[1].split()[0])

    def kill(self):
        pid = self.pid()
        subprocess.run(["kill", "-9", str(pid)], check=True)
        self.process.wait(timeout=20)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self._folder.cleanup()


class Redis(Server):
    def __init__(self, lab, acl: str, port=PORT, replica_of=None, settings="", **more):
        """`acl`: a line of `raykeep site redis-acl`, to which the password is added."""
        super().__init__(lab, port, **more)
        (self.folder / "acl").write_text(f"{acl} >{PASSWORD}\nuser default off ~* &* +@all\nuser admin on >administrator ~* &* +@all\n")
        self.configure(f"aclfile {self.folder}/acl\nappendonly yes\nappendfsync always\nsave \"\"\n"
                       f"masteruser admin\nmasterauth administrator\n{settings}")
        if replica_of:
            self.configure(f"replicaof {ADDRESS} {replica_of}\n")

    def freeze(self):
        self._frozen = self.pid()
        subprocess.run(["kill", f"-{signal.SIGSTOP.value}", str(self._frozen)], check=True)

    def thaw(self):
        subprocess.run(["kill", f"-{signal.SIGCONT.value}", str(self._frozen)], check=True)

    def ask(self, *words, check=True):
        return super().ask("--user", "admin", "--pass", "administrator", "--no-auth-warning", *words, check=check)

    def keys(self) -> list:
        return self.ask("--scan").stdout.split()


class Sentinel(Server):
    """One that watches the master at `watched`, and with one more like it decides that it is down."""

    def __init__(self, lab, port, watched, name):
        super().__init__(lab, port, program="redis-sentinel")
        self.name = name
        self.configure(f"sentinel monitor {name} {ADDRESS} {watched} 2\nsentinel auth-user {name} admin\n"
                       f"sentinel auth-pass {name} administrator\nsentinel down-after-milliseconds {name} 3000\n"
                       f"sentinel failover-timeout {name} 20000\n")

    def master(self) -> int:
        """The port of the master, as it knows it."""
        return int(self.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name).stdout.split()[1])

    def agrees(self) -> bool:
        return self.ask("SENTINEL", "CKQUORUM", self.name, check=False).stdout.startswith("OK 3 ")
