"""A registry at the lab's desk that gives nothing to anybody it does not know: 401 for every image.

The nodes trust its certificate, so that what they are refused is the image and not the connection.
"""
import pathlib
import shutil
import subprocess
import tempfile

from lab import ROOT, run, until

ADDRESS, PORT = "10.240.0.100", 5001

SERVER = f"""
import http.server, ssl, sys
class Closed(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="closed"')
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_GET
server = http.server.ThreadingHTTPServer(("{ADDRESS}", {PORT}), Closed)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/crt", sys.argv[1] + "/key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listens", flush=True)
server.serve_forever()
"""


class ClosedRegistry:
    def __init__(self, lab):
        self.lab = lab
        self._folder = tempfile.TemporaryDirectory(prefix="closed-registry-")
        folder = pathlib.Path(self._folder.name)
        folder.chmod(0o700)
        pki = pathlib.Path(lab.told("tenant-kubeconfig")).parent
        self.trust = pki.parent / "certs.d" / f"{ADDRESS}:{PORT}"
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key", "-out", folder / "csr", "-subj", "/CN=closed")
        (folder / "extensions").write_text(f"subjectAltName=IP:{ADDRESS}\n")
        run("openssl", "x509", "-req", "-in", folder / "csr", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key", "-out", folder / "crt",
            "-days", 2, "-set_serial", "78", "-extfile", folder / "extensions")
        self.trust.mkdir(parents=True, exist_ok=True)
        (self.trust / "ca.crt").write_bytes((pki / "ca.crt").read_bytes())
        (self.trust / "hosts.toml").write_text(
            f'server = "https://{ADDRESS}:{PORT}"\nca = "{self.trust}/ca.crt"\n[host."https://{ADDRESS}:{PORT}"]\n  ca = "{self.trust}/ca.crt"\n')
        self.log = folder / "log"
        self.process = subprocess.Popen(
            [ROOT / "lab/exec", "--name", lab.name, "--as", "admin", "/usr/bin/python3", "-c", SERVER, folder],
            stdout=self.log.open("w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        until("the closed registry listens", lambda: "listens" in self.log.read_text(), patience=20, every=0.1)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        shutil.rmtree(self.trust, ignore_errors=True)
        self._folder.cleanup()
