"""What each client makes of a call: everything that its user would see, addresses and times aside.

    call("unary", "plain", port, files) -> Outcome(what="UNAVAILABLE Socket closed", pace="fast")

grpcio calls without retries and with a channel of its own; curl and nghttp send the same gRPC
request and show status, headers and frames as they came.
"""

import os
import re
import subprocess
import time
from dataclasses import dataclass

os.environ.setdefault("GRPC_VERBOSITY", "NONE")
import grpc

# Seconds; every call's own deadline.
DEADLINE = 2.0
REQUEST = b"\x00\x00\x00\x00\x04ping"


@dataclass(frozen=True)
class Files:
    """What the clients are given."""

    ca: str
    body: str


@dataclass(frozen=True)
class Outcome:
    """What the user sees, and how long it took: "fast", "slow", "deadline"."""

    what: str
    pace: str
    ok: bool
    # The frames and fields that nghttp printed, apart from `what`.
    frames: tuple = ()

    @property
    def status(self):
        """grpcio's status code."""
        return next(word for word in self.what.split() if word.isupper() and word.isidentifier())

    def is_like(self, other, is_torn):
        """Whether a user sees the same; of frames that an RST may have overtaken, as far as either saw
        them."""
        shown = min(len(self.frames), len(other.frames)) if is_torn else None
        return (
            (self.what, self.pace, self.frames[:shown]) == (other.what, other.pace, other.frames[:shown])
        )

    def __str__(self):
        frames = "".join(f"; {one}" for one in self.frames)
        return f"{self.what}{frames} [{self.pace}]"


OPTIONS = [
    ("grpc.enable_retries", 0),
    ("grpc.service_config", '{"methodConfig": []}'),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
]
TLS_OPTIONS = [("grpc.ssl_target_name_override", "localhost"), ("grpc.default_authority", "localhost")]

# What differs from call to call and says nothing: addresses, ports, times, hashes.
NOISE = [
    (re.compile(r"(ipv4:)?(127\.0\.0\.1|localhost)(:|%3A| port )\d+"), "ADDR"),
    (re.compile(r"after \d+ (ms|milliseconds)"), "after N ms"),
    (re.compile(r"\[ *\d+\.\d+\]"), "[T]"),
    (re.compile(r"\d+ (bytes|out of)"), r"N \1"),
    # An RST is found by whichever comes first, the next read or the next write.
    (re.compile(r"exit 5[56] (.*)curl: \(5[56]\) (Recv|Send) failure"), r"exit 55/56 \1curl: Recv/Send failure"),
    (re.compile(r"curl: \(35\) (Recv|Send) failure"), "curl: (35) Recv/Send failure"),
    (re.compile(r"recvmsg: ?Connection reset by peer \(104\)|sendmsg: (Connection reset by peer \(104\)|Broken pipe \(32\))"), "RST"),
]

# What grpcio wraps round the reason, or not, as chance has it: whether the call was on the transport
# already, or a write was still under way, when that closed.
WRAPPERS = re.compile(
    r"(?:Transport closed|Stream removed|Delayed close due to in-progress write|Socket closed(?= \(GOAWAY)) \("
)


def unwrapped(text):
    """`A (b (c))` without a wrapper `A`: `b (c)`."""
    while wrapper := WRAPPERS.search(text):
        depth, end = 1, wrapper.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        inner = text[wrapper.end() : end - 1 if depth == 0 else end]
        text = text[: wrapper.start()] + inner + text[end:]
    return text


def quiet(text):
    for pattern, replacement in NOISE:
        text = pattern.sub(replacement, text)
    return " ".join(unwrapped(text).split())


def pace(seconds):
    if seconds >= DEADLINE * 0.9:
        return "deadline"
    return "fast" if seconds < DEADLINE * 0.5 else "slow"


def metadata(pairs):
    return ",".join(f"{name}={str(value)[:40]}" for name, value in pairs or ())


def grpcio(streaming):
    def call(transport, port, files):
        target = f"127.0.0.1:{port}"
        if transport == "tls":
            with open(files.ca, "rb") as ca:
                credentials = grpc.ssl_channel_credentials(ca.read())
            channel = grpc.secure_channel(target, credentials, OPTIONS + TLS_OPTIONS)
        else:
            channel = grpc.insecure_channel(target, OPTIONS)
        got = []
        with channel:
            try:
                if streaming:
                    answers = channel.unary_stream("/test.Echo/Stream")(b"ping", timeout=DEADLINE)
                    for answer in answers:
                        got.append(answer)
                    end = f"OK {metadata(answers.trailing_metadata())}"
                else:
                    answer, made = channel.unary_unary("/test.Echo/Call").with_call(
                        b"ping", timeout=DEADLINE
                    )
                    got.append(answer)
                    end = f"OK {metadata(made.trailing_metadata())}"
            except grpc.RpcError as error:
                end = f"{error.code().name} '{error.details()}' {metadata(error.trailing_metadata())}"
        ok = end.startswith("OK")
        # A failure may overtake a message on its way up to the caller.
        messages = " ".join("None" if one is None else f"{len(one)}B" for one in got if ok)
        return f"{messages} {end}", ok

    return call


def run(*command):
    done = subprocess.run(
        command, capture_output=True, timeout=30, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def curl(transport, port, files):
    secure = ("--http2", "--cacert", files.ca) if transport == "tls" else ("--http2-prior-knowledge",)
    scheme = "https" if transport == "tls" else "http"
    code, out, err = run(
        "curl", "-q", "-sS", "--noproxy", "*", *secure, "-m", str(DEADLINE), "-D", "-",
        "-o", "/dev/null", "-w", "%{http_code} %{size_download}B", "-H", "content-type: application/grpc",
        "-H", "te: trailers", "--data-binary", f"@{files.body}",
        f"{scheme}://localhost:{port}/test.Echo/Call", "--resolve", f"localhost:{port}:127.0.0.1",
    )
    # How much curl shows of an answer that fails depends on how the kernel cuts the bytes.
    shown = out.decode(errors="replace")[:300] if code == 0 else ""
    return f"exit {code} {shown} {err}", code == 0


RECEIVED = re.compile(r"recv(?: \(stream_id=\d+\))? (\w+ frame <.*>|[\w:-]+: .*)|Some requests.*|\[ERROR\].*")


def nghttp(transport, port, files):
    scheme = "https" if transport == "tls" else "http"
    code, out, err = run(
        "nghttp", "-v", "-n", "--no-dep", "-t", f"{int(DEADLINE * 1000)}ms", "-H",
        "content-type: application/grpc", "-H", "te: trailers", "-d", files.body,
        f"{scheme}://127.0.0.1:{port}/test.Echo/Call",
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", out.decode(errors="replace") + err)
    seen = [match.group(0) for match in RECEIVED.finditer(text)]
    # When the acknowledgement of SETTINGS is read depends on nothing but chance.
    seen = [one for one in seen if "SETTINGS frame <length=0, flags=0x01" not in one]
    windows = [one for one in seen if "WINDOW_UPDATE" in one]
    pings = [one for one in seen if "PING" in one]
    seen = [one for one in seen if one not in windows and one not in pings]
    failed = code != 0 or "ERROR" in text or "Some requests" in text
    complaints = [one for one in seen if not one.startswith("recv")]
    frames = tuple(quiet(one) for one in seen if one.startswith("recv"))
    return f"exit {code} " + "; ".join(complaints), not failed, frames


CLIENTS = {"unary": grpcio(False), "stream": grpcio(True), "curl": curl, "nghttp": nghttp}


def call(client, transport, port, files):
    """Makes the call."""
    began = time.monotonic()
    what, ok, *frames = CLIENTS[client](transport, port, files)
    return Outcome(quiet(what), pace(time.monotonic() - began), ok, *frames)
