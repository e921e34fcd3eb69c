"""Every fault that is staged, by name: a function that plays the server's half of a connection.

    @case("fin-before-headers")
    def _(peer):
        peer.start(); peer.request(); peer.fin()

A case says which clients call it, whether over TLS too, and for which of them the call's `event`
must be in error. What the clients make of it is not written down anywhere: it is compared.
"""

import itertools
import struct
import time
from dataclasses import dataclass
from typing import Callable

from peer import (
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, GRPC, HEADERS, PADDED, PING, PRIORITY,
    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, message,
)

GRPC_CLIENTS = ("unary", "stream")
HTTP_CLIENTS = ("curl", "nghttp")
ALL = GRPC_CLIENTS + HTTP_CLIENTS
# Long enough for most clients to have read what came before an RST, where a PING may not stand.
BREATH = 0.03


@dataclass(frozen=True)
class Case:
    """One fault."""

    name: str
    stage: Callable
    clients: tuple = ALL
    tls: bool = True
    # Clients whose call must be an `event` in error.
    fault: tuple = ALL
    # Accepted and not a byte read: `stage` gets the bare channel (before TLS).
    bare: bool = False
    # The port is closed.
    refused: bool = False
    # An RST that the client may find before it has read what came ahead: what it has not read is
    # lost, and the call looks as if the cut had come earlier. Those are the cases of such cuts.
    torn: tuple = ()


CASES = {}


def case(name, **options):
    def add(stage):
        assert name not in CASES, name
        CASES[name] = Case(name, stage, **options)
        return stage

    return add


def answered(name, **options):
    """A case that begins with a whole request; `stage(peer, stream)`."""

    def add(stage):
        @case(name, **options)
        def _(peer):
            peer.start()
            stage(peer, peer.request())

        return stage

    return add


# Controls: nothing is wrong, and nothing may be recorded as wrong.


@answered("ok", fault=())
def _(peer, s):
    peer.answer(s)
    peer.hold()


@answered("ok-then-fin", fault=())
def _(peer, s):
    peer.answer(s)
    peer.fin()


@answered("ok-1xx-first", clients=HTTP_CLIENTS, fault=())
def _(peer, s):
    peer.headers(s, [(":status", "103"), ("link", "</a>; rel=preload")])
    peer.answer(s)
    peer.hold()


# grpcio takes no interim response.
@answered("1xx-then-hang")
def _(peer, s):
    peer.headers(s, [(":status", "103"), ("link", "</a>; rel=preload")])
    peer.hold()


@answered("ok-unknown-frame", fault=())
def _(peer, s):
    peer.raw(frame(0xBB, 0xFF, s, b"grease"))
    peer.answer(s)
    peer.hold()


# grpcio takes no padded DATA.
@answered("ok-padded", clients=HTTP_CLIENTS, fault=())
def _(peer, s):
    peer.headers(s)
    peer.raw(frame(DATA, PADDED, s, b"\x09" + message(b"pong") + bytes(9)))
    peer.trailers(s)
    peer.hold()


@answered("ok-trailers-only", fault=())
def _(peer, s):
    peer.headers(s, GRPC + [("grpc-status", "0")], end=True)
    peer.hold()


@case("ok-early-response-no-error", clients=HTTP_CLIENTS, fault=())
def _(peer):
    peer.start()
    s = peer.request_head()
    # In one piece: a client that is content with the answer and leaves the rest unread resets.
    with peer.in_one_piece():
        peer.answer(s)
        peer.rst(s, 0)
    peer.hold()


# RST_STREAM


for code in range(14):
    @answered(f"rst-{code}-before-headers", tls=code in (2, 7, 8))
    def _(peer, s, code=code):
        peer.rst(s, code)
        peer.hold()

    @answered(f"rst-{code}-after-headers", tls=code == 2)
    def _(peer, s, code=code):
        peer.headers(s)
        peer.seen()
        peer.rst(s, code)
        peer.hold()

    @answered(f"rst-{code}-after-data", tls=code in (0, 2))
    def _(peer, s, code=code):
        peer.headers(s)
        peer.data(s, message(b"pong"))
        peer.seen()
        peer.rst(s, code)
        peer.hold()


@answered("rst-at-once")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"))
    peer.rst(s, 2)
    peer.hold()


@answered("rst-unknown-code")
def _(peer, s):
    peer.rst(s, 0x1234)
    peer.hold()


# GOAWAY


def goaway(name, lasts, code, debug, end, **options):
    @answered(name, **options)
    def _(peer, s):
        for last in lasts:
            peer.goaway(s if last == "covering" else last, code, debug.encode())
        # A client that leaves for the GOAWAY's sake has seen it too.
        peer.seen()
        {"fin": peer.fin, "rst": peer.rst_tcp, "hold": peer.hold}[end]()


LASTS = {"0": (0,), "covering": ("covering",), "max": (2**31 - 1,), "twice": (2**31 - 1, "covering")}
for (last, code, debug, end) in itertools.product(
    LASTS, (0, 1, 2, 11), ("", "max_age", "too_many_pings"), ("fin", "rst", "hold")
):
    goaway(
        f"goaway-{last}-{code}-{debug or 'bare'}-{end}", LASTS[last], code, debug, end,
        clients=ALL if debug == "max_age" and code in (0, 2) else ("unary",),
        tls=debug == "max_age" and code == 0,
    )


@answered("goaway-then-answer", fault=())
def _(peer, s):
    peer.goaway(s, 0, b"max_age")
    peer.answer(s)
    peer.fin()


@case("goaway-before-request", clients=GRPC_CLIENTS)
def _(peer):
    peer.start()
    peer.goaway(0, 0, b"max_age")
    peer.fin()


# Cuts


CUTS = []


def cuts(name, before, whole=True, **options):
    """`whole`: what was written ends with a whole frame, and a PING may follow."""
    CUTS.append(name)
    for end in ("fin", "cut", "rst", "rst-at-once"):
        is_torn = end == "rst-at-once" or (end == "rst" and not whole)
        torn = tuple(f"{earlier}-rst" for earlier in CUTS if is_torn)

        @case(f"{name}-{end}", torn=torn, **options)
        def _(peer, end=end):
            before(peer)
            if end == "rst":
                peer.seen() if whole else time.sleep(BREATH)
            {"fin": peer.fin, "cut": peer.cut}.get(end, peer.rst_tcp)()


def _headers(peer):
    peer.start()
    s = peer.request()
    peer.headers(s)
    return s


def _mid_message(peer):
    s = _headers(peer)
    peer.data(s, message(b"pong")[:7])


def _after_message(peer):
    s = _headers(peer)
    peer.data(s, message(b"pong"))


def _mid_frame(peer):
    s = _headers(peer)
    peer.raw(frame(DATA, 0, s, message(b"pong"), length=100))


def _mid_header_block(peer):
    peer.start()
    s = peer.request()
    peer.raw(frame(HEADERS, 0, s, peer.encoder.encode(GRPC)))


cuts("cut-before-settings", lambda peer: peer.preface(), whole=False)
cuts("cut-after-settings", lambda peer: peer.start())
cuts("cut-before-headers", lambda peer: (peer.start(), peer.request()))
cuts("cut-after-headers", _headers)
cuts("cut-mid-message", _mid_message)
cuts("cut-after-message", _after_message)
cuts("cut-mid-frame", _mid_frame, whole=False)
cuts("cut-mid-header-block", _mid_header_block, whole=False)


@case("refused", refused=True)
def _(_):
    pass


@case("accept-fin", bare=True)
def _(channel):
    channel.cut()
    while channel.read():
        pass


@case("accept-rst", bare=True)
def _(channel):
    channel.rst()


@case("accept-hang", bare=True)
def _(channel):
    while channel.read():
        pass


@case("preface-then-hang")
def _(peer):
    peer.preface()
    peer.drain()


@case("hang")
def _(peer):
    peer.start()
    peer.request()
    peer.hold()


@answered("hang-after-headers")
def _(peer, s):
    peer.headers(s)
    peer.hold()


@answered("hang-after-data")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"))
    peer.hold()


# The wrong protocol


@case("http1-400")
def _(peer):
    peer.some()
    peer.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    peer.fin()


@case("http1-400-open")
def _(peer):
    peer.some()
    peer.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    peer.drain()


@case("ssh-banner")
def _(peer):
    peer.some()
    peer.raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    peer.drain()


@case("tls-alert-in-the-clear", clients=ALL, bare=True)
def _(channel):
    channel.read()
    channel.write(bytes.fromhex("15030300020228"))
    channel.cut()
    while channel.read():
        pass


# gRPC's own


for code, text in [(1, "cancelled"), (4, "deadline"), (5, "nope"), (8, "quota"), (12, "unknown method"),
                   (13, "caf%C3%A9 %25 %0Aline"), (14, "down"), (16, ""), (99, "beyond")]:
    @answered(f"trailers-only-{code}", tls=code == 13, fault=ALL)
    def _(peer, s, code=code, text=text):
        fields = [("grpc-status", str(code))] + ([("grpc-message", text)] if text else [])
        peer.headers(s, GRPC + fields, end=True)
        peer.hold()


@answered("trailers-only-split")
def _(peer, s):
    peer.headers(s, GRPC + [("grpc-status", "5"), ("grpc-message", "nope")])
    peer.data(s, b"", end=True)
    peer.hold()


@answered("status-after-data")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"))
    peer.trailers(s, ("grpc-status", "13"), ("grpc-message", "late"))
    peer.hold()


@answered("trailers-without-status")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"))
    peer.trailers(s, ("x-foo", "bar"))
    peer.hold()


@answered("no-trailers")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"), end=True)
    peer.hold()


@answered("headers-only")
def _(peer, s):
    peer.headers(s, end=True)
    peer.hold()


for label, value in [("text", "oops"), ("empty", ""), ("negative", "-1"), ("huge", "99999999999")]:
    @answered(f"status-{label}", tls=False)
    def _(peer, s, value=value):
        peer.headers(s)
        peer.trailers(s, ("grpc-status", value))
        peer.hold()


@answered("html-200")
def _(peer, s):
    peer.headers(s, [(":status", "200"), ("content-type", "text/html")])
    peer.data(s, b"<html><title>login</title></html>", end=True)
    peer.hold()


for status in (401, 404, 429, 500, 502, 503):
    @answered(f"http-{status}", tls=status == 502)
    def _(peer, s, status=status):
        peer.headers(s, [(":status", str(status)), ("content-type", "text/html")])
        peer.data(s, b"<html>%d</html>" % status, end=True)
        peer.hold()


# curl 7.88 misses trailers behind so much data now and then, whoever sends them.
@answered("message-5mb", clients=GRPC_CLIENTS + ("nghttp",), fault=GRPC_CLIENTS)
def _(peer, s):
    peer.headers(s)
    peer.big_data(s, message(bytes(5 << 20)))
    peer.trailers(s)
    peer.hold()


@answered("message-truncated")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"po", length=7))
    peer.trailers(s)
    peer.hold()


@answered("message-compressed-without-encoding")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong", compressed=1))
    peer.trailers(s)
    peer.hold()


@answered("message-flag-garbage")
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong", compressed=0x3C))
    peer.trailers(s)
    peer.hold()


# Broken frames


GARBAGE = {
    "frame-oversized": lambda s: frame(DATA, 0, s, bytes(100), length=0xFFFFFF),
    "frame-over-limit": lambda s: frame(DATA, 0, s, bytes(16385)),
    "data-on-stream-0": lambda s: frame(DATA, 0, 0, b"x"),
    "data-before-headers": lambda s: frame(DATA, 0, s, message(b"pong")),
    "data-on-idle-stream": lambda s: frame(DATA, 0, s + 100, b"x"),
    "headers-on-stream-0": lambda s: frame(HEADERS, END_HEADERS, 0, b"\x88"),
    "headers-on-even-stream": lambda s: frame(HEADERS, END_HEADERS, 2, b"\x88"),
    "headers-on-idle-stream": lambda s: frame(HEADERS, END_HEADERS, s + 100, b"\x88"),
    "rst-on-stream-0": lambda s: frame(RST_STREAM, 0, 0, bytes(4)),
    "rst-on-idle-stream": lambda s: frame(RST_STREAM, 0, s + 100, bytes(4)),
    "padding-too-long": lambda s: frame(HEADERS, END_HEADERS, s, b"\x88")
    + frame(DATA, PADDED, s, b"\xff" + b"x" * 9),
    "padding-without-length": lambda s: frame(HEADERS, END_HEADERS, s, b"\x88") + frame(DATA, PADDED, s),
    "rst-of-3-bytes": lambda s: frame(RST_STREAM, 0, s, bytes(3)),
    "window-update-of-3-bytes": lambda s: frame(WINDOW_UPDATE, 0, 0, bytes(3)),
    "window-update-0": lambda s: frame(WINDOW_UPDATE, 0, 0, bytes(4)),
    "window-update-0-on-stream": lambda s: frame(WINDOW_UPDATE, 0, s, bytes(4)),
    "window-overflow": lambda s: frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2,
    "window-overflow-on-stream": lambda s: frame(WINDOW_UPDATE, 0, s, b"\x7f\xff\xff\xff") * 2,
    "settings-of-5-bytes": lambda s: frame(SETTINGS, 0, 0, bytes(5)),
    "settings-on-a-stream": lambda s: frame(SETTINGS, 0, s),
    "settings-ack-with-payload": lambda s: frame(SETTINGS, ACK, 0, bytes(6)),
    "settings-window-too-large": lambda s: frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 2**31)),
    "settings-frame-size-too-small": lambda s: frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 100)),
    "settings-push-2": lambda s: frame(SETTINGS, 0, 0, struct.pack(">HI", 2, 2)),
    "ping-of-9-bytes": lambda s: frame(PING, 0, 0, bytes(9)),
    "ping-on-a-stream": lambda s: frame(PING, 0, s, bytes(8)),
    "goaway-of-4-bytes": lambda s: frame(GOAWAY, 0, 0, bytes(4)),
    "priority-of-4-bytes": lambda s: frame(PRIORITY, 0, s, bytes(4)),
    "continuation-alone": lambda s: frame(CONTINUATION, END_HEADERS, s, b"\x88"),
    "block-interrupted": lambda s: frame(HEADERS, 0, s, b"\x88") + frame(DATA, 0, s, b"x"),
    "push-promise": lambda s: frame(PUSH_PROMISE, END_HEADERS, s, struct.pack(">I", 2) + b"\x82\x87\x84"),
    "hpack-index-unknown": lambda s: frame(HEADERS, END_HEADERS, s, b"\xff\x20"),
    "hpack-index-0": lambda s: frame(HEADERS, END_HEADERS, s, b"\x80"),
    "hpack-truncated": lambda s: frame(HEADERS, END_HEADERS, s, b"\x88\x40\x0aab"),
    "hpack-bad-huffman": lambda s: frame(HEADERS, END_HEADERS, s, b"\x88\x40\x84\xff\xff\xff\xff\x01x"),
    "hpack-integer-overflow": lambda s: frame(HEADERS, END_HEADERS, s, b"\xff" + b"\xff" * 12),
    "hpack-table-too-large": lambda s: frame(HEADERS, END_HEADERS, s, b"\x3f\xff\xff\xff\x0f\x88"),
    "no-status": lambda s: frame(HEADERS, END_HEADERS | END_STREAM, s, b"\x00\x01a\x01b"),
    "uppercase-name": lambda s: frame(HEADERS, END_HEADERS | END_STREAM, s, b"\x88\x00\x01A\x01b"),
    "connection-header": lambda s: frame(
        HEADERS, END_HEADERS | END_STREAM, s, b"\x88\x00\x0aconnection\x05close"),
    "pseudo-after-regular": lambda s: frame(
        HEADERS, END_HEADERS | END_STREAM, s, b"\x00\x01a\x01b\x88"),
}
TLS_GARBAGE = ("frame-oversized", "ping-of-9-bytes", "hpack-index-unknown")
for name, bytes_of in GARBAGE.items():
    @answered(name, tls=name in TLS_GARBAGE)
    def _(peer, s, bytes_of=bytes_of):
        peer.raw(bytes_of(s))
        peer.hold()


@answered("content-length-mismatch", fault=ALL)
def _(peer, s):
    peer.headers(s, GRPC + [("content-length", "3")])
    peer.data(s, message(b"pong"))
    peer.trailers(s)
    peer.hold()


@answered("data-after-end")
def _(peer, s):
    peer.headers(s, GRPC + [("grpc-status", "5")], end=True)
    peer.data(s, message(b"pong"))
    peer.hold()


# Settings, windows, floods


@case("window-0")
def _(peer):
    peer.start((4, 0))
    peer.request()
    peer.hold()


@case("max-concurrent-0", clients=GRPC_CLIENTS)
def _(peer):
    peer.start((3, 0))
    peer.hold()


@case("no-settings-at-all")
def _(peer):
    peer.preface()
    peer.hold()


@case("no-settings-answer", clients=HTTP_CLIENTS)
def _(peer):
    peer.preface()
    peer.answer(peer.request())
    peer.hold()


@answered("ping-flood")
def _(peer, s):
    flood = frame(PING, 0, 0, b"flooding") * 1000
    for _ in range(20):
        peer.raw(flood)
    peer.drain()


@answered("header-list-huge", fault=GRPC_CLIENTS)
def _(peer, s):
    peer.headers(s)
    peer.data(s, message(b"pong"))
    peer.trailers(s, ("grpc-status", "0"), ("x-big", "x" * 67500))
    peer.hold()

