"""ask.py ADDRESS WAY SECONDS TIMES: asks the application ways.py in one way, for that long, so many at once; "whole" if every part of every
answer came."""
import asyncio
import concurrent.futures
import http.client
import sys

address, way, seconds, times = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def stream():
    connection = http.client.HTTPConnection(address, 8000, timeout=60)
    connection.request("GET", f"/stream?tokens={seconds}", headers={"Connection": "close"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    assert answer.read().decode() == "".join(f"token {n}\n" for n in range(seconds)) + "end\n"


async def talk():
    import websockets
    async with websockets.connect(f"ws://{address}:8000/talk", ping_interval=None) as socket:
        for number in range(seconds):
            await socket.send(f"word {number}")
            assert await asyncio.wait_for(socket.recv(), 30) == f"heard word {number}"
            await asyncio.sleep(1)


def grpc():
    from ray.serve.generated import serve_pb2, serve_pb2_grpc

    import grpc as library
    with library.insecure_channel(f"{address}:9000") as channel:
        stub = serve_pb2_grpc.UserDefinedServiceStub(channel)
        told = (("application", "calls"),)
        assert stub.__call__(serve_pb2.UserDefinedMessage(name="x"), metadata=told, timeout=30).greeting == "served x"
        heard = [a.greeting for a in stub.Streaming(serve_pb2.UserDefinedMessage(num=seconds), metadata=told)]
        assert heard == [f"token {n}" for n in range(seconds)], heard


ask = {"stream": stream, "talk": lambda: asyncio.run(talk()), "grpc": grpc}[way]
with concurrent.futures.ThreadPoolExecutor(times) as pool:
    for asked in [pool.submit(ask) for _ in range(times)]:
        asked.result()
print("whole")
