"""Test records: what a station signs of one run of a test plan on a unit, and what such a record must bring to count as a pass.

    {"schema": 1, "key": "ST-01/PERMIT/-/1/17", "plan": "SEC", "plan_sha256": …, "outcome": "pass",
     "measures": [{"step": "web.versions", "value": "TLSv1.2 TLSv1.3", "unit": "", "result": "pass", …}],
     "files": [{"run": "web", "kind": "log", "name": "web-1.log", "sha256": …, "bytes": 812}], …}

A number stands as decimal text, so that nobody rounds it. Files travel beside the record and are named here by their SHA-256: what was
signed can be compared with what arrives. `lacking` is asked at the station before it says PASS, and by the server before it
believes one. Unknown fields are refused. A record of an earlier try has the step's name with ~2, ~3; the last try counts.
"""

from collections.abc import Container
from dataclasses import dataclass

from asbuilt.kernel import measures
from asbuilt.kernel.documents import (
    SHA256,
    LeftOut,
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
    yes_or_no,
)
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.planned_runs import EVIDENCE, MEASURES_MAX
from asbuilt.kernel.test_plans import KINDS, NUMERIC, VERDICT, TestPlan

TEST_RECORD_TYPE = "application/vnd.asbuilt.test-record+json;v=1"
TEST_RECORD_BYTES_MAX = 256 * 1024
FILES_MAX = 40
FILE_BYTES_MAX = {"log": 64 * 1024, "picture": 512 * 1024}
FILES_BYTES_MAX = 2 * 1024 * 1024
OUTCOMES = ("pass", "fail", "error", "aborted")
IDENTITIES_MAX = 40
RESULTS = ("pass", "fail", "error")


@dataclass(frozen=True)
class Measure:
    """A step as it was taken: value as text (a number as decimal), its unit, the step's limits in words, the verdict, and a
    sentence where it did not pass."""

    step: str
    kind: str
    value: str
    unit: str
    limits: str
    result: str
    said: str
    milliseconds: int


@dataclass(frozen=True)
class RecordedFile:
    """A piece of evidence: which run left it, log or picture, its name, media type, SHA-256 and length."""

    run: str
    kind: str
    name: str
    media: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Identity:
    """What only one unit may have, as a step showed it: a public key by its SHA-256, a password by its keyed commitment."""

    step: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class TestRecord:
    """One run of a test plan on a unit; `golden` is a run of a unit whose outcome is known. Of `fixture_cycles` so many were made at other
    stations (`fixture_elsewhere`), as far as the server knew it then (`fixture_known_at`; empty: it told nothing)."""

    __test__ = False

    key: str
    station: str
    permit_id: str | None
    permit_sha256: str
    work_order: str
    product: str
    revision: str
    unit: str
    plan: str
    plan_version: str
    plan_sha256: str
    attempt: int
    golden: bool
    socket: str
    fixture: str
    fixture_cycles: int
    calibrated_until: str
    outcome: str
    reason: str
    said: str
    measures: tuple[Measure, ...]
    files: tuple[RecordedFile, ...]
    operator: str
    started_at: int
    finished_at: int
    seq: int
    chain: str
    identities: tuple[Identity, ...] = ()
    fixture_elsewhere: int = 0
    fixture_known_at: str = ""

    @property
    def result(self) -> str:
        """As the list of a station's records has it."""
        return f"test-{self.outcome}"

    @property
    def uid(self) -> str:
        """A test names no device."""
        return ""


_MEASURE = into(
    Measure,
    fields(
        step=text(130, least=1), kind=one_of(*KINDS), value=text(400), unit=text(measures.UNIT_CHARACTERS_MAX), limits=text(300),
        result=one_of(*RESULTS), said=text(300), milliseconds=whole(0),
    ),
)  # fmt: skip
_FILE = into(
    RecordedFile,
    fields(
        run=name(40), kind=one_of(*EVIDENCE), name=name(80), media=one_of("text/plain", "image/png", "image/jpeg"), sha256=SHA256,
        bytes=whole(1, max(FILE_BYTES_MAX.values())),
    ),
)  # fmt: skip
_RECORD = into(
    TestRecord,
    fields(
        schema=one_of(1), key=text(least=1), station=name(40), permit_id=maybe(ulid), permit_sha256=text(64), work_order=text(80),
        product=text(80), revision=text(40), unit=text(80, least=1), plan=text(80, least=1), plan_version=name(60),
        plan_sha256=SHA256, attempt=whole(1, 1_000), golden=yes_or_no, socket=text(20), fixture=text(80), fixture_cycles=whole(0),
        calibrated_until=text(40), outcome=one_of(*OUTCOMES), reason=text(80), said=text(400),
        measures=once_each(many(_MEASURE, most=MEASURES_MAX), lambda one: one.step),
        files=once_each(many(_FILE, most=FILES_MAX), lambda one: one.name), operator=text(80), started_at=instant,
        finished_at=instant, seq=whole(1), chain=SHA256,
        identities=LeftOut((), many(into(Identity, fields(step=text(130, least=1), kind=name(40), sha256=SHA256)), most=IDENTITIES_MAX)),
        fixture_elsewhere=LeftOut(0, whole(0)), fixture_known_at=LeftOut("", text(40)),
    ),
)  # fmt: skip


def parse_test_record(payload: bytes) -> TestRecord:
    """The test record of these payload bytes, its signature unchecked."""
    return read(payload, _RECORD, bytes_max=TEST_RECORD_BYTES_MAX)


def last_tries(record: TestRecord) -> dict[str, Measure]:
    """Step -> what its last try measured."""
    found = {}
    for one in record.measures:
        head, mark, tail = one.step.rpartition("~")
        found[head if mark and tail.isdigit() else one.step] = one
    return found


def lacking(plan: TestPlan, record: TestRecord, there: Container[str]) -> list[str]:
    """Why a record that says PASS is none, in words; `there` holds the SHA-256 of the files that came with it."""
    if record.outcome != "pass":
        return []
    taken, found = last_tries(record), []
    for step in plan.steps:
        one = taken.get(step.name)
        if one is None:
            if step.needed:
                found.append(f"no result of {step.name}")
        elif one.result != "pass" or (step.kind != VERDICT and not one.value):
            found.append(f"{step.name} did not pass")
        elif holds(step, one) is False:
            found.append(f"{step.name} {one.value} {one.unit}".strip() + f" is outside of {step.limits}")
    found += _fixture_fault(plan, record)
    kept = {(file.run, file.kind) for file in record.files if file.sha256 in there}
    for run in plan.station.runs if plan.station else ():
        found += [f"no {kind} of {run.name}" for kind in run.evidence if (run.name, kind) not in kept]
    return found


def _fixture_fault(plan: TestPlan, record: TestRecord) -> list[str]:
    """What is wrong with the fixture that the record names: none where the plan needs one, one whose calibration had ended."""
    if plan.station and plan.station.fixture and not record.fixture:
        return [f"no fixture {plan.station.fixture}"]
    try:
        ended = bool(record.calibrated_until) and parse_instant(record.calibrated_until) < record.started_at
    except ValueError:
        ended = True
    return [f"the calibration of fixture {record.fixture} ended {record.calibrated_until}"] if ended else []


def holds(step, one: Measure) -> bool | None:
    """Whether a measure keeps the limits of its step; False also for a number that is none or in a unit that does not compare."""
    if one.kind != step.kind:
        return False
    if step.kind != NUMERIC:
        return step.holds(one.value, "")
    try:
        return step.holds(float(measures.number_of(one.value)), one.unit)
    except Invalid:
        return False
