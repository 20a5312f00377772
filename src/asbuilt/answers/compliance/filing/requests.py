"""Requests of authorities as the lines of their cases say them: what was asked, by when, what was sent, under which hash, with which gaps declared.

A request belongs to a case of kind `authority`, and stands there in the timeline; the case keeps its people, tasks and end.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import FILING_READ
from asbuilt.answers.cases.handling.happenings import Happened, Known
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.compliance.filing.lines import REQUEST, SENT, Line, lines_of, lines_of_kind
from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, named, source
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

CASES = "cases"


@dataclass(frozen=True)
class Request:
    """A request, and what was sent to answer it, the earliest first."""

    line: Line
    sent: tuple[Line, ...]

    @property
    def case(self) -> str:
        """The case it belongs to."""
        return self.line.about.partition("/")[2]

    @property
    def number(self) -> str:
        """1, 2, 3 … of its case."""
        return self.line.name


def about_case(code: str) -> str:
    """What lines about a request of a case say in `about`."""
    return f"case/{code}"


def requests_of(lines: list[Line]) -> list[Request]:
    """The requests of these lines with what was sent, in order."""
    sent: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.kind == SENT:
            sent.setdefault((line.about, line.name), []).append(line)
    return [Request(line, tuple(sent.get((line.about, line.name), ()))) for line in lines if line.kind == REQUEST]


def request_of(tenant: int, case: str, number: str) -> Request:
    """One request. NotFound: the case has none of this number."""
    found = [one for one in requests_of(lines_of(tenant, [about_case(case)])) if one.number == number]
    if not found:
        said = f"{case[:20]} has no request {number[:10]}."
        raise NotFound("compliance.request_unknown", said, {"case": case[:20], "request": number[:10]}, "Look at the case.")  # fmt: skip
    return found[-1]


def requests_told(actor: Actor, case: str) -> dict:
    """The requests of a case: asked, due, sent, gaps declared. NotFound: no such case, or the reader is a party's person."""
    if actor.party is not None:
        raise NotFound(
            "cases.unknown", f"There is no case {case[:20]}.", {"case": case[:20]}, "Look at the list of cases."
        )
    actor.require(FILING_READ)
    with reading.snapshot():
        standing_case(actor.tenant, case)
        found = requests_of(lines_of(actor.tenant, [about_case(case)]))
        people = People(actor.tenant, 0).codes(line.person for one in found for line in (one.line, *one.sent) if line.person)  # fmt: skip
        return {"case": case, "requests": [_told(one, people) for one in found]}


def _told(one: Request, people: dict[int, str]) -> dict:
    said = one.line.said
    return {
        "request": one.number, "authority": said["authority"], "member_state": said["member_state"], "legal_basis": said["legal_basis"],
        "language": said["language"], "words": said["words"], "demanded": said["demanded"], "product": said.get("product", ""),
        "received_at": said["received_at"], "due_at": format_instant(one.line.at), "late": one.line.at < (one.sent[0].at if one.sent else clock.now()),
        "file": said.get("file", ""), "sha256": said.get("sha256", ""), "noted_by": people.get(one.line.person),
        "sent": [
            {
                "at": format_instant(line.at), "to": line.said["to"], "file": line.said["file"], "sha256": line.said["sha256"], "gaps": line.said["gaps"],
                "not_sent": line.said["not_sent"], "why": line.why, "by": people.get(line.person),
            }
            for line in one.sent
        ],
    }  # fmt: skip


def happened(tenant: int, case: str) -> Known:
    """What a case's timeline and gaps show of its requests."""
    found = requests_of(lines_of(tenant, [about_case(case)]))
    told, gaps = [], []
    for one in found:
        said = one.line.said
        told.append(Happened("request", one.number, one.line.happened_at, one.line.entry, said["words"], one.line.at, None, one.line.person, {"authority": said["authority"]}))  # fmt: skip
        for line in one.sent:
            told.append(Happened("request_sent", one.number, line.happened_at, line.entry, line.why, line.at, None, line.person, {"sha256": line.said["sha256"]}))  # fmt: skip
        if not one.sent:
            gaps.append(_("Request %(number)s of %(authority)s is not answered.") % {"number": one.number, "authority": said["authority"]})  # fmt: skip
    return Known(told, gaps)


@source("requests")
def asked_by_authorities(asking: Asking) -> Part:
    """What authorities asked about the product, and what was sent."""
    found = [one for one in requests_of(lines_of_kind(asking.tenant, REQUEST, SENT)) if one.line.said.get("product") == asking.product]  # fmt: skip
    rows = [
        (
            f"{one.case}/{one.number}", one.line.said["authority"], one.line.said["received_at"][:10], format_instant(one.line.at)[:10],
            ", ".join(one.line.said["demanded"]), ", ".join(line.said["sha256"] for line in one.sent),
        )
        for one in found
    ]  # fmt: skip
    columns = (_("request"), _("authority"), _("received"), _("due"), _("demanded"), _("sent, SHA-256"))
    waiting = [f"{one.case}/{one.number}" for one in found if not one.sent]
    gaps = (_("Not answered: %(names)s.") % {"names": named(waiting)},) if waiting else ()
    silent = () if rows else (_("No request of an authority is recorded."),)
    tables = (Table(_("Requests of authorities"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CASES, (), tables, (), gaps, silent)
