"""Test runs that stations signed: each record becomes a run of its plan's version, once it brings what a PASS of that version must bring.

    take_station_records(actor, station="ST-01", document=b'{"records": […], "files": {…}}')   -> the receipt, an envelope

A record whose plan is not the one of this hash, whose PASS lacks a step, a limit or a file, or that speaks of another product's unit is
kept with the reason beside it and is no test run. A key or password that another unit showed at whichever station fails the run. A golden unit's run shows that the bench works; it is no run of any unit.
"""

import json
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.built.programming.actions.records import Arrived, take_records
from asbuilt.built.quality import identities
from asbuilt.built.quality.checked import MEASURED, OUTCOME, CheckedTests
from asbuilt.designed.catalog.test_plans import Version, all_versions
from asbuilt.formats.measurements import RUN
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel import measures, test_records
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.test_plans import NUMERIC, Step
from asbuilt.ledger.recording import Entry

SOURCE_DIGITS = 16
LACKING_NAMED_MAX = 5


class StationTests(CheckedTests):
    """Runs of stations: what a unit shows that only one may have is compared with the units of all stations."""

    def _take_units(self, lines, rows, units):
        found = identities.shared(self.tenant, units, [row[MEASURED] for row in rows])
        if found:
            rows = list(rows)
            for number, steps in found.items():
                cells = list(rows[number])
                cells[MEASURED] = identities.failed(cells[MEASURED], steps)
                cells[OUTCOME] = "fail"
                rows[number] = tuple(cells)
        super()._take_units(lines, rows, units)


def take_station_records(actor: Actor, *, station: str, document: bytes) -> bytes:
    """Record what is new of a station's batch, programming and tests, and sign for all of it."""
    return take_records(actor, station=station, document=document, runs=_runs)


def _runs(entry: Entry, arrived: Sequence[Arrived], units: Sequence[str], upload: str) -> dict[int, str]:
    plans = all_versions(entry.tenant)
    problems: dict[int, str] = {}
    rows, of = [], []
    for number, (one, unit) in enumerate(zip(arrived, units, strict=True)):
        version = _version(plans, one.record)
        why = _problem(version, one)
        if why:
            problems[number] = why
        elif not one.record.golden:
            rows.append(_row(version, one.record, unit, upload))
            of.append(number)
    if rows:
        errors, contradictions, warnings = ErrorList(len(rows) * 10), ErrorList(len(rows) * 10), []
        intake = StationTests(entry, "upload", errors, contradictions, warnings.append)
        intake.take(list(range(1, len(rows) + 1)), rows)
        intake.finish()
        for wrong in (*errors.rows, *contradictions.rows):
            problems.setdefault(of[wrong.line - 1], wrong.reason)
    return problems


def _version(plans: dict[str, list[Version]], record: test_records.TestRecord) -> Version | None:
    """The version that the record names by its hash; None where this record has no such document."""
    known = plans.get(record.plan, ())
    return next((one for one in known if (one.version, one.sha256) == (record.plan_version, record.plan_sha256)), None)


def _problem(version: Version | None, one: Arrived) -> str:
    record = one.record
    if version is None:
        return f"Test plan {record.plan} version {record.plan_version} with this hash is not in the record."
    if version.product != record.product:
        return f"Test plan {record.plan} is of product {version.product}, the unit of {record.product}."
    missing = test_records.lacking(version.content, record, one.files)
    if missing:
        more = " …" if len(missing) > LACKING_NAMED_MAX else ""
        return f"It says PASS without its evidence: {'; '.join(missing[:LACKING_NAMED_MAX])}{more}."
    return ""


def _row(version: Version, record: test_records.TestRecord, unit: str, upload: str) -> tuple[str, ...]:
    """A row of tests.csv, with the product that the unit has to be of."""
    said: dict[str, dict] = {}
    unique = {one.step for one in record.identities}
    for one in record.measures:
        step = version.content.step(one.step) or version.content.step(one.step.rpartition("~")[0])
        said[one.step] = _measured(step, one)
        if one.result != "pass" and one.step in unique:
            # the station's sentence names the other unit; it stays in the signed record, which no customer's certificate holds
            said[one.step]["said"] = identities.SAID
    told = identities.SAID if record.reason in ("key_shared", "password_shared") else record.said
    run = {
        "attempt": record.attempt, "socket": record.socket, "fixture": record.fixture, "fixture_cycles": record.fixture_cycles,
        "fixture_elsewhere": record.fixture_elsewhere, "fixture_known_at": record.fixture_known_at, "calibrated_until": record.calibrated_until, "reason": record.reason, "said": told,
        "files": [f"{file.name} {file.sha256}" for file in record.files], "source": upload[:SOURCE_DIGITS],
        "identities": [{"step": one.step, "kind": one.kind, "sha256": one.sha256} for one in record.identities],
    }  # fmt: skip
    said[RUN] = {name: value for name, value in run.items() if value not in ("", 0, [])}
    return (
        unit or record.unit, record.plan, record.plan_version, record.station, record.operator, record.outcome,
        format_instant(record.started_at), format_instant(record.finished_at),
        json.dumps(said, ensure_ascii=False, separators=(",", ":")), record.product,
    )  # fmt: skip


def _measured(step: Step | None, one: test_records.Measure) -> dict[str, object]:
    found: dict[str, object] = {}
    if one.value:
        found["value"] = _number(one.value) if one.kind == NUMERIC else one.value
    if one.unit:
        found["units"] = one.unit
    if step is not None:
        found |= {name: _number(limit) for name, limit in (("min", step.low), ("max", step.high)) if limit}
        if step.expected:
            found["expected"] = step.expected
        if step.unit:
            found["limit_units"] = step.unit
        found["comparison"] = step.comparison
    found["result"] = one.result
    return found | ({"said": one.said} if one.said else {})


def _number(text: str) -> int | float:
    found = measures.number_of(text)
    return int(found) if found == found.to_integral_value() and abs(found) < 2**53 else float(found)
