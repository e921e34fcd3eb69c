"""A gRPC server and a gRPC client with the four kinds of calls, over mutual TLS.

    grpc_peer.py server DIRECTORY PORT
    grpc_peer.py client DIRECTORY PORT ROUNDS

DIRECTORY holds ca.pem, server.pem, server.key, client.pem and client.key. Messages are plain bytes:
no generated code is needed. The client exits with 0 when every answer is the right one.
"""

import sys
from concurrent import futures
from pathlib import Path

import grpc

SERVICE = "test.Peer"
MESSAGES = 20
# Sizes around those of frames and windows.
SIZES = [0, 1, 100, 16_384, 70_000, 300_000]


def file(name):
    return Path(sys.argv[2], name).read_bytes()


def messages():
    return [bytes([number]) * SIZES[number % len(SIZES)] for number in range(MESSAGES)]


def joined(requests):
    return b"".join(requests)


def serve():
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(lambda request, _: request[::-1]),
        "ClientStream": grpc.stream_unary_rpc_method_handler(lambda requests, _: joined(requests)),
        "ServerStream": grpc.unary_stream_rpc_method_handler(lambda _request, _: iter(messages())),
        "Bidi": grpc.stream_stream_rpc_method_handler(
            lambda requests, _: (request[::-1] for request in requests)
        ),
    }
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    credentials = grpc.ssl_server_credentials(
        [(file("server.key"), file("server.pem"))], file("ca.pem"), require_client_auth=True
    )
    server.add_secure_port(f"127.0.0.1:{sys.argv[3]}", credentials)
    server.start()
    server.wait_for_termination()


def call():
    credentials = grpc.ssl_channel_credentials(
        file("ca.pem"), file("client.key"), file("client.pem")
    )
    with grpc.secure_channel(f"localhost:{sys.argv[3]}", credentials) as channel:
        unary = channel.unary_unary(f"/{SERVICE}/Unary")
        client_stream = channel.stream_unary(f"/{SERVICE}/ClientStream")
        server_stream = channel.unary_stream(f"/{SERVICE}/ServerStream")
        bidi = channel.stream_stream(f"/{SERVICE}/Bidi")
        for _ in range(int(sys.argv[4])):
            deadline = {"timeout": 30}
            assert unary(b"abc", **deadline) == b"cba"
            assert client_stream(iter(messages()), **deadline) == joined(messages())
            assert list(server_stream(b"go", **deadline)) == messages()
            reversed_messages = [message[::-1] for message in messages()]
            assert list(bidi(iter(messages()), **deadline)) == reversed_messages


{"server": serve, "client": call}[sys.argv[1]]()
