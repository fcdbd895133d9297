"""Serve asked by WebSocket, gRPC and for answers that take a minute, through Serve's own proxies and through its HAProxies; `make soak`."""
import time

import pytest
from controller import installed, logs
from lab import until
from serving import SERVING, WITHOUT_STORE, caller, load_on, service

pytestmark = pytest.mark.soak
CONFIG = """proxy_location: EveryNode
grpc_options:
  port: 9000
  grpc_servicer_functions: [ray.serve.generated.serve_pb2_grpc.add_UserDefinedServiceServicer_to_server]
applications:
- {name: web, route_prefix: /, import_path: "ways:web"}
- {name: calls, route_prefix: /calls, import_path: "ways:calls"}
"""
WAYS = ["stream", "talk", "grpc"]
PROXIES = {"serve": {}, "haproxy": {"RAY_SERVE_ENABLE_HA_PROXY": "1"}}


@pytest.fixture(scope="module", params=PROXIES)
def ways(lab, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    site = folder / "site.yaml"
    site.write_text(WITHOUT_STORE)
    with service(lab, folder, "ways.py") as made, installed(lab, site):
        made.site = site
        made.document["spec"]["serveConfigV2"] = CONFIG
        for group in made.groups():
            container = group["template"]["spec"]["containers"][0]
            container["env"] += [{"name": k, "value": v} for k, v in PROXIES[request.param].items()]
            group["template"]["spec"]["terminationGracePeriodSeconds"] = 150  # longer than the longest answer
        made.groups()[0]["template"]["spec"]["containers"][0]["ports"].append({"name": "serve-grpc", "containerPort": 9000})
        done = made.up(site=site)
        assert "serves" in done.stdout, done
        made.proxy = request.param
        yield made
        print(logs(lab))


def put(kubectl):
    kubectl("exec", "-i", "caller", "--", "sh", "-c", "cat >/tmp/ask.py", stdin=(SERVING / "ask.py").read_text())


def asked(made, kubectl, way, seconds):
    return kubectl("exec", "caller", "--", "python3", "/tmp/ask.py", made.address(), way, str(seconds), "1", check=False, timeout=seconds + 90)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_answered(lab, ways, way):
    with caller(lab) as kubectl:
        put(kubectl)
        done = asked(ways, kubectl, way, 3)
        assert done.stdout == "whole\n", done


def test_answers_that_take_a_minute_outlive_an_upgrade(lab, ways):
    """Each begins while the former cluster takes requests, and goes on while it ends."""
    with load_on(lab, ways.address(), streams=0, memory="640Mi") as load:
        kubectl = load.kubectl
        put(kubectl)
        before, cluster = load.tally(), ways.active()
        ways.set_pods("long")
        ways.up(site=ways.site, wait=False)
        until("both serve", ways.both_serve, patience=300, every=0.5)
        for way in WAYS:  # four at once, to either cluster
            kubectl("exec", "caller", "--", "sh", "-c", f"(python3 /tmp/ask.py {ways.address()} {way} 60 4; echo ended) >/tmp/said.{way} 2>&1 &")
        until("the new one serves alone", lambda: ways.active() != cluster and len(ways.clusters()) == 1, patience=400, every=1)
        time.sleep(1)
        said = {way: until(f"{way} has ended", lambda: (t := kubectl("exec", "caller", "--", "cat", f"/tmp/said.{way}").stdout).endswith("ended\n") and t)
                for way in WAYS}
        if ways.proxy == "haproxy" and "1012 (service restart)" in said["talk"]:
            del said["talk"]  # replicas that speak to HAProxy themselves close WebSockets when they end: uvicorn's way
        assert set(said.values()) == {"whole\nended\n"}, said
        told = load.since(before)
        assert told["unary"] > 100 and told["failed"] == 0 and told["truncated"] == 0, told
