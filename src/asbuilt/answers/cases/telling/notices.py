"""Notices as their rows and the case's lines say them: versions, who read and approved which, whether it is held."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_READ
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import Line, lines_of
from asbuilt.answers.cases.telling.deliveries import ACKNOWLEDGED, TOLD, Event
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.storage import reading

CODE_CHARACTERS_MAX = 20
SYSTEM = "system:local"
# kinds of lines in the case's file; `name` is the notice's code
DRAFTED, REVIEWED, APPROVED, HELD, LET_GO, QUEUED = (
    "notice_drafted", "notice_reviewed", "notice_approved", "notice_held", "notice_let_go", "notice_queued",
)  # fmt: skip
_COLUMNS = "case_code, notice, version, kind, answer, answer_sha256, texts, person, happened_at, entry"


@dataclass(frozen=True)
class Version:
    """A version of a notice."""

    case: str
    notice: str
    version: int
    kind: str
    answer: str
    answer_sha256: str
    texts: dict
    person: int | None
    written_at: int
    entry: int


@dataclass(frozen=True)
class Hold:
    """Nothing leaves until that moment (None: until somebody lets it go); who may read it before."""

    until: int | None
    roles: frozenset[str]
    people: frozenset[int]
    why: str


@dataclass(frozen=True)
class Held:
    """A party's share of a version, as stored."""

    party: int
    certain: int
    possible: int
    unrecorded: int
    products: tuple[str, ...]
    list_sha256: str


@dataclass
class NoticeFile:
    """A notice with everything that holds of it; `newest` is the version that counts."""

    newest: Version
    lines: list[Line]

    @property
    def code(self) -> str:
        """Its code, such as N-1."""
        return self.newest.notice

    def line(self, kind: str) -> Line | None:
        """The last line of this kind about the newest version."""
        mine = [one for one in self.lines if one.kind == kind and one.said.get("version") == str(self.newest.version)]
        return mine[-1] if mine else None

    @property
    def hold(self) -> Hold | None:
        """The hold said last and not let go since; whether its time is over is the reader's to ask."""
        return hold_of(self.lines)

    @property
    def queued(self) -> list[Line]:
        """When versions were sent."""
        return [one for one in self.lines if one.kind == QUEUED]


def hold_of(lines: Iterable[Line]) -> Hold | None:
    """The hold that these lines leave, the earliest line first."""
    said = [one for one in lines if one.kind in (HELD, LET_GO)]
    if not said or said[-1].kind == LET_GO:
        return None
    last = said[-1]
    people = frozenset(int(one) for one in last.said.get("people", "").split(";") if one)
    return Hold(last.at, frozenset(filter(None, last.said.get("roles", "").split(";"))), people, last.why)


def is_held(hold: Hold | None, now: int) -> bool:
    """Whether nothing may leave at that moment."""
    return hold is not None and (hold.until is None or now < hold.until)


def held_now(tenant: int) -> dict[str, list[str]]:
    """Case -> its notices of which nothing may leave now. Two statements, one where nothing was ever held."""
    sql = "SELECT DISTINCT about FROM cases_statement WHERE tenant = %s AND kind = %s ORDER BY about"
    cases = [case for (case,) in reading.fetch(sql, (tenant, HELD))]
    now, found = clock.now(), {}
    for case, lines in lines_of(tenant, cases).items():
        codes = dict.fromkeys(line.name for line in lines if line.kind == HELD)
        held = [one for one in codes if is_held(hold_of(line for line in lines if line.name == one), now)]
        if held:
            found[case] = held
    return found


def may_read_text(actor: Actor, hold: Hold | None, now: int) -> bool:
    """Whether the reader may see the words of a notice: while it is held only whom the hold names; the owner of the home has all files."""
    if not is_held(hold, now) or actor.label == SYSTEM:
        return True
    return bool(actor.roles & hold.roles) or actor.person in hold.people


def notice_file(actor: Actor, code: str) -> NoticeFile:
    """The notice with this code; NotFound where there is none, or none for this reader."""
    if actor.party is not None:
        raise unknown(code)
    actor.require(CASE_READ)
    return standing_notice(actor.tenant, code)


def standing_notice(tenant: int, code: str) -> NoticeFile:
    """The same without asking who reads."""
    found = _versions(tenant, "notice = %s", code[:CODE_CHARACTERS_MAX])
    if not found:
        raise unknown(code)
    lines = lines_of(tenant, [found[-1].case]).get(found[-1].case, [])
    return NoticeFile(found[-1], [one for one in lines if one.name == code])


def notices_of_case(actor: Actor, case: str) -> list[NoticeFile]:
    """The notices of a case, the earliest first."""
    case_file(actor, case)  # one that the reader does not see is not there
    return standing_notices(actor.tenant, case)


def standing_notices(tenant: int, case: str) -> list[NoticeFile]:
    """The same without asking who reads. Two statements."""
    newest: dict[str, Version] = {one.notice: one for one in _versions(tenant, "case_code = %s", case)}
    if not newest:
        return []
    lines = lines_of(tenant, [case]).get(case, [])
    return [NoticeFile(one, [line for line in lines if line.name == code]) for code, one in newest.items()]


def version_of(tenant: int, code: str, version: int) -> Version:
    """One version, also an older one."""
    return next(one for one in _versions(tenant, "notice = %s", code) if one.version == version)


def _versions(tenant: int, where: str, value: str) -> list[Version]:
    sql = f'SELECT {_COLUMNS} FROM cases_notice WHERE tenant = %s AND {where} ORDER BY entry, "row"'
    return [Version(*row[:6], json.loads(row[6]), *row[7:]) for row in reading.fetch(sql, (tenant, value))]


def shares(tenant: int, code: str, version: int) -> list[Held]:
    """Recipients of a version with their numbers, by party. One statement."""
    sql = (
        "SELECT party, certain, possible, unrecorded, products, list_sha256 FROM cases_notice_recipient WHERE tenant = %s "
        "AND notice = %s AND version = %s ORDER BY party"
    )
    return [Held(*row[:4], tuple(json.loads(row[4])), row[5]) for row in reading.fetch(sql, (tenant, code, version))]


def dropped(tenant: int, known: NoticeFile, events: Mapping[tuple[str, int], Sequence[Event]]) -> list[int]:
    """Who was a recipient of a version that was sent, is none of the one sent last, was neither told so since nor read it on its page, and
    is told by no other notice of the case. Two statements, none for one version; two more and one a notice where somebody is left out."""
    sent = [int(line.said["version"]) for line in known.queued]
    if len(set(sent)) < 2:
        return []
    stay = {one.party for one in shares(tenant, known.code, sent[-1])}
    found = []
    for (code, party), mine in events.items():
        if code != known.code or party in stay:
            continue
        if any(one.version in sent for one in mine) and not any(
            one.state in (TOLD, ACKNOWLEDGED) and one.version >= sent[-1] for one in mine
        ):
            found.append(party)
    return sorted(set(found) - _told_by_others(tenant, known)) if found else []


def _told_by_others(tenant: int, known: NoticeFile) -> set[int]:
    """Recipients of what the case's other notices of the kind sent last."""
    others = [one for one in standing_notices(tenant, known.newest.case) if one.code != known.code and one.queued]
    mine = [one for one in others if one.newest.kind == known.newest.kind]
    return {share.party for one in mine for share in shares(tenant, one.code, int(one.queued[-1].said["version"]))}


def units_csv(tenant: int, code: str, version: int, party: int) -> bytes | None:
    """The list of one recipient; None where the party is none."""
    sql = (
        "SELECT units_csv FROM cases_notice_recipient WHERE tenant = %s AND notice = %s AND version = %s AND party = %s"
    )
    row = reading.fetch_one(sql, (tenant, code, version, party))
    return zlib.decompress(bytes(row[0])) if row else None


def packed_lists(tenant: int, rows: Iterable) -> dict[tuple[str, int, int], bytes]:
    """(notice, version, party) -> its list as stored, of these rows of the desk. One statement a version."""
    wanted: dict[tuple[str, int], set[int]] = {}
    for row in rows:
        wanted.setdefault((row.notice, row.version), set()).add(row.party)
    found = {}
    for (code, version), parties in wanted.items():
        sql = (
            "SELECT party, units_csv FROM cases_notice_recipient WHERE tenant = %s AND notice = %s AND version = %s AND "
            + reading.any_of("party")
        )
        for party, packed in reading.fetch(sql, (tenant, code, version, reading.list_param(sorted(parties)))):
            found[code, version, party] = bytes(packed)
    return found


def unpacked(packed: bytes) -> bytes:
    """A list as it is sent."""
    return zlib.decompress(packed)


def unknown(code: str) -> NotFound:
    """There is no such notice."""
    shown = code[:CODE_CHARACTERS_MAX]
    return NotFound("cases.notice_unknown", f"There is no notice {shown}.", {"notice": shown}, "Look at the notices.")
