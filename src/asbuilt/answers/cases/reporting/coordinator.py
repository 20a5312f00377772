"""The CSIRT that is coordinator for a manufacturer: determined beforehand, by the rules in their order, with the reason in writing.

    determine(actor, manufacturer="OW", member_state="DE", rule="main_establishment", csirt="BSI", why="product security sits in Dresden")
    coordinator_of(tenant, party)     -> Determined, or None: a gap on every draft
    coordinators_told(actor)          -> what is determined, and what the rules ask

The first rule that decides counts: whoever determines by a later one says why the earlier do not. A later determination supersedes; both stay. Rules
stand in `data/coordinators.json`, dated.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CASE_DECIDE, CASE_READ
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.handling.statements import Line, New, lines_of
from asbuilt.answers.cases.reporting.field_rules import member_states
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger.recording import Entry

_FILE = Path(__file__).with_name("data") / "coordinators.json"
ABOUT, COORDINATOR = "coordinators", "coordinator"  # the file of all determinations, and the kind of its lines


@dataclass(frozen=True)
class Rule:
    """A rule of the order; `established`: of manufacturers with an establishment in the Union."""

    rule: str
    established: bool
    says: str
    asks: str
    source: str


@cache
def rules() -> tuple[str, str, tuple[Rule, ...]]:
    """Name of the newest rule set, its note, its rules in their order."""
    newest = max(
        json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"],
        key=lambda one: (one["in_force_from"], one["read_on"]),
    )
    return newest["rule_set"], newest["note"], tuple(Rule(**one) for one in newest["rules"])


def determine(
    actor: Actor,
    *,
    manufacturer: str,
    member_state: str,
    rule: str,
    csirt: str,
    why: str,
    not_before: str = "",
    request_key: str | None = None,
) -> int:
    """This CSIRT is the coordinator; returns the entry. `not_before`: why no earlier rule decides, where the rule is not the first."""
    name, _, known = rules()
    one_of("rule", rule, [one.rule for one in known])
    if member_state not in member_states():
        said = f"{member_state[:10]!a} is no Member State."
        raise Invalid("cases.member_state_unknown", said, {"field": "member_state"}, "Write its ISO code, such as DE.")
    why, csirt = text("why", why), text("csirt", csirt, NAME_CHARACTERS_MAX)
    not_before = text("not_before", not_before, needed=rule != known[0].rule)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        party = party_named(entry.tenant, manufacturer)
        said = {"rule": rule, "rule_set": name, "csirt": csirt, **({"not_before": not_before} if not_before else {})}
        return [New(ABOUT, COORDINATOR, why, party=party, name=member_state, said=said)]

    asked = [manufacturer, member_state, rule, csirt, why, not_before]
    return state(actor, events.DETERMINED, CASE_DECIDE, asked, lines, request_key=request_key)


def coordinator_of(tenant: int, party: int | None) -> Line | None:
    """The determination that stands for a manufacturer. One statement."""
    if party is None:
        return None
    lines = lines_of(tenant, [ABOUT]).get(ABOUT, [])
    return next((one for one in reversed(lines) if one.party == party), None)


def coordinator_told(tenant: int, party: int | None) -> dict | None:
    """The same for JSON; None is a gap."""
    line = coordinator_of(tenant, party)
    return None if line is None else _told(tenant, line)


def coordinators_told(actor: Actor) -> dict:
    """Every manufacturer's coordinator with its history, and the rules that determine one. NotFound for a party's person."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    name, note, known = rules()
    lines = lines_of(actor.tenant, [ABOUT]).get(ABOUT, [])
    newest = {one.party: one for one in lines}
    return {
        "rule_set": name, "note": note, "rules": [one.__dict__ for one in known],
        "coordinators": [_told(actor.tenant, one) for one in newest.values()],
        "history": [_told(actor.tenant, one) for one in lines],
    }  # fmt: skip


def _told(tenant: int, line: Line) -> dict:
    return {
        "manufacturer": code_of(tenant, line.party), "member_state": line.name, "csirt": line.said["csirt"], "rule": line.said["rule"],
        "rule_set": line.said["rule_set"], "why": line.why, "not_before": line.said.get("not_before", ""),
        "determined_at": plain(line.happened_at), "by": People(tenant, 0).codes([line.person]).get(line.person), "entry": line.entry,
    }  # fmt: skip
