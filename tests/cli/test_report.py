#!/usr/bin/python3
"""raykeep report from outside: of files, and of a cluster that an API server made of a few lines tells of.

test_report.py RAYKEEP [unittest arguments]"""
import base64
import contextlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
from urllib.parse import parse_qs, urlsplit

from test_program import CLUSTER

SITE = """
apiVersion: raykeep.io/v1
kind: Site
metadata: {name: bank}
spec:
  tls: {mode: none}
  images: {raykeep: bank/raykeep:1}
  redis: {managed: {}}
"""
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=demo-redis-authority -keyout /dev/null
CERTIFICATE = pathlib.Path(__file__).with_name("certificate.pem").read_text()
RAYKEEP = ""


class ApiServer(http.server.BaseHTTPRequestHandler):
    """Answers lists of objects by label, and single objects by name, as Kubernetes' does. A plural in `denied` is refused."""
    protocol_version = "HTTP/1.1"
    objects: dict = {}
    denied: set = set()
    asked: list = []

    def do_GET(self):
        url = urlsplit(self.path)
        self.asked.append(url.path)
        parts = url.path.split("/namespaces/ray/", 1)[-1].split("/")
        wanted = dict(part.split("=") for part in parse_qs(url.query).get("labelSelector", [""])[0].split(",") if "=" in part)
        if parts[0] in self.denied:
            return self.answer(403, {"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": "no", "code": 403})
        found = [each for each in self.objects.get(parts[0], [])
                 if wanted.items() <= each["metadata"].get("labels", {}).items()]
        if len(parts) == 1:  # the items of a list have no kind
            items = [{key: value for key, value in each.items() if key not in ("kind", "apiVersion")} for each in found]
            return self.answer(200, {"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items})
        one = [each for each in found if each["metadata"]["name"] == parts[1]]
        if not one:
            return self.answer(404, {"kind": "Status", "status": "Failure", "reason": "NotFound", "message": "none", "code": 404})
        return self.answer(200, one[0])

    def answer(self, code, value):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.files = ["-f", self.file("cluster.yaml", CLUSTER), "--site", self.file("site.yaml", SITE), "-n", "ray"]

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run_program(self, *args, exits=0, **environment):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("KUBE")}
        done = subprocess.run([RAYKEEP, *args], capture_output=True, text=True, timeout=60,
                              env={**inherited, "HOME": str(self.folder), **environment})
        self.assertEqual(done.returncode, exits, f"{args}: {done.stderr}")
        return done

    def rendered(self):
        """What `up` would have made, by plural, as the API server has it."""
        plurals = {"ConfigMap": "configmaps", "NetworkPolicy": "networkpolicies", "Service": "services", "StatefulSet": "statefulsets",
                   "Deployment": "deployments", "PodDisruptionBudget": "poddisruptionbudgets",
                   "PersistentVolumeClaim": "persistentvolumeclaims"}
        objects = {"pods": [], "replicasets": [], "events": [], "leases": []}
        for each in json.loads(self.run_program("render", *self.files, "-o", "json").stdout)["items"]:
            each["metadata"].update({"uid": f"uid-{each['metadata']['name']}", "creationTimestamp": "2026-01-01T00:00:00Z"})
            objects.setdefault(plurals[each["kind"]], []).append(each)
        objects["secrets"] = [{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "demo-redis"}, "data": {
            "ca.crt": base64.b64encode(CERTIFICATE.encode()).decode(), "tls.crt": base64.b64encode(b"no certificate").decode(),
            "tls.key": base64.b64encode(b"THE-PRIVATE-KEY").decode(), "password": base64.b64encode(b"THE-PASSWORD").decode()}}]
        return objects

    @contextlib.contextmanager
    def api_server(self, objects, denied=()):
        handler = type("Handler", (ApiServer,), {"objects": objects, "denied": set(denied), "asked": []})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = self.file("config", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c", "users": [{"name": "u", "user": {}}],
            "clusters": [{"name": "k", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "ray"}}]}))
        try:
            yield config, handler.asked
        finally:
            server.shutdown()
            server.server_close()

    def live(self, objects, *more, denied=(), exits=0):
        with self.api_server(objects, denied) as (config, asked):
            done = self.run_program("report", "--kubeconfig", config, "-o", "json", *more, exits=exits)
        return (json.loads(done.stdout) if exits == 0 else done.stderr), asked

    # --- of files

    def test_of_files_it_says_what_would_run(self):
        model = json.loads(self.run_program("report", *self.files, "-o", "json").stdout)
        self.assertEqual((model["kind"], model["source"], model["running"]), ("Report", "files", None))
        self.assertEqual(model["cluster"]["name"], "demo")
        self.assertTrue(model["summary"]["policiesExact"])
        self.assertTrue(self.run_program("report", *self.files).stdout.startswith("<!doctype html>"))

    def test_the_same_files_give_the_same_bytes_at_the_same_time(self):
        one = self.run_program("report", *self.files, SOURCE_DATE_EPOCH="1795764600").stdout
        self.assertIn("2026-11-27 07:30 UTC", one)
        self.assertEqual(one, self.run_program("report", *self.files, SOURCE_DATE_EPOCH="1795764600").stdout)

    def test_it_is_written_to_a_file_or_not_at_all(self):
        path = self.folder / "report.html"
        self.assertEqual(self.run_program("report", *self.files, "--file", str(path)).stdout, "")
        self.assertTrue(path.read_text().endswith("</html>\n"))
        done = self.run_program("report", *self.files, "--file", str(self.folder / "none" / "x.html"), exits=1)
        self.assertIn("No such file or directory", done.stderr)

    def test_documents_with_errors_give_findings_and_no_report(self):
        bad = self.file("bad.yaml", CLUSTER.replace('"2.60.0"', "[]"))
        self.assertEqual(self.run_program("report", "-f", bad, exits=3).stdout, "")

    def test_of_several_clusters_one_is_named(self):
        two = self.file("two.yaml", CLUSTER + "---" + CLUSTER.replace("name: demo", "name: other"))
        self.assertIn("name one", self.run_program("report", "-f", two, exits=1).stderr)
        self.assertIn("no cluster \"third\"", self.run_program("report", "third", "-f", two, exits=1).stderr)
        model = json.loads(self.run_program("report", "other", "-f", two, "-o", "json").stdout)
        self.assertEqual(model["cluster"]["name"], "other")

    def test_a_result_of_verify_is_taken_only_of_this_cluster(self):
        result = {"apiVersion": "raykeep.io/v1", "kind": "VerifyResult", "cluster": "demo", "namespace": "ray", "at": "2026-11-27T07:00:00Z",
                  "flows": [{"id": "worker(small)->head gcs-server", "result": "open", "good": True, "how": "connected"}]}
        path = self.file("verify.json", json.dumps(result))
        model = json.loads(self.run_program("report", *self.files, "--verified", path, "-o", "json").stdout)
        self.assertEqual((model["summary"]["tested"], model["summary"]["good"]), (1, 1))
        path = self.file("verify.json", json.dumps({**result, "namespace": "other"}))
        done = self.run_program("report", *self.files, "--verified", path, exits=1)
        self.assertIn("it speaks of cluster \"demo\" in namespace \"other\"", done.stderr)
        path = self.file("verify.json", "{" * 100)
        self.assertEqual(self.run_program("report", *self.files, "--verified", path, exits=1).stdout, "")
        self.assertIn("none.json", self.run_program("report", *self.files, "--verified", "none.json", exits=1).stderr)

    # --- of a cluster

    def test_of_a_cluster_it_tells_of_what_is_there(self):
        model, asked = self.live(self.rendered())
        self.assertEqual(model["source"], "cluster")
        self.assertTrue(model["summary"]["policiesExact"])
        self.assertEqual(model["summary"]["errors"], 0)
        self.assertEqual([each["name"] for each in model["running"]["groups"]], ["head", "redis", "small"])
        self.assertEqual({"StatefulSet", "Deployment"} & {each["kind"] for each in model["objects"]}, {"StatefulSet", "Deployment"})
        # Secrets are asked for by the names that the plan has, and never listed.
        self.assertEqual({path for path in asked if "secrets" in path}, {"/api/v1/namespaces/ray/secrets/demo-redis"})

    def test_it_reads_when_certificates_expire_and_prints_no_secret(self):
        with self.api_server(self.rendered()) as (config, _):
            page = self.run_program("report", "--kubeconfig", config).stdout
            text = self.run_program("report", "--kubeconfig", config, "-o", "json").stdout
        by_place = {each["place"]: each for each in json.loads(text)["certificates"]}
        authority = by_place["Secret demo-redis, ca.crt"]
        self.assertTrue(authority["expires"].startswith("21"), authority)
        self.assertGreater(authority["daysLeft"], 20000)
        self.assertEqual(by_place["Secret demo-redis, tls.crt"]["problem"], "there is no certificate in it")
        for secret in ("THE-P", base64.b64encode(b"THE-PRIVATE-KEY").decode(), base64.b64encode(b"THE-PASSWORD").decode()):
            self.assertNotIn(secret, text + page)

    def test_who_may_not_read_secrets_gets_a_report_all_the_same(self):
        model, _ = self.live(self.rendered(), denied=["secrets"])
        self.assertEqual({each["problem"] for each in model["certificates"]}, {"you may not read it"})

    def test_it_notices_what_is_gone_and_what_somebody_else_opened(self):
        objects = self.rendered()
        gone = [each for each in objects["networkpolicies"] if each["metadata"]["name"] == "demo-worker-small"]
        objects["networkpolicies"] = [each for each in objects["networkpolicies"] if each not in gone]
        objects["networkpolicies"].append({"metadata": {"name": "open"}, "spec": {
            "podSelector": {"matchLabels": {"ray.io/node-type": "head"}}, "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 8265}]}]}})
        model, _ = self.live(objects)
        self.assertFalse(model["summary"]["policiesExact"])
        found = {(each["object"], each["what"]) for each in model["findings"]}
        self.assertIn(("NetworkPolicy demo-worker-small", "is planned and not there"), found)
        self.assertIn(("NetworkPolicy open ingress[0]", "lets through what no flow needs: peer {\"podSelector\":{}}"), found)

    def test_without_the_cluster_or_its_document_it_says_so(self):
        self.assertIn("there is no cluster", self.live(self.rendered(), "other", exits=1)[0])
        objects = self.rendered()
        del objects["configmaps"]
        self.assertIn("no stored document", self.live(objects, "demo", exits=1)[0])
        self.assertIn("--site goes with -f", self.run_program("report", "--site", self.files[3], exits=1).stderr)


if __name__ == "__main__":
    RAYKEEP = os.path.abspath(sys.argv.pop(1))
    unittest.main()
