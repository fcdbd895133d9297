"""An application that is asked in other ways: WebSocket, gRPC, and answers that take as long as the caller says."""
import asyncio

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from ray import serve
from ray.serve.generated import serve_pb2
from starlette.responses import PlainTextResponse, StreamingResponse

api = FastAPI()
EACH_NODE = {"num_replicas": 2, "max_replicas_per_node": 1, "graceful_shutdown_timeout_s": 120,
             "ray_actor_options": {"num_cpus": 0.1, "resources": {"worker": 0.1}}}


@serve.deployment(**EACH_NODE)
@serve.ingress(api)
class Web:
    @api.get("/")
    async def ask(self):
        return PlainTextResponse("served ways")

    @api.get("/stream")
    async def stream(self, tokens: int):
        async def speak():
            for number in range(tokens):
                await asyncio.sleep(1)
                yield f"token {number}\n"
            yield "end\n"
        return StreamingResponse(speak(), media_type="text/plain")

    @api.websocket("/talk")
    async def talk(self, socket: WebSocket):
        await socket.accept()
        try:
            while True:
                await socket.send_text("heard " + await socket.receive_text())
        except WebSocketDisconnect:
            pass


@serve.deployment(**EACH_NODE)
class Calls:
    """ray.serve.UserDefinedService, which comes with Ray."""

    async def __call__(self, message):
        return serve_pb2.UserDefinedResponse(greeting=f"served {message.name}")

    async def Streaming(self, message):  # noqa: N802, the service's name for it
        for number in range(message.num):
            await asyncio.sleep(1)
            yield serve_pb2.UserDefinedResponse(greeting=f"token {number}")


web = Web.bind()
calls = Calls.bind()
