"""A hand-written HTTP/2 server's half of one connection (RFC 9113): frames are written byte by
byte, and nothing stops a case from writing the wrong ones.

    peer.start()                    the client's preface, our SETTINGS
    peer.request()                  waits for a whole request; gives its stream
    peer.headers(s, [...]) .data(s, b"…") .trailers(s) .rst(s, 8) .goaway(1, 0, b"max_age")
    peer.fin() / .rst_tcp() / .hold()

PING and SETTINGS are acknowledged while a case waits. HPACK is the `hpack` package's encoder.
"""

import struct
from contextlib import contextmanager

import hpack

from transport import Gone

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
INITIAL_WINDOW_SIZE = 4

GRPC = [(":status", "200"), ("content-type", "application/grpc")]


def frame(kind, flags, stream, payload=b"", length=None):
    """A frame; `length` lies about the payload's."""
    length = len(payload) if length is None else length
    return length.to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def message(payload, compressed=0, length=None):
    """A gRPC message; `length` lies about the payload's."""
    return struct.pack(">BI", compressed, len(payload) if length is None else length) + payload


class Peer:
    """The server's half."""

    def __init__(self, channel):
        self.channel = channel
        self.buffer = b""
        # What `in_one_piece` has gathered.
        self.held_back = None
        self.encoder = hpack.Encoder()
        self.windows = {0: 65535}
        self.initial_window = 65535

    # Reading

    def _need(self, n):
        while len(self.buffer) < n:
            data = self.channel.read()
            if not data:
                raise Gone
            self.buffer += data

    def some(self):
        """Waits for any bytes at all."""
        self._need(1)

    def next_frame(self):
        """The client's next frame; what the protocol wants answered is answered."""
        self._need(9)
        length = int.from_bytes(self.buffer[:3], "big")
        self._need(9 + length)
        kind, flags = self.buffer[3], self.buffer[4]
        stream = struct.unpack(">I", self.buffer[5:9])[0] & 0x7FFFFFFF
        payload = self.buffer[9 : 9 + length]
        self.buffer = self.buffer[9 + length :]
        if kind == SETTINGS and not flags & ACK:
            for at in range(0, length, 6):
                name, value = struct.unpack(">HI", payload[at : at + 6])
                if name == INITIAL_WINDOW_SIZE:
                    self.initial_window = value
            self.raw(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.raw(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            window = self.windows.get(stream, self.initial_window)
            self.windows[stream] = window + struct.unpack(">I", payload)[0]
        return kind, flags, stream, payload

    def preface(self):
        self._need(len(PREFACE))
        self.buffer = self.buffer[len(PREFACE) :]

    def start(self, *settings):
        """Reads the preface, sends SETTINGS."""
        self.preface()
        self.raw(frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *one) for one in settings)))

    def request(self):
        """Waits until a request is complete; its stream."""
        while True:
            kind, flags, stream, _ = self.next_frame()
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return stream

    def request_head(self):
        """Waits until a request has begun; its stream."""
        while True:
            kind, _, stream, _ = self.next_frame()
            if kind == HEADERS:
                return stream

    # Writing

    def raw(self, data):
        if self.held_back is None:
            self.channel.write(data)
        else:
            self.held_back += data

    @contextmanager
    def in_one_piece(self):
        """What is written meanwhile goes out together."""
        self.held_back = b""
        yield
        data, self.held_back = self.held_back, None
        self.raw(data)

    def headers(self, stream, fields=None, end=False):
        # Huffman coding is slow in Python.
        block = self.encoder.encode(GRPC if fields is None else fields, huffman=False)
        flags = END_STREAM if end else 0
        first, rest = block[:16384], block[16384:]
        out = frame(HEADERS, flags | (0 if rest else END_HEADERS), stream, first)
        while rest:
            part, rest = rest[:16384], rest[16384:]
            out += frame(CONTINUATION, 0 if rest else END_HEADERS, stream, part)
        self.raw(out)

    def data(self, stream, payload, end=False):
        self.raw(frame(DATA, END_STREAM if end else 0, stream, payload))

    def big_data(self, stream, payload):
        """DATA within the windows that the client grants."""
        at = 0
        while at < len(payload):
            room = min(self.windows[0], self.windows.get(stream, self.initial_window), 16384)
            if room <= 0:
                if self.next_frame()[0] in (RST_STREAM, GOAWAY):
                    return
                continue
            part = payload[at : at + room]
            self.data(stream, part)
            self.windows[0] -= len(part)
            self.windows[stream] = self.windows.get(stream, self.initial_window) - len(part)
            at += len(part)

    def trailers(self, stream, *fields):
        self.headers(stream, list(fields) or [("grpc-status", "0")], end=True)

    def rst(self, stream, code):
        self.raw(frame(RST_STREAM, 0, stream, struct.pack(">I", code)))

    def goaway(self, last, code, debug=b""):
        self.raw(frame(GOAWAY, 0, 0, struct.pack(">II", last, code) + debug))

    def answer(self, stream):
        """A good answer."""
        self.headers(stream)
        self.data(stream, message(b"pong"))
        self.trailers(stream)

    # Ending

    def seen(self):
        """Waits until the client has read all that was written, which its answer to a PING proves.

        Time proves nothing: what an RST finds unread is lost, and machines are slow at times.
        """
        self.raw(frame(PING, 0, 0, b"seen-yet"))
        while True:
            kind, flags, _, payload = self.next_frame()
            if kind == PING and flags & ACK and payload == b"seen-yet":
                return

    def hold(self):
        """Waits until the client leaves."""
        while True:
            self.next_frame()

    def drain(self):
        """Waits until the client leaves, answering nothing."""
        while self.channel.read():
            pass

    def fin(self):
        self.channel.fin()
        self.drain()

    def cut(self):
        """FIN, over TLS without close_notify."""
        self.channel.cut()
        self.drain()

    def rst_tcp(self):
        self.channel.rst()
