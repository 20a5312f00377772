"""The CSIRT that is coordinator for a manufacturer: determined beforehand, by the rules in their order, with the reason in writing.

    determine(actor, manufacturer="OW", member_state="DE", rule="main_establishment", csirt="BSI", why="product security sits in Dresden")
    coordinator_of(tenant, party)     -> Determined, or None: a gap on every draft
    coordinators_told(actor)          -> what is determined, what the rules ask, where the record says otherwise

The first rule that decides counts: whoever determines by a later one says why the earlier do not. A later determination supersedes; both stay. What
the record says to each rule: `coordinator_record`.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CASE_DECIDE, CASE_READ
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.handling.statements import COORDINATOR, COORDINATORS, Line, New, lines_of
from asbuilt.answers.cases.reporting.coordinator_record import Finding, by_record, decided, otherwise
from asbuilt.answers.cases.reporting.coordinator_rules import USERS, Rule, rules
from asbuilt.answers.cases.reporting.field_rules import member_states
from asbuilt.designed.parties.queries import code_of, countries_of
from asbuilt.formats.countries import tidy
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry


def determine(
    actor: Actor,
    *,
    manufacturer: str,
    rule: str,
    csirt: str,
    why: str,
    member_state: str = "",
    through: str = "",
    not_before: str = "",
    request_key: str | None = None,
) -> int:
    """This CSIRT is the coordinator; returns the entry. `not_before`: why no earlier rule decides, where the rule is not the first.

    `through` is the representative, importer or distributor whose place decides, by code or name. It and the Member State are taken from the
    record where they are empty and the record decides. Invalid: a place that the record contradicts; Refused: nobody is named, and the record
    does not know.
    """
    name, _, known = rules()
    one_of("rule", rule, [one.rule for one in known])
    asked = next(one for one in known if one.rule == rule)
    if member_state:
        _refuse_elsewhere(member_state)
    why, csirt = text("why", why), text("csirt", csirt, NAME_CHARACTERS_MAX)
    not_before = text("not_before", not_before, needed=rule != known[0].rule)
    if through and not asked.role:
        raise Invalid("cases.coordinator_through", f"{rule}: no party is named by this rule.", {"field": "through"}, "Leave it out.")  # fmt: skip

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        party = party_named(entry.tenant, manufacturer)
        found = by_record(entry.tenant, party, entry.recorded_at, users=asked.counts == USERS and not member_state)
        state_, holder = _place(entry.tenant, asked, found, through, member_state)
        said = {"rule": rule, "rule_set": name, "csirt": csirt, **({"not_before": not_before} if not_before else {})}
        if holder is not None:
            said["through"] = code_of(entry.tenant, holder)
        return [New(COORDINATORS, COORDINATOR, why, party=party, name=state_, said=said)]

    content = [manufacturer, member_state, rule, csirt, why, not_before, *([through] if through else ())]
    return state(actor, events.DETERMINED, CASE_DECIDE, content, lines, request_key=request_key)


def _refuse_elsewhere(member_state: str) -> None:
    if member_state not in member_states():
        said = f"{member_state[:10]!a} is no Member State."
        raise Invalid("cases.member_state_unknown", said, {"field": "member_state"}, "Write its ISO code, such as DE.")


def _place(tenant: int, asked: Rule, found: Sequence[Finding], through: str, wanted: str) -> tuple[str, int | None]:
    """The Member State, and the party whose place it is where the rule asks for one: as said, else as the record has it."""
    mine = next((one for one in found if one.rule == asked.rule), Finding(asked.rule))
    holder = party_named(tenant, through) if through else mine.through
    home = tidy(countries_of(tenant).get(holder, "")) if holder is not None else mine.member_state
    if asked.role and holder is None:
        remedy = "Name it (--through), or load its row of product_roles.csv and its country in parties.csv."
        raise Refused("cases.coordinator_unnamed", mine.gap or "Nobody is named.", {"rule": asked.rule}, remedy)
    if asked.role and wanted and home and wanted != home:
        said = f"By parties.csv {code_of(tenant, holder)} is in {home}, not in {wanted}."
        raise Invalid("cases.coordinator_elsewhere", said, {"field": "member_state"}, "Look at both.")
    place = wanted or home
    if not place:
        said = f"member_state: {mine.gap}" if mine.gap else "member_state: none is named, and the record does not know."
        raise Invalid("cases.member_state_unknown", said, {"field": "member_state"}, "Write its ISO code, such as DE.")
    _refuse_elsewhere(place)
    return place, holder


def coordinator_of(tenant: int, party: int | None) -> Line | None:
    """The determination that stands for a manufacturer. One statement."""
    if party is None:
        return None
    lines = lines_of(tenant, [COORDINATORS]).get(COORDINATORS, [])
    return next((one for one in reversed(lines) if one.party == party), None)


def coordinator_told(tenant: int, party: int | None) -> dict | None:
    """The same for JSON; None is a gap."""
    line = coordinator_of(tenant, party)
    return None if line is None else {**_told(tenant, line), "otherwise": otherwise_of(tenant, line)}


def coordinators_told(actor: Actor, manufacturer: str = "") -> dict:
    """Every manufacturer's coordinator with its history, the rules that determine one, and of one manufacturer what the record says to each
    rule. NotFound for a party's person."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    name, note, known = rules()
    lines = lines_of(actor.tenant, [COORDINATORS]).get(COORDINATORS, [])
    newest = {one.party: one for one in lines}
    return {
        "rule_set": name, "note": note, "rules": [one.__dict__ for one in known],
        "coordinators": [
            {**_told(actor.tenant, one), "otherwise": otherwise_of(actor.tenant, one)} for one in newest.values()
        ],
        "history": [_told(actor.tenant, one) for one in lines],
        "record": _record(actor.tenant, manufacturer) if manufacturer else None,
    }  # fmt: skip


def otherwise_of(tenant: int, line: Line) -> str:
    """In words, where the record says otherwise by now than this determination."""
    return otherwise(tenant, line.party, line.said["rule"], line.name, clock.now())


def _record(tenant: int, manufacturer: str) -> dict:
    party = party_named(tenant, manufacturer)
    found = by_record(tenant, party, clock.now())
    first = decided(found)
    return {
        "manufacturer": code_of(tenant, party), "decides": first.rule if first else None, "member_state": first.member_state if first else None,
        "rules": [
            {
                "rule": one.rule, "decides": one.decides, "member_state": one.member_state or None,
                "through": None if one.through is None else code_of(tenant, one.through), "of": one.of, "gap": one.gap,
                "counted": [{"name": name, "member_state": place or None, "count": count} for name, place, count in one.counted],
            }
            for one in found
        ],
    }  # fmt: skip


def _told(tenant: int, line: Line) -> dict:
    return {
        "manufacturer": code_of(tenant, line.party), "member_state": line.name, "csirt": line.said["csirt"], "rule": line.said["rule"],
        "through": line.said.get("through", ""), "rule_set": line.said["rule_set"], "why": line.why, "not_before": line.said.get("not_before", ""),
        "determined_at": plain(line.happened_at), "by": People(tenant, 0).codes([line.person]).get(line.person), "entry": line.entry,
    }  # fmt: skip
