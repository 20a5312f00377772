"""Taken: what a function hands back, and how it fails. It runs in a process of its own, so it may raise and hang as it likes."""

from dataclasses import dataclass, field

LOG_CHARACTERS_MAX = 60_000
SAID_CHARACTERS_MAX = 300


class NotCarriedOut(Exception):
    """A function could not look: nothing answers, a tool is missing. It is an error of the run, never a pass."""

    def __init__(self, reason: str, said: str):
        super().__init__(reason, said)
        self.reason, self.said = reason, said[:SAID_CHARACTERS_MAX]


@dataclass(frozen=True)
class About:
    """What is known of the unit: names, network address, console (host:port), folder of files that come in, when its test began (UTC
    seconds), permitted versions by image role, what it was given when programmed (name -> SHA-256), where its parts are reached."""

    unit: str
    revision: str
    host: str
    console: str
    incoming: str
    began: float
    versions: dict[str, str]
    given: dict[str, str]
    places: list[dict]


@dataclass
class Taken:
    """Measures (name -> value, unit, result, sentence), identities that only one unit may have, a log, pictures as files."""

    measures: dict[str, dict] = field(default_factory=dict)
    claims: list[dict] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    pictures: list[dict] = field(default_factory=list)
    used_files: list[str] = field(default_factory=list)

    def verdict(self, name: str, right: bool, said: str = "") -> None:
        """A measure that is right or wrong; the sentence says what is wrong."""
        self.measures[name] = {
            "value": "",
            "unit": "",
            "result": "pass" if right else "fail",
            "said": "" if right else said,
        }

    def value(self, name: str, value: object, said: str = "", unit: str = "") -> None:
        """A measure whose limits the plan has; the sentence stands if it does not keep them."""
        self.measures[name] = {"value": str(value), "unit": unit, "result": "", "said": said}

    def claim(self, measure: str, kind: str, sha256: str) -> None:
        """An identity that no other unit may have; whoever holds the ledger judges the measure."""
        self.claims.append({"measure": measure, "kind": kind, "sha256": sha256})

    def secret(self, measure: str, kind: str, secret: str) -> None:
        """A secret that no other unit may have; the agent makes a commitment of it and forgets it."""
        self.claims.append({"measure": measure, "kind": kind, "secret": secret})

    def note(self, text: str) -> None:
        """A line for the log."""
        self.log.append(text)
