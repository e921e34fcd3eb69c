"""The few differences that no proxy can avoid, each with its reason.

A row is (case pattern, transport pattern, client pattern) → why. Patterns are those of `fnmatch`.
"""

from fnmatch import fnmatchcase

# The client sees something else, in another time.
OUTCOMES = {}

# The records say something else than "one event in error" or, for a control, "none".
RECORDS = {}


def reason(table, case, transport, client):
    """Why the difference is expected, or None."""
    for patterns, why in table.items():
        if all(map(fnmatchcase, (case, transport, client), patterns)):
            return why
    return None
