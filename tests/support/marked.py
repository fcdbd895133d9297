"""A Ray workload that sends known texts from one node to the other in every way there is."""
import secrets

CHANNELS = ("argument", "result", "actor", "object", "kv", "name", "log", "serve")

PROGRAM = """
import sys, time, urllib.request
import ray
from ray import serve
resource, *texts = sys.argv[1:]
argument, result, actor, big, kv, name, log, request = (text.encode() for text in texts)
ray.init(logging_level="ERROR", namespace="marked")
far = {"num_cpus": 0, "resources": {resource: 0.01}}

@ray.remote(**far)
def take(text): return len(text)

@ray.remote(**far)
def give(seed): return seed[::-1] * 100

@ray.remote(**far)
def put(text):
    from ray.experimental.internal_kv import _internal_kv_put
    _internal_kv_put(b"marked", text * 100, overwrite=True)

@ray.remote(**far)
def say(text):
    for _ in range(20): print(text[::-1].decode())

@ray.remote(**far)
class Actor:
    def take(self, text): return len(text)

@serve.deployment(ray_actor_options=far)
class App:
    async def __call__(self, request): return str(len(await request.body()))

assert ray.get(take.remote(argument * 100)) == 100 * len(argument)
assert ray.get(give.remote(result[::-1])) == result * 100
assert ray.get(Actor.remote().take.remote(actor * 100)) == 100 * len(actor)
assert ray.get(take.remote(ray.put(big * 200_000))) == 200_000 * len(big)
ray.get(put.remote(kv))
assert ray.get(take.options(name=name.decode()).remote(b"")) == 0
ray.get(say.remote(log[::-1]))
serve.start(http_options={"host": "0.0.0.0", "port": 8000}, proxy_location="HeadOnly")
serve.run(App.bind(), name="marked", route_prefix="/")
asked = urllib.request.Request("http://127.0.0.1:8000/", data=request * 100)
assert urllib.request.urlopen(asked).read() == str(100 * len(request)).encode()
time.sleep(5)  # logs and events follow behind
serve.shutdown()
print("all was said")
"""


def markers() -> dict:
    """A fresh text for each channel: 64 characters that stand nowhere else."""
    return {channel: secrets.token_hex(32) for channel in CHANNELS}


def speak(lab, head, texts, far="far") -> None:
    """Runs the workload in the head's pod, towards the node that has the resource `far`. The texts travel there over TLS: API server,
    kubelet."""
    said = lab.python(head, PROGRAM, far, *texts.values(), timeout=300).stdout
    assert "all was said" in said, said
