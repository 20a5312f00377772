"""Units that failed a test again and again until it passed: a pass answers one failure; more of them are looked into by somebody first.

    repeated(view, asked, names, failures, last, reworked)   -> what stops them

Counted are failures of one plan since the unit was reworked last and since a nonconformity about it was raised last; ASBUILT_RETESTS says how many
a pass answers. An error of the tester and a run that was broken off are no failures of the unit.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping

from pyroaring import BitMap

from asbuilt.answers.gate.missing import Around, Missing, came_to, plain
from asbuilt.built.quality.open_nonconformities import raised_last
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.evaluating.view import View

REASON = "test_repeated"
RETESTS, RETESTS_MAX = 1, 1_000
OUTCOME = 3
Failures = Mapping[tuple[int, int], list[tuple[int, int]]]


def retests() -> int:
    """How many failures of a plan a later pass answers. Invalid: the setting is no whole number of 0 to 1,000."""
    said = os.environ.get("ASBUILT_RETESTS", "")
    if said and not (said.isascii() and said.isdigit() and int(said) <= RETESTS_MAX):
        told = f"ASBUILT_RETESTS holds {said[:40]!a}."
        remedy = f"Set it to a whole number of 0 to {RETESTS_MAX:,}, or leave it out: {RETESTS}."
        raise Invalid("gate.retests_setting", told, {}, remedy)
    return int(said or RETESTS)


def repeated(
    view: View, asked: Around, names: Mapping[int, str], failures: Failures, last: Mapping[int, dict[int, tuple]],
    reworked: Mapping[int, int],
) -> Iterator[Missing]:  # fmt: skip
    """`failures`: (plan, unit) -> when it failed, and the entry; `last`: plan -> unit -> its last run; `reworked`: unit -> when. One statement where some failed
    more often than a pass answers, else none."""
    most = retests()
    open_ = {
        key: [(at, entry) for at, entry in ended if at > reworked.get(key[1], at - 1)]
        for key, ended in failures.items()
        if len(ended) > most and OUTCOME_WORDS[last[key[0]][key[1]][OUTCOME]] == "pass"
    }
    open_ = {key: ended for key, ended in open_.items() if len(ended) > most}
    if not open_:
        return
    looked_into = raised_last(view.tenant, BitMap(unit for _, unit in open_))
    told: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for (plan, unit), ended in open_.items():
        left = [entry for at, entry in ended if at > looked_into.get(unit, at - 1)]
        if len(left) > most:
            told[plan, len(left)][unit] = max(left)
    for (plan, count), entries in told.items():
        if found := asked.outer(BitMap(entries)):
            name = names[plan]
            said = f"{{unit}} failed {plain(name)} {count} times before it passed, and nobody looked into it."
            remedy = f"Raise a nonconformity about it, or repair it; then test it with {plain(name)} again."
            facts = {"plan": name, "count": count}
            came, inside = came_to(asked, entries), asked.inside(BitMap(entries))
            yield Missing(REASON, name, found, said, remedy, facts, came, inside=inside)
