"""Deviations as people read them: what may be built otherwise, who agreed, what is missing, how many units were built so.

A person of a party sees the deviations of products whose manufacturer it is, and no names of the house's people.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.built.quality.approvals import Approval, Missing, Who, missing_approvals
from asbuilt.designed.changes.qualifying.deviations import (
    DEVIATION,
    Deviation,
    standing_deviation,
    standing_deviations,
)
from asbuilt.designed.changes.said.stating import unknown
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under
from asbuilt.questions.genealogy.seen.approvals import told
from asbuilt.storage import reading


def missing_now(tenant: int, one: Deviation, at: int) -> list[Missing]:
    """The approvals that a deviation lacks: the same rule as for concessions (`built.quality.approvals`)."""
    proposed = who_of(one.proposed_by)
    said = [Approval(who_of(line.person), line.party, line.said.get("sha256", "")) for line in one.agreed]
    return missing_approvals(tenant, products=[one.product], proposed=proposed, approvals=said, at=at)


def who_of(person: int | None) -> Who:
    """A line's person as the rule of approvals knows him."""
    return Who(f"person:{person}", person) if person is not None else Who("system:local")


def standing_for(actor: Actor, code: str) -> Deviation:
    """The deviation with this code; NotFound where there is none, or none of the reader's party's products."""
    one = standing_deviation(actor.tenant, code)
    if not _mine(actor, one):
        raise unknown(DEVIATION, code)
    return one


def _mine(actor: Actor, one: Deviation) -> bool:
    return actor.party is None or manufacturer_of(actor.tenant, one.product, clock.now()) == actor.party


def deviation_seen(actor: Actor, code: str) -> dict:
    """One deviation with how many units were built under it."""
    with reading.snapshot():
        view = view_of(actor)
        one = standing_for(actor, code)
        # planned units come under it too while it is in force; nothing of them is built so yet
        units = view.built(over=view.limit(units_under(view, one)))
        return {**_told(actor, one), "units": len(units), "timeline": _timeline(actor, one)}


def deviations_seen(actor: Actor) -> list[dict]:
    """All that the reader may see, the newest first."""
    with reading.snapshot():
        view_of(actor)
        return [_told(actor, one) for one in standing_deviations(actor.tenant) if _mine(actor, one)]


def _told(actor: Actor, one: Deviation) -> dict:
    now = clock.now()
    missing = [told(gap) for gap in missing_now(actor.tenant, one, now)] if one.granted_at is None else []
    state = "over" if one.over(now) else "in_force" if one.granted_at is not None else "open"
    people = People(actor.tenant, 0).codes([one.proposed_by]) if actor.party is None else {}
    return {
        "deviation": one.code, "state": state, "product": one.product, "order": one.order, "first": one.first, "last": one.last,
        "kind": one.kind, "subject": one.subject, "part": one.part, "maker": one.maker, "why": one.why,
        "proposed_at": format_instant(one.proposed_at), "by": people.get(one.proposed_by),
        "granted_at": None if one.granted_at is None else format_instant(one.granted_at),
        "until_at": format_instant(one.until_at), "ended_at": format_instant(one.ended.happened_at) if one.ended else None,
        "missing": missing, "by_document": one.by_document,
    }  # fmt: skip


def _timeline(actor: Actor, one: Deviation) -> list[dict]:
    people = People(actor.tenant, 0).codes(line.person for line in one.lines) if actor.party is None else {}
    parties = names(actor.tenant)
    return [
        {"kind": line.kind, "at": format_instant(line.happened_at), "by": people.get(line.person), "party": parties.get(line.party),
         "why": line.why, "file": line.said.get("file", ""), "sha256": line.said.get("sha256", "")}
        for line in one.lines
    ]  # fmt: skip
