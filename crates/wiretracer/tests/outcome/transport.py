"""One accepted connection, plain or TLS, with every way of ending it at hand.

`ssl.SSLSocket` can neither send close_notify without waiting for the peer's nor be shut down
without it, so TLS runs here over memory BIOs.

    read() -> bytes, b"" at the end     write(data)
    fin()     orderly: close_notify (TLS), then FIN        cut()   FIN alone
    rst()     RST, whatever is unread

What the bytes mean is no business of this file (see peer.py).
"""

import socket
import ssl
import struct

CHUNK = 1 << 16


class Gone(Exception):
    """The client reset the connection, or was silent for too long."""


class Plain:
    """TCP as it is."""

    def __init__(self, sock, patience):
        self.sock = sock
        sock.settimeout(patience)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self):
        try:
            return self.sock.recv(CHUNK)
        except OSError as error:
            raise Gone from error

    def write(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def cut(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Gone from error

    def fin(self):
        self.cut()

    def rst(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


class Tls(Plain):
    """TLS over the same; the handshake is made by `__init__`."""

    def __init__(self, sock, patience, context):
        super().__init__(sock, patience)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self._drive(self.tls.do_handshake)

    def _flush(self):
        data = self.outgoing.read()
        if data:
            super().write(data)

    def _drive(self, step):
        while True:
            try:
                result = step()
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                data = super().read()
                if not data:
                    raise Gone from None
                self.incoming.write(data)
            except ssl.SSLError as error:
                self._flush()
                raise Gone from error

    def read(self):
        try:
            return self._drive(lambda: self.tls.read(CHUNK))
        except Gone as gone:
            if isinstance(gone.__cause__, ssl.SSLZeroReturnError):
                return b""
            raise

    def write(self, data):
        self._drive(lambda: self.tls.write(data))

    def fin(self):
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self._flush()
        self.cut()
