"""A cell `measurements`: steps by their names, and two names that are no steps. `defects` are findings with their places, `$run` is what belongs to
the whole run."""

from collections import Counter
from collections.abc import Iterable

DEFECTS, RUN = "defects", "$run"
SAID_OUTCOME = "said_outcome"
"""In `$run`: by which word the tester told a run as passed that a step in it fails by the rules of its own format."""


FAILED = ("fail", "error")
NOT_FINITE = ("nan", "inf", "infinity")
"""How programs write as text what is no number that was measured."""
NOT_CARRIED_OUT = ("skipped", "unset", "aborted")
"""What readers and tables call a step that nobody carried out, or not to its end."""


def as_the_step_says(step: str, measured: list[dict]) -> list[dict]:
    """What was measured within a step, each with its result. A step that was not carried out measured nothing that counts; one that failed while
    each of its measurements passed failed with all of them. `step` is the step's own result, empty where it has none."""
    results = [one.get("result") for one in measured]
    against = step in NOT_CARRIED_OUT or (step in FAILED and not any(one in FAILED for one in results))
    if not step or not against:
        return measured
    return [{**one, "result": step} for one in measured]


def outcome_by(outcome: str, parts: Iterable[str]) -> str:
    """The outcome of a run that says so itself, where by its format each of its parts (their results) has to hold."""
    results = set(parts)
    return next((word for word in ("error", "fail", "aborted") if outcome == "pass" and word in results), outcome)


class Steps(dict[str, dict]):
    """Name -> what was said of it, of one run. A name told again is the next try only where what it stands in was run again."""

    def __init__(self) -> None:
        super().__init__()
        self._slots: dict[str, dict[tuple[str, int], str]] = {}
        self._told: Counter[tuple[str, str, int]] = Counter()
        self._turns: Counter[str] = Counter()

    def again(self, name: str) -> tuple[str, int]:
        """The turn of what is run now: its name, and that it is run for the first, second … time."""
        self._turns[name] += 1
        return name, self._turns[name]

    def put(self, name: str, said: dict, turn: tuple[str, int] = ("", 1)) -> None:
        """Add a step. `turn` is what it stands in, and which time that is run. A name told when that is run again is its next try (`vdd~2`): the
        last try counts. Told anywhere else it is another value (`vdd#2`): both have to hold."""
        name = name or "step"
        if name in (DEFECTS, RUN):
            name += "_"
        self._told[name, *turn] += 1
        slots, slot = self._slots.setdefault(name, {}), (turn[0], self._told[name, *turn])
        if slot in slots:
            key = self._free(slots[slot], "~", 2)
        else:
            key = self._free(name, "#", len(slots) + 1) if slots or name in self else name
            slots[slot] = key
        self[key] = said

    def last_tries(self) -> list[str]:
        """The names under which the last try of each step stands."""
        return [key for key in self if f"{key}~2" not in self and self._next_try(key) not in self]

    @staticmethod
    def _next_try(key: str) -> str:
        head, mark, number = key.rpartition("~")
        return f"{head}~{int(number) + 1}" if mark and number.isdecimal() else ""

    def _free(self, name: str, mark: str, number: int) -> str:
        while f"{name}{mark}{number}" in self:
            number += 1
        return f"{name}{mark}{number}"
