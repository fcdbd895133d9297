"""An application of two ways to answer: at once, and token by token."""
import asyncio
import os

from ray import serve
from starlette.responses import StreamingResponse


@serve.deployment(num_replicas=2, ray_actor_options={"num_cpus": 0.1, "resources": {"worker": 0.1}}, max_replicas_per_node=1,
                  graceful_shutdown_timeout_s=20)
class App:
    def __init__(self, version: str):
        if version == "broken":
            raise RuntimeError("this version is broken on purpose")
        # Of the configuration, of the pods.
        self.version = f"{version}/{os.environ.get('POD_VERSION', '-')}"
        self.fails = version == "failing"

    async def __call__(self, request):
        if self.fails:
            raise RuntimeError("this version fails on purpose")
        tokens = int(request.query_params.get("tokens", "0"))
        if not tokens:
            return f"served {self.version}"
        pause = float(request.query_params.get("pause", "0.05"))
        return StreamingResponse(self.speak(tokens, pause), media_type="text/plain")

    async def speak(self, tokens: int, pause: float):
        yield f"served {self.version}\n"
        for number in range(tokens):
            await asyncio.sleep(pause)
            yield f"token {number}\n"
        yield "end\n"


def build(args: dict):
    return App.bind(args.get("version", "1"))
