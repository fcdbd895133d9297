"""Ray's own TLS with the controller as signer: who gets a certificate, and that the cluster lives on while certificates and the
authority change, while the GCS and the head are lost and while the controller is away."""
import base64
import json
import os
import pathlib
import tempfile
import time

import pytest
from calls import calls
from controller import NAME, is_ready, logs
from kept import COUNT, KEPT, redis  # noqa: F401
from lab import run, until
from native import controller, native, native_site  # noqa: F401

pytestmark = pytest.mark.soak  # in CI test_66_encryption.py runs Ray with its own TLS
SERVICE = f"{KEPT}-serve-svc.ray.svc"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return native_site(tmp_path_factory.mktemp("native"))


def authority(lab) -> str:
    return lab.get("configmap", "raykeep-ca")["data"]["ca.crt"]


@pytest.fixture
def load(lab, native):
    """Through the Serve Service's TLS port, a new connection for each request."""
    with calls(lab, [SERVICE], "n1", kept=False, port=52381, tls=True) as made:
        yield made


def served_all(load, before):
    said = load.since(before)
    print(said)
    assert said["sent"] > 0 and said["failed"] == 0, said


@pytest.fixture(autouse=True)
def explained(lab):
    yield
    print(logs(lab)[-20000:])


def test_jobs_run_and_the_state_is_told(lab, native):
    head = lab.pod(native, "head")
    done = lab.kubectl("exec", head, "--", "sh", "-c", "ray health-check && ray job submit --address http://127.0.0.1:8265 -- "
                       "python3 -c 'import ray; ray.init(); print(sum(ray.get([ray.remote(lambda i=i: i).remote() for i in range(50)])))'")
    assert "1225" in done.stdout and "succeeded" in done.stdout, done
    said = json.loads(lab.raykeep("status", native, "-n", "ray", "-o", "json").stdout)["clusters"][0]
    assert said["certificates"] == "3 nodes, the first ends in 29d", said
    assert {"Certificates": "Fresh"}.items() <= {c["type"]: c["reason"] for c in said["conditions"]}.items()


def test_a_ray_client_comes_with_a_certificate_of_connect(lab, native):
    """`raykeep connect` signs for whoever may read the authority, and the files go with it."""
    script = """
import os, re, signal, subprocess, sys, time
made = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
text = ""
while "ray://" not in text:
    line = made.stdout.readline()
    assert line, text
    text += line
files = re.findall(r"RAY_TLS_[A-Z_]+=(\\S+)", text)
assert len(files) == 3 and all(os.stat(f).st_mode & 0o77 == 0 for f in files), text
shown = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:10001", "-CAfile", files[0], "-cert", files[1], "-key", files[2],
                        "-verify_return_error", "-verify_ip", "127.0.0.1", "-alpn", "h2"],
                       stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
print(shown.stdout[-3000:], shown.stderr[-500:])
assert "Verify return code: 0" in shown.stdout
made.send_signal(signal.SIGINT); made.wait(10)
assert not any(map(os.path.exists, files))
"""
    done = lab.desk("python3", "-c", script, os.environ["RAYKEEP"], "connect", native, "-n", "ray", "--client", "10001", timeout=60)
    assert "Verify return code: 0" in done.stdout, done


# --- who gets a certificate

ASK = r"""
import http.client, json, ssl, sys
context = ssl.create_default_context(cafile="/var/run/secrets/raykeep-identity/ca.crt")
for case in json.load(sys.stdin):
    try:
        connection = http.client.HTTPSConnection("raykeep-signer.ray.svc", 52372, timeout=20, context=context)
        headers = {"Authorization": case["token"]} if case["token"] is not None else {}
        connection.request(case.get("method", "POST"), case.get("path", "/v1/sign"), body=case["request"], headers=headers)
        answer = connection.getresponse()
        status, text = answer.status, answer.read().decode()
    except Exception as problem:
        status, text = 0, repr(problem)
    print(json.dumps({"name": case["name"], "status": status, "text": text}))
"""


def request(*options, subject="/", key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")) -> str:
    with tempfile.TemporaryDirectory() as folder:
        key_file = pathlib.Path(folder) / "key"
        words = [word for option in options for word in ("-addext", option)]
        return run("openssl", "req", "-new", "-newkey", *key, "-nodes", "-keyout", key_file, "-subj", subject, *words).stdout


def broken_signature(pem: str) -> str:
    der = bytearray(base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line)))
    der[-1] ^= 1
    body = base64.b64encode(bytes(der)).decode()
    return "-----BEGIN CERTIFICATE REQUEST-----\n" + body + "\n-----END CERTIFICATE REQUEST-----\n"


def token_of(lab, pod) -> str:
    return lab.kubectl("exec", pod, "--", "cat", "/var/run/secrets/raykeep-identity/token").stdout.strip()


def test_a_node_gets_its_own_certificate_and_no_other(lab, native):
    worker, other = (p["metadata"]["name"] for p in lab.pods(native, "worker"))
    head = lab.pods(native, "head")[0]
    address, others = head["status"]["podIP"], lab.pods(native, "worker")[1]["status"]["podIP"]
    own = "Bearer " + token_of(lab, worker)
    good = request(subject=f"/CN={worker}")

    def made(*more) -> str:
        return "Bearer " + lab.admin("-n", "ray", "create", "token", *more).stdout.strip()

    gone = made("default", "--bound-object-kind", "Pod", "--bound-object-name", other)  # bound to a pod of this name, from here
    def case(name, token=own, pem=good, **more):
        return {"name": name, "token": token, "request": pem, **more}

    forgeries = [
        case("no token", None),
        case("an empty token", "Bearer "),
        case("another scheme", "Basic YTpi"),
        case("nonsense for a token", "Bearer x.y.z"),
        case("a token whose signature is broken", own[:-6] + "AAAAAA"),
        case("a service account's token that is bound to no pod", made("default")),
        case("another account's token that is bound to no pod", made("tenant")),
        case("a token for another audience", made("default", "--audience", "raykeep")),
        case("another namespace's token", "Bearer " + lab.admin("-n", "kube-system", "create", "token", "default").stdout.strip()),
        case("the head's token, from a worker", "Bearer " + token_of(lab, head["metadata"]["name"])),
        case("another worker's token", "Bearer " + token_of(lab, other)),
        case("a token bound to another pod, made by an administrator", gone),
        case("the head's address", pem=request(f"subjectAltName=IP:{address}")),
        case("another worker's address", pem=request(f"subjectAltName=IP:{others}")),
        case("the head's Service", pem=request(f"subjectAltName=DNS:{native}-head-svc.ray.svc.cluster.local")),
        case("the controller's Service", pem=request("subjectAltName=DNS:raykeep-signer.ray.svc")),
        case("any name", pem=request("subjectAltName=DNS:*")),
        case("its own address and the head's", pem=request(f"subjectAltName=IP:127.0.0.1,IP:{address}")),
        case("the head's name", pem=request(subject=f"/CN={head['metadata']['name']}")),
        case("to be an authority", pem=request("basicConstraints=critical,CA:TRUE")),
        case("to sign certificates", pem=request("keyUsage=keyCertSign")),
        case("an identity of another kind", pem=request("subjectAltName=URI:spiffe://cluster.local/ns/ray/sa/default")),
        case("a mailbox", pem=request("subjectAltName=email:a@bank.example")),
        case("a key that it does not have", pem=broken_signature(good)),
        case("a weak key", pem=request(key=("rsa:1024",))),
        case("a curve that nobody checks", pem=request(key=("ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"))),
        case("nothing", pem=""),
        case("no request", pem="-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"),
        case("far too much", pem=good + "A" * 100_000),
        case("another method", method="GET", pem=None),
        case("another path", path="/v1/authority"),
    ]
    assert len(forgeries) >= 20
    before = logs(lab).count('"not_signed"')
    told = lab.kubectl("exec", "-i", worker, "--", "python3", "-c", ASK, stdin=json.dumps([*forgeries, case("its own")])).stdout
    answers = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    for answer in answers:
        print(answer["status"], answer["name"], answer["text"][:200].strip())
    *refused, granted = answers
    assert granted["status"] == 200, granted
    wrong = [answer for answer in refused if answer["status"] in (0, 200) or "BEGIN CERTIFICATE" in answer["text"]]
    assert not wrong, wrong
    counted = logs(lab).count('"not_signed"') - before
    # What is no request for a signature at all is turned away by HTTP itself.
    assert counted == len([a for a in refused if a["status"] in (400, 401, 403)]), (counted, [a["status"] for a in refused])
    with tempfile.NamedTemporaryFile("w", suffix=".crt") as file:
        file.write(json.loads(granted["text"])["certificate"])
        file.flush()
        shown = run("openssl", "x509", "-noout", "-text", "-in", file.name).stdout
    mine = lab.pods(native, "worker")[0]["status"]["podIP"]
    assert f"IP Address:{mine}," in shown and address not in shown and "head-svc" not in shown, shown
    assert "CA:FALSE" in shown and "TLS Web Server Authentication, TLS Web Client Authentication" in shown, shown


def test_no_key_is_in_a_secret_but_the_authoritys(lab, native):
    kept = {s["metadata"]["name"]: b"".join(base64.b64decode(v) for v in s.get("data", {}).values()) for s in lab.get("secrets")["items"]}
    assert [name for name, data in kept.items() if b"PRIVATE KEY" in data] == ["raykeep-ca"]
    assert not any("PRIVATE KEY" in json.dumps(m) for m in lab.get("configmaps")["items"])
    keys = {lab.kubectl("exec", p["metadata"]["name"], "--", "cat", "/run/raykeep/tls/tls.key").stdout
            for p in lab.pods(native, "worker") + lab.pods(native, "head")}
    assert len(keys) == 3, "each node has its own"
    where = lab.kubectl("exec", lab.pod(native, "head"), "--", "stat", "-f", "-c", "%T", "/run/raykeep/tls").stdout.strip()
    assert where == "tmpfs", where


# --- it lives on

KILL_GCS = """
import glob, os, signal
found = [int(f.split("/")[2]) for f in glob.glob("/proc/[0-9]*/exe") if os.path.realpath(f).endswith("/gcs_server")]
assert len(found) == 1, found
os.kill(found[0], signal.SIGKILL)
"""


def test_a_lost_gcs_is_back_in_place(lab, native, load):
    before = load.tally()
    head = lab.pod(native, "head")
    for _ in range(3):
        lab.python(head, KILL_GCS)
        until("it answers again", lambda: "count" in lab.python(head, COUNT, check=False).stdout, patience=30)
    served_all(load, before)


def test_a_lost_head_comes_back_and_finds_its_state(lab, native, load):
    count = int(lab.python(lab.pod(native, "head"), COUNT).stdout.split("count")[1].split()[0])
    before = load.tally()
    uid = lab.pods(native, "head")[0]["metadata"]["uid"]
    lab.kubectl("delete", "pod", f"{native}-head-0", "--wait=false")
    until("a new head is ready", lambda: any(p["metadata"]["uid"] != uid and is_ready(p) for p in lab.pods(native, "head")), patience=120)
    assert f"count {count + 1}" in lab.python(lab.pod(native, "head"), COUNT).stdout
    served_all(load, before)


def shown_by(lab, pod, name="tls.crt") -> str:
    return lab.kubectl("exec", pod["metadata"]["name"], "--", "cat", f"/run/raykeep/tls/{name}").stdout


def test_nodes_and_authority_are_replaced_under_load(lab, native, load):
    """On demand: every node is started again twice, drained, one at a time."""
    first = authority(lab)
    old = {shown_by(lab, p) for p in lab.pods(native, "worker") + lab.pods(native, "head")}
    before, began = load.tally(), time.monotonic()
    lab.raykeep("controller", "rotate-ca", "-n", "ray")

    def is_done():
        secret = lab.get("secret", "raykeep-ca")
        return "raykeep.io/rotate" not in secret["metadata"].get("annotations", {}) and set(secret["data"]) == {"tls.crt", "tls.key"}
    until("the old authority is forgotten", is_done, patience=900)
    until("all is ready", lambda: all(is_ready(p) for p in lab.pods(native, "worker") + lab.pods(native, "head")), patience=120)
    print(f"{time.monotonic() - began:.0f} s")
    served_all(load, before)
    until("the new one alone is published", lambda: authority(lab).count("BEGIN") == 1, patience=30)
    assert authority(lab) != first
    new = {shown_by(lab, p) for p in lab.pods(native, "worker") + lab.pods(native, "head")}
    assert len(new) == 3 and not old & new


def test_without_the_controller_a_container_starts_again_with_what_it_has(lab, native):
    lab.kubectl("scale", f"deployment/{NAME}", "--replicas=0")
    try:
        lab.kubectl("wait", "--for=delete", "pods", "-l", f"app.kubernetes.io/name={NAME}", "--timeout=60s")
        pod = lab.pods(native, "worker")[0]
        name = pod["metadata"]["name"]
        before = shown_by(lab, pod)
        lab.kubectl("exec", name, "--", "sh", "-c", "kill 1")
        until("its container was started again",
              lambda: (p := lab.get("pod", name))["status"]["containerStatuses"][0]["restartCount"] == 1 and is_ready(p), patience=120)
        assert shown_by(lab, pod) == before
        assert json.loads(lab.raykeep("status", native, "-n", "ray", "-o", "json").stdout)["clusters"][0]["state"] == "ready"
    finally:
        lab.kubectl("scale", f"deployment/{NAME}", "--replicas=2")
        lab.kubectl("rollout", "status", f"deployment/{NAME}", "--timeout=90s")
