"""What stops units, as `stops.html` shows it: of the first units whole, the others counted. Part of what stops one is never left out."""

from collections.abc import Iterable

from asbuilt.answers.gate.leaving import NAMED_MAX


class StopSeen:
    """A stop as its template reads it."""

    def __init__(self, code: str, message: str, remedy: str, facts: dict):
        self.code, self.message, self.remedy, self.facts = code, message, remedy, facts


def stops_refused(facts: dict) -> dict:
    """What a refusal of the gate says of the units that it names, whole, and how many more are stopped: for `stops.html`."""
    return {
        "stops": [StopSeen(**one) for one in facts.get("stops", ())],
        "more_stopped": max(0, facts.get("stopped", 0) - NAMED_MAX),
    }


def stops_found(verdicts: Iterable) -> dict:
    """The same of verdicts: whoever mends what is shown of a unit finds nothing more the next time it is scanned."""
    stopped = [one for one in verdicts if one.stops]
    return {
        "stops": [stop for one in stopped[:NAMED_MAX] for stop in one.stops],
        "more_stopped": max(0, len(stopped) - NAMED_MAX),
    }
