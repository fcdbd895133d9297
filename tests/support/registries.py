"""Real registries on the loopback (Debian's docker-registry, or the program $RAYKEEP_REGISTRY), images made of nothing, and a road to a
registry that can be bad."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import random
import socket
import subprocess
import tempfile
import threading
import time
import warnings

USER, PASSWORD = "carrier", "a-password-that-stands-nowhere-else-5180"
PROGRAM = os.environ.get("RAYKEEP_REGISTRY", "docker-registry")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def run(*command, check=True, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=300, **more)
    assert not check or done.returncode == 0, f"$ {command}\n(exit {done.returncode})\n{done.stdout}{done.stderr}"
    return done


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


class Registry:
    """docker-registry in a folder; with `guarded` it has TLS and asks for a login. `inside`: the words before its command, as to start it in
    another network."""

    def __init__(self, folder: pathlib.Path, guarded=False, address="127.0.0.1", port=None, inside=()):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.guarded, self.port, self.address, self.inside = folder, guarded, port or free_port(), address, inside
        self.host = f"{address}:{self.port}"
        more = ""
        if guarded:
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
                folder / "key", "-out", folder / "crt", "-subj", "/CN=registry", "-addext", f"subjectAltName=IP:{address}")
            with warnings.catch_warnings(action="ignore"):
                import crypt  # the registry takes bcrypt alone, and nothing else at hand makes it
            word = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))
            (folder / "htpasswd").write_text(f"{USER}:{word}\n")
            login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            (folder / "auth.json").write_text(json.dumps({"auths": {self.host: {"auth": login}}}))
            more = f", tls: {{certificate: {folder}/crt, key: {folder}/key}}}}\nauth: {{htpasswd: {{realm: r, path: {folder}/htpasswd}}"
        (folder / "config.yaml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}\n"
            f"http: {{addr: '{self.host}'{more}}}\n")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.inside, PROGRAM, "serve", self.folder / "config.yaml"], stdout=subprocess.DEVNULL,
                                        stderr=(self.folder / "log").open("a"))
        if self.address != "127.0.0.1":
            return
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), 1):
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError("the registry does not listen")

    def stop(self):
        self.process.kill()
        self.process.wait()

    @property
    def flags(self) -> list:
        """How raykeep reaches it."""
        return ["--registry-ca", self.folder / "crt", "--authfile", self.folder / "auth.json"] if self.guarded else ["--plain-http"]

    @property
    def skopeo(self) -> list:
        """How skopeo does."""
        return ["--tls-verify=false"] + (["--creds", f"{USER}:{PASSWORD}"] if self.guarded else [])

    @property
    def skopeo_source(self) -> list:
        """How skopeo copies from it."""
        return ["--src-tls-verify=false"] + (["--src-creds", f"{USER}:{PASSWORD}"] if self.guarded else [])

    def digest(self, name) -> str:
        raw = run("skopeo", "inspect", "--raw", *self.skopeo, f"docker://{self.host}/{name}").stdout
        return "sha256:" + hashlib.sha256(raw.encode()).hexdigest()


def noise(seed: str, size: int) -> bytes:
    """Always the same bytes for a seed."""
    made = random.Random(seed)
    return b"".join(made.randbytes(min(1 << 26, size - at)) for at in range(0, size, 1 << 26))


def layout(folder: pathlib.Path, seed: int, sizes, platforms=("amd64",)) -> pathlib.Path:
    """An OCI layout with one image of layers of random bytes; with several platforms, an index of them. The first layer is common."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def put(data: bytes, kind: str) -> dict:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)}

    manifests = []
    for number, platform in enumerate(platforms):
        layers = [put(noise(f"{seed if i else 'base'}-{i}-{number if i else 0}", size), "application/vnd.oci.image.layer.v1.tar")
                  for i, size in enumerate(sizes)]
        config = put(json.dumps({"architecture": platform, "os": "linux", "created": "2026-01-02T03:04:05Z", "config": {},
                                 "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}}).encode(),
                     "application/vnd.oci.image.config.v1+json")
        manifest = put(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}).encode(), MANIFEST)
        manifests.append(manifest | {"platform": {"os": "linux", "architecture": platform}})
    kind = "application/vnd.oci.image.index.v1+json"
    index = {"schemaVersion": 2, "mediaType": kind, "manifests": manifests}
    root = {k: v for k, v in manifests[0].items() if k != "platform"} if len(platforms) == 1 else put(json.dumps(index).encode(), kind)
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [root]}))
    return folder


def put_image(registry: Registry, name: str, seed: int, sizes, platforms=("amd64",)):
    with tempfile.TemporaryDirectory() as folder:
        made = layout(pathlib.Path(folder), seed, sizes, platforms)
        extra = [f"--dest-creds={USER}:{PASSWORD}"] if registry.guarded else []
        run("skopeo", "copy", "-q", "--all", "--dest-tls-verify=false", *extra, f"oci:{made}", f"docker://{registry.host}/{name}")


class Road:
    """A way to a registry in the clear: at most `rate` bytes a second and way, cut after `cut` more bytes, or with the next answers said by
    us and not by it."""

    def __init__(self, port: int, rate=None):
        self.target, self.rate, self.cut, self.said = port, rate, None, []
        self.carried, self.lock = 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with self.lock:
            said = self.said.pop(0) if self.said else None
        with client:
            if said is not None:
                client.recv(65536)
                client.sendall(said)
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                ways = [threading.Thread(target=self._carry, args=pair, daemon=True) for pair in ((client, server), (server, client))]
                for way in ways:
                    way.start()
                for way in ways:
                    way.join()

    def _carry(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536 if self.rate is None else max(1024, int(self.rate / 50))):
                with self.lock:
                    self.carried += len(data)
                    if self.cut is not None:
                        self.cut -= len(data)
                        broken = self.cut < 0
                        if broken:
                            self.cut = None
                    else:
                        broken = False
                if broken:
                    for each in (source, sink):
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                        each.shutdown(socket.SHUT_RDWR)
                    return
                sink.sendall(data)
                if self.rate:
                    time.sleep(len(data) / self.rate)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()
