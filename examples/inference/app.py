"""Text from small language models: tokens as they come, scores in batches, several models in each replica.

POST /generate {"model": "ops", "prompt": "The head", "max_tokens": 60, "stream": true}
POST /score    {"model": "ops", "text": "The workers hold the replicas."}
GET  /models"""
import asyncio
import json
import pathlib

from model import Model
from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse


@serve.deployment
class Generator:
    """Replicas keep the two models that they were asked for last, and requests go where theirs is."""

    def __init__(self, folder: str, pause: float):
        self.folder, self.pause = pathlib.Path(folder), pause

    @serve.multiplexed(max_num_models_per_replica=2)
    async def model(self, name: str) -> Model:
        return await asyncio.to_thread(Model.load, str(self.folder / f"{name}.json"))

    async def tokens(self, prompt: str, most: int, seed: int):
        model = await self.model(serve.get_multiplexed_model_id())
        for token in model.tokens(prompt, most, seed=seed):
            yield token
            await asyncio.sleep(self.pause)  # others' turn; a large model needs that long by itself

    async def score(self, text: str) -> float:
        return (await self.scores(text))

    @serve.batch(max_batch_size=16, batch_wait_timeout_s=0.01)
    async def scores(self, texts: list[str]) -> list[float]:
        model = await self.model(serve.get_multiplexed_model_id())
        return [model.perplexity(text) for text in texts]


@serve.deployment
class Api:
    def __init__(self, generator, folder: str):
        self.generator = generator
        self.names = sorted(path.stem for path in pathlib.Path(folder).glob("*.json"))

    async def __call__(self, request: Request):
        if request.url.path.endswith("/models"):
            return JSONResponse({"models": self.names})
        try:
            asked = await request.json()
            name = asked["model"]
        except (ValueError, KeyError, TypeError) as problem:
            return JSONResponse({"error": f"the body is no JSON with a model: {problem}"}, status_code=400)
        if name not in self.names:
            return JSONResponse({"error": f"there is no model {name!r}; there are {self.names}"}, status_code=404)
        generator = self.generator.options(multiplexed_model_id=name)
        if request.url.path.endswith("/score"):
            return JSONResponse({"model": name, "perplexity": round(await generator.score.remote(str(asked.get("text", ""))), 3)})
        prompt, most = str(asked.get("prompt", "")), min(int(asked.get("max_tokens", 64)), 2000)
        answer = generator.options(stream=True).tokens.remote(prompt, most, int(asked.get("seed", 0)))
        if asked.get("stream"):
            return StreamingResponse(self.events(answer), media_type="text/event-stream")
        return JSONResponse({"model": name, "text": prompt + "".join([token async for token in answer])})

    async def events(self, answer):
        async for token in answer:
            yield f"data: {json.dumps({'token': token})}\n\n"
        yield "data: [DONE]\n\n"


def build(args: dict):
    folder = args.get("models", "/models")
    return Api.bind(Generator.bind(folder, float(args.get("pause", 0.01))), folder)
