"""What the proxy wrote about each call.

Every call goes through a listener of its own, so that its records are those of that listener:

    connection 1: event (error: "RST_STREAM CANCEL(8) by upstream"), conn close (completed)

`judge` says what is wrong with them, or None.
"""

import json
from collections import defaultdict

# How a connection may end when nothing went wrong.
WELL = ("completed",)


def read(path):
    """The records by listener, then by connection."""
    found = defaultdict(lambda: defaultdict(list))
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            # A flood of PINGs is a flood of these, and nothing is asked of them.
            if line.endswith("\n") and '"kind":"h2ctl"' not in line[:200]:
                record = json.loads(line)
                found[record["listener"]][record["conn_id"]].append(record)
    return found


def is_open(connections):
    """Whether a connection has no `conn close` yet."""
    return any(not closes(records) for records in connections.values())


def since(connections, moment):
    """The connections that were opened after that."""
    return {
        conn: records for conn, records in connections.items()
        if min(one.get("ts", moment) for one in records) >= moment
    }


def closes(records):
    return [one for one in records if one["kind"] == "conn" and one["event"] == "close"]


def events(records):
    """What the client asked for: a push that it declines is no loss."""
    asked = (one for one in records if one["kind"] == "event")
    return [one for one in asked if one["error"] or "pushed" not in one["flags"]]


def failed(records):
    """Whether a tls or conn row says that the connection went wrong."""
    return any(one["kind"] == "tls" and one["outcome"] == "fail" for one in records) or any(
        one["close_reason"] not in WELL for one in closes(records)
    )


def judge(connections, must_fail):
    """Exactly one event in error for each request, or a failed row where there was none."""
    if not connections:
        return "no record at all"
    has_failed = False
    for records in connections.values():
        if len(closes(records)) != 1:
            return f"{len(closes(records))} conn close rows"
        seen = events(records)
        streams = [one["request"]["stream_id"] for one in seen]
        if len(set(streams)) != len(streams):
            return f"two events for one stream: {streams}"
        wrong = [one["error"] for one in seen if one["error"]]
        if not must_fail:
            if wrong:
                return f"event in error: {wrong[0]}"
            if failed(records):
                return "connection marked as failed"
        elif seen and len(wrong) != len(seen):
            return "event without error"
        has_failed |= bool(wrong) or (not seen and failed(records))
    if must_fail and not has_failed:
        return "nothing is marked as failed"
    return None


def show(connections):
    """The records of one call in a few words."""
    parts = []
    for records in connections.values():
        words = [f"event: {one['error']}" for one in events(records)]
        words += [f"tls {one['side']}: {one['reason']}" for one in records
                  if one["kind"] == "tls" and one["outcome"] == "fail"]
        words += [f"{one['closed_by']} {one['close_reason']}" for one in closes(records)]
        parts.append(", ".join(words))
    return " | ".join(parts)
