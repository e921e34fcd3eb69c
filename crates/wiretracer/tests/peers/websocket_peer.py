"""A WebSocket echo server and a client of it, over TLS, with permessage-deflate.

    websocket_peer.py server DIRECTORY PORT
    websocket_peer.py client DIRECTORY PORT

DIRECTORY holds ca.pem, server.pem and server.key. The client exits with 0 when every echo is right.
"""

import asyncio
import ssl
import sys
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

DIRECTORY, PORT = Path(sys.argv[2]), int(sys.argv[3])


async def echo(websocket):
    async for message in websocket:
        if message == "bye":
            await websocket.close(1000, "as asked")
            return
        await websocket.send(message)


async def run_server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DIRECTORY / "server.pem", DIRECTORY / "server.key")
    async with serve(echo, "127.0.0.1", PORT, ssl=context):
        await asyncio.get_running_loop().create_future()


async def run_client():
    context = ssl.create_default_context(cafile=DIRECTORY / "ca.pem")
    async with connect(f"wss://127.0.0.1:{PORT}/echo", ssl=context, max_size=None) as websocket:
        for number in range(40):
            text = f"message {number} " * number * 100
            await websocket.send(text)
            # A binary message in fragments, with a ping behind it.
            fragments = [bytes([number]) * size for size in (0, 1, 70_000, number)]
            await websocket.send(fragments)
            await (await websocket.ping())
            assert await websocket.recv() == text
            assert await websocket.recv() == b"".join(fragments)
        await websocket.send("bye")
        await websocket.wait_closed()
        assert websocket.close_code == 1000, websocket.close_code


asyncio.run({"server": run_server, "client": run_client}[sys.argv[1]]())
