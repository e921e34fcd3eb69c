"""The outcome is the client's own: every staged fault, called directly and through wiretracer.

    python3 main.py WIRETRACER [PATTERN]

For each case (cases.py), transport and client (clients.py) the call is made twice, and both must
see the same; then the records of the call through the proxy are judged (records.py). Prints a line
for each call; exits 0 when all is as it should be, 1 when not, 77 when a peer is missing.

A call whose outcome is left to chance even directly may have any outcome through the proxy that
direct calls have; where an RST may overtake data (`Case.torn`), also any that direct calls have when
the cut comes earlier, and of nghttp's frames any beginning.
"""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

SKIPPED = 77
HERE = os.path.dirname(os.path.abspath(__file__))
try:
    import hpack  # noqa: F401

    import clients  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)
for tool in ("curl", "nghttp", "openssl"):
    if not shutil.which(tool):
        print(f"skipped: no {tool}")
        sys.exit(SKIPPED)

import expected
import records
from cases import CASES, GRPC_CLIENTS
from clients import REQUEST, Files, call


def most_callers():
    """Calls at once: most of their time is waiting for a deadline, so many to a core, and half as many
    on a machine that is busy already."""
    cores = len(os.sched_getaffinity(0))
    busy = os.getloadavg()[0] > cores
    return max(4, min(32, cores * (6 if busy else 12)))


# Direct calls made again to learn what chance may bring.
RETRIES = 40
# Calls through the proxy made again when the first one differed.
AGAIN = 4
SETTLERS = 2


@dataclass
class Call:
    """One case by one client, both ways."""

    case: object
    transport: str
    client: str
    direct: list = field(default_factory=list)
    through: list = field(default_factory=list)
    # What was seen through the proxy when everything ran at once, if direct calls did not bring it.
    first: object = None
    # When the calls began that were made again.
    settled: float = 0.0
    # The calls of the cases that this one may look like (`Case.torn`).
    alike: list = field(default_factory=list)

    @property
    def key(self):
        return self.case.name, self.transport, self.client

    @property
    def name(self):
        return "|".join(self.key)

    @property
    def upstream(self):
        return f"{self.case.name}|{self.transport}"


def certificate(folder):
    """A self-signed certificate for localhost, its own authority."""
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    ca, ca_key = os.path.join(folder, "ca.pem"), os.path.join(folder, "ca-key.pem")
    request, extensions = os.path.join(folder, "csr.pem"), os.path.join(folder, "ext")
    with open(extensions, "w", encoding="utf-8") as out:
        out.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for arguments in (
        ("req", "-x509", *new_key, "-keyout", ca_key, "-out", ca, "-subj", "/CN=test CA", "-days", "2"),
        ("req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=localhost"),
        ("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
         "-extfile", extensions, "-out", cert, "-days", "2"),
    ):
        subprocess.run(("openssl", *arguments), check=True, capture_output=True)
    return ca, cert, key


@contextmanager
def running_upstream(cert, key):
    """The faulty server; its ports by case and transport."""
    command = (sys.executable, os.path.join(HERE, "upstream.py"), cert, key)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield json.loads(server.stdout.readline())
        server.stdin.close()


def configuration(calls, ports, ca, cert, key, jsonl):
    """A listener for each call. JSON is YAML."""
    listeners = []
    for one in calls:
        listener = {
            "name": one.name,
            "listen": "127.0.0.1:0",
            "upstream": {"addr": f"127.0.0.1:{ports[one.upstream]}"},
            "logging": {"jsonl_path": jsonl, "h2_control_events": True, "jsonl_on_full": "block"},
        }
        if one.transport == "tls":
            listener["tls"] = {"cert": cert, "key": key}
            listener["upstream"] |= {"tls": True, "ca": ca, "server_name": "localhost"}
        listeners.append(listener)
    return json.dumps({"listeners": listeners}, indent=1)


@contextmanager
def running_proxy(binary, config, listeners):
    """wiretracer; its ports by listener."""
    log = config + ".log"
    with open(log, "w", encoding="utf-8") as err:
        command = (binary, "--headless", "--print", "none", "--config", config)
        proxy = subprocess.Popen(command, stderr=err, stdin=subprocess.DEVNULL)
    listening = re.compile(r"(\S+): listening on \S*:(\d+)")
    try:
        until = time.monotonic() + 60
        ports = {}
        while len(ports) < listeners:
            with open(log, encoding="utf-8") as lines:
                text = re.sub(r"\x1b\[[0-9;]*m", "", lines.read())
            ports = dict(listening.findall(text))
            if proxy.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"wiretracer does not listen:\n{text[-4000:]}")
            time.sleep(0.05)
        yield {name: int(port) for name, port in ports.items()}
    finally:
        proxy.send_signal(signal.SIGTERM)
        try:
            code = proxy.wait(20)
        except subprocess.TimeoutExpired:
            proxy.kill()
            code = proxy.wait()
        if code != 0:
            with open(log, encoding="utf-8") as lines:
                print(lines.read()[-4000:])
            print(f"wiretracer ended with {code}")


class Run:
    """All calls of one run."""

    def __init__(self, calls, upstream, proxy, files):
        self.calls, self.upstream, self.proxy, self.files = calls, upstream, proxy, files

    def direct(self, one):
        one.direct.append(call(one.client, one.transport, self.upstream[one.upstream], self.files))

    def through(self, one):
        one.through.append(call(one.client, one.transport, self.proxy[one.name], self.files))

    def both(self, one):
        self.direct(one)
        self.through(one)

    def once(self):
        """Each call both ways, in any order."""
        shuffled = list(self.calls)
        random.Random(1).shuffle(shuffled)
        with ThreadPoolExecutor(most_callers()) as callers:
            list(callers.map(self.both, shuffled))

    def settle_all(self):
        """Looks closer at the calls that differ without a known reason."""
        unsettled = [one for one in self.calls if differs(one) is not None]
        unsettled = [one for one in unsettled if expected.reason(expected.OUTCOMES, *one.key) is None]
        with ThreadPoolExecutor(SETTLERS) as settlers:
            list(settlers.map(self.settle, unsettled))

    def settle(self, one):
        """Tells a difference from chance, now that the machine is calm: it must not come again, and
        what comes must be what direct calls bring."""
        one.first = one.through.pop()
        one.settled = time.time()
        for _ in range(AGAIN):
            self.through(one)
        for _ in range(RETRIES):
            if differs(one) is None:
                return
            self.direct(one)


def differs(one):
    """What was seen through the proxy and never directly, or None."""
    seen = one.direct + [outcome for other in one.alike for outcome in other.direct]
    is_torn = bool(one.case.torn)
    for outcome in one.through:
        if not any(outcome.is_like(direct, is_torn) for direct in seen):
            return outcome
    return None


def know_alike(calls):
    """Tells each call whose RST may overtake data which calls it may look like."""
    by_key = {one.key: one for one in calls}
    for one in calls:
        keys = ((name, one.transport, one.client) for name in one.case.torn)
        one.alike = [by_key[key] for key in keys if key in by_key and key != one.key]


def wait_for_ends(path, names):
    """Waits until every connection is closed in the records."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = records.read(path)
        if all(name in found and not records.is_open(found[name]) for name in names):
            return found
        time.sleep(0.1)
    return records.read(path)


def verdict(one, connections):
    """"ok", "ok, expected: …" or what is wrong."""
    said = []
    difference = differs(one)
    if difference is not None:
        why = expected.reason(expected.OUTCOMES, *one.key)
        # Only the words may differ: neither how long it takes nor grpcio's status.
        late = difference.pace == "deadline"
        alike = [direct for direct in one.direct if (direct.pace == "deadline") == late]
        if one.client in GRPC_CLIENTS:
            alike = [direct for direct in alike if direct.status == difference.status]
        why = why if alike else None
        said.append(f"expected: {why}" if why else "OUTCOME DIFFERS")
    must_fail = one.client in one.case.fault
    if not must_fail:
        # What went wrong in haste, went wrong.
        connections = records.since(connections, one.settled)
    wrong = records.judge(connections, must_fail)
    if wrong:
        why = expected.reason(expected.RECORDS, *one.key)
        said.append(f"expected: {why}" if why else f"RECORDS: {wrong}")
    return "; ".join(said) or "ok"


def report(calls, found):
    """The table; the number of calls that are not as they should be."""
    bad = 0
    lines = []
    for one in calls:
        connections = found.get(one.name, {})
        said = verdict(one, connections)
        is_bad = "DIFFERS" in said or "RECORDS" in said
        bad += is_bad
        direct = " or ".join(sorted({str(outcome) for outcome in one.direct}))
        through = "same" if differs(one) is None else " or ".join(map(str, one.through))
        if one.first is not None:
            through += f" (once: {one.first})"
        lines.append((is_bad, f"{one.name}: {said}\n    direct:  {direct}\n    through: {through}\n"
                              f"    records: {records.show(connections)}"))
    for _, line in sorted(lines, key=lambda line: line[0]):
        print(line)
    print(f"{len(calls)} calls, {bad} not as they should be")
    return bad


def main():
    binary, pattern = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "*"
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    calls = [
        Call(case, transport, client)
        for case in CASES.values()
        for transport in (("plain", "tls") if case.tls else ("plain",))
        for client in case.clients
    ]
    calls = [one for one in calls if fnmatchcase(one.name, pattern)]
    know_alike(calls)
    with tempfile.TemporaryDirectory() as folder:
        ca, cert, key = certificate(folder)
        body, config = os.path.join(folder, "body"), os.path.join(folder, "config.yaml")
        jsonl = os.path.join(folder, "records.jsonl")
        with open(body, "wb") as out:
            out.write(REQUEST)
        with running_upstream(cert, key) as upstream:
            with open(config, "w", encoding="utf-8") as out:
                out.write(configuration(calls, upstream, ca, cert, key, jsonl))
            began = time.monotonic()
            with running_proxy(binary, config, len(calls)) as proxy:
                print(f"listening after {time.monotonic() - began:.1f} s")
                run = Run(calls, upstream, proxy, Files(ca, body))
                run.once()
                print(f"called after {time.monotonic() - began:.1f} s")
                run.settle_all()
                print(f"settled after {time.monotonic() - began:.1f} s")
                found = wait_for_ends(jsonl, [one.name for one in calls])
        sys.exit(1 if report(calls, found) else 0)


if __name__ == "__main__":
    main()
