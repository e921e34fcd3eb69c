"""The faulty server: one port for each case and transport, one thread for each connection.

    python3 upstream.py CERT KEY

prints one line of JSON, {"case|plain": port, "case|tls": port, …}, and serves until its standard
input ends. The cases are in cases.py.
"""

import json
import selectors
import socket
import ssl
import sys
import threading

from cases import CASES
from peer import Peer
from transport import Gone, Plain, Tls

# How long a silent client is waited for; longer than any client's deadline.
PATIENCE = 20


def serve(sock, case, context):
    channel = Plain(sock, PATIENCE)
    try:
        if case.bare:
            case.stage(channel)
        else:
            if context:
                channel = Tls(sock, PATIENCE, context)
            case.stage(Peer(channel))
    except Gone:
        pass
    finally:
        channel.close()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    context.set_alpn_protocols(["h2"])
    selector = selectors.DefaultSelector()
    ports = {}
    for case in CASES.values():
        for transport in ("plain", "tls") if case.tls else ("plain",):
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            if not case.refused:
                listener.listen(64)
                tls = context if transport == "tls" else None
                selector.register(listener, selectors.EVENT_READ, (case, tls))
            ports[f"{case.name}|{transport}"] = (listener.getsockname()[1], listener)
    print(json.dumps({name: port for name, (port, _) in ports.items()}), flush=True)
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                return
            sock, _ = key.fileobj.accept()
            threading.Thread(target=serve, args=(sock, *key.data), daemon=True).start()


if __name__ == "__main__":
    main()
