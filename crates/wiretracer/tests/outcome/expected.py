"""The few differences that no proxy can avoid, each with its reason.

A row is (case pattern, transport pattern, client pattern) → why. Patterns are those of `fnmatch`.
"""

from fnmatch import fnmatchcase

ACCEPTED = "we accept before we know that the upstream does not: the client sees a reset"
ANSWERED = "its one ALPN choice lets us answer first; the handshake is over when the upstream fails"
NEVER_SENT = "nothing was in flight: the request never left the client"
WHOLE = "the answer was whole on the wire; it met a limit of the client's own"

# The client sees something else, though in the same time.
OUTCOMES = {
    ("refused", "*", "*"): ACCEPTED,
    ("accept-*", "tls", "unary"): ANSWERED,
    ("accept-*", "tls", "stream"): ANSWERED,
    ("tls-alert-in-the-clear", "tls", "unary"): ANSWERED,
    ("tls-alert-in-the-clear", "tls", "stream"): ANSWERED,
}

# The records show no failure where the client sees one.
RECORDS = {
    ("max-concurrent-0", "*", "*"): NEVER_SENT,
    ("goaway-before-request", "*", "*"): NEVER_SENT,
    ("cut-after-settings-*", "*", "unary"): NEVER_SENT,
    ("cut-after-settings-*", "*", "stream"): NEVER_SENT,
    ("header-list-huge", "*", "*"): WHOLE,
}


def reason(table, case, transport, client):
    """Why the difference is expected, or None."""
    for patterns, why in table.items():
        if all(map(fnmatchcase, (case, transport, client), patterns)):
            return why
    return None
