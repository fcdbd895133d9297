#!/usr/bin/env python3
"""The agent's TLS ports in front of a real Ray: dashboard, Jobs, Serve and metrics.

  tests/node/real_https.py BUILD RAY

BUILD and RAY as for real_ray.py. Runs in network, process and mount namespaces of its own (needs root). What is asked through TLS is
asked with the certificate verified. Prints what came, and how long a small request to Serve took straight and through the port, in turn.
"""
import asyncio
import os
import pathlib
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

APPLICATION = '''
import asyncio
from fastapi import FastAPI, Request, WebSocket
from starlette.responses import StreamingResponse
from ray import serve
app = FastAPI()
@serve.deployment
@serve.ingress(app)
class App:
    @app.get("/hello")
    def hello(self):
        return "hello"
    @app.post("/upload")
    async def upload(self, request: Request):
        return sum([len(part) async for part in request.stream()])
    @app.get("/tokens")
    async def tokens(self):
        async def each():
            for i in range(10):
                yield f"token {i}\\n"
                await asyncio.sleep(0.1)
        return StreamingResponse(each(), media_type="text/event-stream")
    @app.websocket("/ws")
    async def ws(self, ws: WebSocket):
        await ws.accept()
        for _ in range(3):
            await ws.send_text("echo " + await ws.receive_text())
        await ws.close()
serve.run(App.bind())
'''
DASHBOARD, SERVE, METRICS, AGENT = 52380, 52381, 52383, 52386  # as the plan has them


def until(what, condition, patience=120.0):
    began = time.monotonic()
    while time.monotonic() - began < patience:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {patience} s")


async def ask(context):
    import aiohttp  # a part of ray[default]
    serve, dashboard = f"https://127.0.0.1:{SERVE}", f"https://127.0.0.1:{DASHBOARD}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        async def text(method, url, **more):
            async with session.request(method, url, **more) as answer:
                assert answer.status == 200, (url, answer.status)
                return await answer.text()

        assert await text("GET", serve + "/hello") == '"hello"'
        assert await text("POST", serve + "/upload", data=bytes(64 << 20)) == str(64 << 20)
        assert '"ray_version"' in await text("GET", dashboard + "/api/version")
        assert "ray_" in await text("GET", f"https://127.0.0.1:{METRICS}/metrics")
        async with session.get(serve + "/tokens") as answer:
            began, came = time.monotonic(), []
            async for part in answer.content.iter_any():
                came.append(time.monotonic() - began)
        assert len(came) >= 8 and came[-1] - came[0] > 0.7, came  # each when it was made, not all at the end
        async with session.ws_connect(serve + "/ws") as socket:
            for i in range(3):
                await socket.send_str(str(i))
                assert (await socket.receive()).data == f"echo {i}"
            assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        print("Serve, a stream, a WebSocket, 64 MiB, the dashboard and metrics come through TLS", flush=True)

        times = []
        for _ in range(400):
            pair = []
            for url in ("http://127.0.0.1:8000", serve):
                began = time.perf_counter()
                await text("GET", url + "/hello")
                pair.append(time.perf_counter() - began)
            times.append(pair)
        straight, through = (statistics.median(each) * 1000 for each in zip(*times[50:]))
        added = statistics.median(b - a for a, b in times[50:]) * 1000
        print(f"a request to Serve: {straight:.2f} ms straight, {through:.2f} through TLS, {added:.2f} more", flush=True)


def main():
    build, package = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    folder = pathlib.Path(tempfile.mkdtemp(dir="/tmp/ray"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=ray",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"], check=True, capture_output=True)
    environment = dict(os.environ, PYTHONPATH=str(package), PATH=f"{package}/bin:/usr/local/bin:/usr/bin:/bin", RAY_USAGE_STATS_ENABLED="0",
                       RAYKEEP_POD_IP="127.0.0.1")
    ray = [sys.executable, "-m", "ray.scripts.scripts"]
    ports = {DASHBOARD: 8265, SERVE: 8000, METRICS: 8080, AGENT: 52370}
    with open(folder / "agent.log", "wb") as log:
        agent = subprocess.Popen(
            [build / "src/cli/raykeep", "node", "--role=head", "--gcs=127.0.0.1:6379", "--dashboard-port=8265", "--drain=5s", f"--tls-folder={folder}",
             *(f"--tls-listen={tls}:{plain}" for tls, plain in ports.items()), "--", *ray, "start", "--head", "--dashboard-host=0.0.0.0",
             "--num-cpus=2", "--metrics-export-port=8080", "--dashboard-agent-listen-port=52365", "--node-manager-port=8077",
             "--object-store-memory=200000000", f"--temp-dir={folder}/t"], env=environment, stdout=log, stderr=log)
    try:
        until("ready", lambda: urllib.request.urlopen("http://127.0.0.1:52370/readyz").status == 200)
        (folder / "application.py").write_text(APPLICATION)
        subprocess.run([sys.executable, folder / "application.py"], env=dict(environment, RAY_ADDRESS="127.0.0.1:6379"), check=True, capture_output=True)
        sys.path.insert(0, str(package))
        context = ssl.create_default_context(cafile=folder / "tls.crt")
        asyncio.run(ask(context))
        job = subprocess.run([*ray, "job", "submit", f"--address=https://127.0.0.1:{DASHBOARD}", f"--verify={folder}/tls.crt", "--",
                              "echo", "a word", "of the job"], env=environment, capture_output=True, text=True, timeout=180)
        assert "a word of the job" in job.stdout and "succeeded" in job.stdout, job.stdout + job.stderr
        print("a job is submitted and its log followed through TLS")
        with urllib.request.urlopen(f"https://127.0.0.1:{AGENT}/metrics", context=context) as answer:
            told = answer.read().decode()
        assert f'raykeep_node_tls_unreachable_total{{port="{DASHBOARD}"}} 0\n' in told, told
    except BaseException:
        sys.stderr.write((folder / "agent.log").read_text()[-5000:])
        raise
    finally:
        agent.send_signal(signal.SIGTERM)
        agent.wait(60)


if os.environ.get("RAYKEEP_IN_NAMESPACES"):
    subprocess.run("ip link set lo up && mkdir -p /tmp/ray && mount -t tmpfs none /tmp/ray", shell=True, check=True)
    main()
else:
    os.environ["RAYKEEP_IN_NAMESPACES"] = "1"
    os.execvp("unshare", ["unshare", "-n", "-p", "-m", "-f", "--mount-proc", "--kill-child", sys.executable, *sys.argv])
