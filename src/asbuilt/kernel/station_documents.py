"""What station and server tell each other, signed: bulletin, programming record, receipt.

    bulletin   from the server, also on a USB stick: who may work here, which permits are revoked, which images withdrawn,
               which units held (also: save under which permits), which alarms released, how often fixtures were used at other stations,
               which names a sampled test plan does not draw as their unit,
               when the log recorded grants and releases. Its `epoch` only rises, so an old one cannot be played back; its
               time is the last contact, from which the offline grace of a permit runs.
    record     from the station: one attempt at one unit, with its evidence, grade and place in the station's chain
    receipt    from the server: the SHA-256 of the record payloads it has kept; only then may the station forget them

A badge is 256 random bits of its own, issued to a person and kept nowhere; bulletins name its SHA-256, and nobody finds the
badge from that, nor from the person's code beside it: the station's disk holds no badge that could be copied. A record holds no
secret: of a credential its name and the SHA-256 of its public part or certificate, of a tool its arguments without it.
Unknown fields are refused. Malformed is Invalid, an older bulletin Refused, a signature Tampered.
"""

from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.documents import (
    SHA256,
    LeftOut,
    Reader,
    fields,
    instant,
    into,
    many,
    maybe,
    name,
    once_each,
    one_of,
    read,
    text,
    ulid,
    whole,
)
from asbuilt.kernel.permits import ROLES
from asbuilt.kernel.test_plans import TestPlan

BULLETIN_TYPE = "application/vnd.asbuilt.station-bulletin+json;v=1"
RECORD_TYPE = "application/vnd.asbuilt.programming-record+json;v=1"
RECEIPT_TYPE = "application/vnd.asbuilt.station-receipt+json;v=1"

BULLETIN_BYTES_MAX = 4 * 1024 * 1024
RECORD_BYTES_MAX = 64 * 1024
RECEIPT_BYTES_MAX = 256 * 1024
RECORDS_MAX = 500
RECORDED_MAX = 10_000
FIXTURES_MAX = 5_000
WITHDRAWN_MAX = 10_000
REVOKED_MAX = 10_000
HELD_SAVE_MAX, HELD_SAVE_PERMITS_MAX = 20, 500
DRAWN_OTHERWISE_PLANS_MAX, DRAWN_OTHERWISE_MAX, NAME_CHARACTERS_MAX = 200, 200_000, 200

RESULTS = ("pass", "fail", "void", "aborted", "alarm", "release")


@dataclass(frozen=True)
class Operator:
    """A person who may work at the station: code, SHA-256 of the badge, roles, last instant."""

    person: str
    badge_sha256: str
    roles: tuple[str, ...]
    until_at: int


@dataclass(frozen=True)
class Recorded:
    """The log recorded the signatures over this payload (SHA-256) at that instant: no signer chooses it."""

    sha256: str
    at: int


@dataclass(frozen=True)
class HeldSave:
    """Units and device identities that are held save under these permits: the work that their hold itself orders."""

    permits: tuple[str, ...]
    units: tuple[str, ...]
    uids: tuple[str, ...]


@dataclass(frozen=True)
class DrawnOtherwise:
    """Of a sampled test plan (SHA-256 of its document): names of units that it draws though the name says no, or passes over though it says yes."""

    plan_sha256: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class UsedFixture:
    """How many cycles a fixture made at other stations, as their records told so far, and when the last of these was."""

    fixture: str
    cycles: int
    at: int


@dataclass(frozen=True)
class Bulletin:
    """What the server tells a station."""

    station: str
    epoch: int
    issued_at: int
    revocation_epoch: int
    operators: tuple[Operator, ...]
    revoked_permits: tuple[str, ...]
    withdrawn_images: tuple[str, ...]
    held_uids: tuple[str, ...]
    held_units: tuple[str, ...]
    released_alarms: tuple[str, ...]
    recorded: tuple[Recorded, ...] = ()
    held_save: tuple[HeldSave, ...] = ()
    fixtures: tuple[UsedFixture, ...] | None = None
    drawn_otherwise: tuple[DrawnOtherwise, ...] = ()

    def draws(self, plan: TestPlan, unit: str) -> bool:
        """Whether the plan asks for the unit of this name, as the server draws it: by the serial number that it was given first."""
        otherwise = any(one.plan_sha256 == plan.sha256 and unit in one.units for one in self.drawn_otherwise)
        return plan.samples(unit) != otherwise

    def units_held(self, permit: str) -> set[str]:
        """Names of units that may not be worked on under this permit."""
        return set(self.held_units).union(*(one.units for one in self.held_save if permit not in one.permits))

    def uids_held(self, permit: str) -> set[str]:
        """Device identities that may not be programmed under this permit."""
        return set(self.held_uids).union(*(one.uids for one in self.held_save if permit not in one.permits))

    def recorded_at(self, sha256: str, now: int) -> int:
        """When the server's log had the signed payload of this SHA-256 (µs); `now` where it does not say, or says later."""
        return min([one.at for one in self.recorded if one.sha256 == sha256] + [now])

    def cycles_elsewhere(self, fixture: str) -> int:
        """Cycles that the fixture made at other stations, as far as they told."""
        return next((one.cycles for one in self.fixtures or () if one.fixture == fixture), 0)


@dataclass(frozen=True)
class RecordedImage:
    """An image as the record has it: the digest of the read-back is empty where nothing could be read."""

    part: str
    role: str
    version: str
    sha256: str
    read_back_sha256: str
    grade: str


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool: its words without secrets, exit code, what phrase decided, its file's SHA-256, milliseconds."""

    tool: str
    version: str
    tool_sha256: str
    words: tuple[str, ...]
    exit_code: int | None
    phrase: str
    milliseconds: int


@dataclass(frozen=True)
class Given:
    """A credential that a device got: its name and the SHA-256 of its public part, never the secret."""

    name: str
    public_sha256: str


@dataclass(frozen=True)
class ProgrammingRecord:
    """One attempt at one unit, or an alarm or its release; `key` is its idempotency key."""

    key: str
    station: str
    permit_id: str | None
    permit_sha256: str
    work_order: str
    product: str
    revision: str
    unit: str
    uid: str
    uid_from: str
    attempt: int
    rework: bool
    result: str
    reason: str
    said: str
    grade: str
    images: tuple[RecordedImage, ...]
    given: tuple[Given, ...]
    operator: str
    second_operator: str
    plan_sha256: str
    tools: tuple[ToolCall, ...]
    lines: tuple[str, ...]
    started_at: int
    finished_at: int
    seq: int
    chain: str


@dataclass(frozen=True)
class Receipt:
    """The server has kept these records of a station, and its chain up to `seq` with this hash."""

    station: str
    received_at: int
    records: tuple[str, ...]
    seq: int
    chain: str


_OPERATOR: Reader = into(
    Operator,
    fields(person=name(), badge_sha256=SHA256, roles=many(name(40), most=10), until_at=instant),
)
_HELD_SAVE: Reader = into(
    HeldSave,
    fields(
        permits=many(ulid, least=1, most=HELD_SAVE_PERMITS_MAX), units=many(text(least=1), most=20_000),
        uids=many(text(64, least=1), most=20_000),
    ),
)  # fmt: skip
_DRAWN_OTHERWISE: Reader = into(
    DrawnOtherwise,
    fields(plan_sha256=SHA256, units=many(text(NAME_CHARACTERS_MAX, least=1), least=1, most=DRAWN_OTHERWISE_MAX)),
)
_BULLETIN = into(
    Bulletin,
    fields(
        schema=one_of(1), station=name(40), epoch=whole(1), issued_at=instant, revocation_epoch=whole(0),
        operators=once_each(many(_OPERATOR, most=5_000), lambda operator: operator.badge_sha256),
        revoked_permits=many(ulid, most=REVOKED_MAX), withdrawn_images=many(SHA256, most=WITHDRAWN_MAX),
        held_uids=many(text(64, least=1), most=20_000), held_units=many(text(least=1), most=20_000),
        released_alarms=many(text(least=1), most=1_000),
        recorded=once_each(many(into(Recorded, fields(sha256=SHA256, at=instant)), most=RECORDED_MAX), lambda one: one.sha256),
        held_save=LeftOut((), many(_HELD_SAVE, least=1, most=HELD_SAVE_MAX)),
        fixtures=LeftOut(None, once_each(many(into(UsedFixture, fields(fixture=name(80), cycles=whole(0), at=instant)), most=FIXTURES_MAX), lambda one: one.fixture)),
        drawn_otherwise=LeftOut((), once_each(many(_DRAWN_OTHERWISE, least=1, most=DRAWN_OTHERWISE_PLANS_MAX), lambda one: one.plan_sha256)),
    ),
)  # fmt: skip
_IMAGE = into(
    RecordedImage,
    fields(
        part=name(40), role=one_of(*ROLES), version=name(), sha256=SHA256, read_back_sha256=text(64), grade=text(20)
    ),
)  # fmt: skip
_CALL = into(
    ToolCall,
    fields(
        tool=name(40), version=text(80), tool_sha256=text(64), words=many(text(400), most=60), exit_code=maybe(whole(-255, 255)),
        phrase=text(), milliseconds=whole(0),
    ),
)  # fmt: skip
_RECORD = into(
    ProgrammingRecord,
    fields(
        schema=one_of(1), key=text(least=1), station=name(40), permit_id=maybe(ulid), permit_sha256=text(64),
        work_order=text(80), product=text(80), revision=text(40), unit=text(), uid=text(64), uid_from=text(20),
        attempt=whole(0, 1_000), rework=one_of(True, False), result=one_of(*RESULTS), reason=text(80), said=text(400),
        grade=text(20), images=many(_IMAGE, most=40), given=many(into(Given, fields(name=name(40), public_sha256=SHA256)), most=20),
        operator=text(80), second_operator=text(80), plan_sha256=text(64), tools=many(_CALL, most=60),
        lines=many(text(), most=40), started_at=instant, finished_at=instant, seq=whole(1), chain=SHA256,
    ),
)  # fmt: skip
_RECEIPT = into(
    Receipt,
    fields(
        schema=one_of(1), station=name(40), received_at=instant, records=many(SHA256, least=1, most=RECORDS_MAX),
        seq=whole(0), chain=text(64),
    ),
)  # fmt: skip


def parse_bulletin(payload: bytes) -> Bulletin:
    """The bulletin of these payload bytes, its signature unchecked. One of before `recorded` says that of nothing."""
    said = parse_strict(payload, decimals=False, bytes_max=BULLETIN_BYTES_MAX, nesting_max=6)
    if type(said) is dict and "recorded" not in said:
        payload = canonical_bytes({**said, "recorded": []})
    return read(payload, _BULLETIN, bytes_max=2 * BULLETIN_BYTES_MAX)


def parse_record(payload: bytes) -> ProgrammingRecord:
    """The programming record of these payload bytes, its signature unchecked."""
    return read(payload, _RECORD, bytes_max=RECORD_BYTES_MAX)


def parse_receipt(payload: bytes) -> Receipt:
    """The receipt of these payload bytes, its signature unchecked."""
    return read(payload, _RECEIPT, bytes_max=RECEIPT_BYTES_MAX)


def badge_sha256(badge: str) -> str:
    """What a badge is known by. What was hashed of a person's code under an older prefix fits no badge any more."""
    return sha256(b"asbuilt station badge\n" + badge.strip().encode()).hexdigest()
