"""Incoming inspection: plan it, record it with its checks and pictures, keep samples.

    plan_inspection(actor, part="U-7", supplier="DIGI", standard="iso2859", level="II", aql="0.65", checks=["marking"])
    record_inspection(actor, packages=["PK-1", "PK-2"], nonconforming=0, checks=[Check("marking", "pass", picture=png)])

The verb works out sample size and acceptance number from the plan and the series so far; the verdict follows from the
counts and checks and cannot be typed. What it rejects goes into quarantine; what it accepts waits for whoever may release.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_INSPECT
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import Stated, moment, refuse_many, state
from asbuilt.built.supply.files import kind_of, refuse_file, safe_name
from asbuilt.built.supply.inspections import Asked, asked_of
from asbuilt.built.supply.standing import QUARANTINE
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

PASS, FAIL = "pass", "fail"
CHECKS_MAX = 50
FILES_KINDS = frozenset({"pdf", "png", "jpeg", "gif", "tiff", "webp", "json", "xml", "text", "zip"})


@dataclass(frozen=True)
class Check:
    """A check: its kind, the verdict (pass fail unsure), what was measured, a picture or report with its name."""

    kind: str
    verdict: str
    readings: dict = field(default_factory=dict)
    picture: bytes | None = None
    name: str = "picture"


@dataclass(frozen=True)
class Inspected:
    """An inspection as it was judged."""

    inspection: str
    verdict: str
    sample_size: int
    accept_max: int
    severity: str
    entry: int
    facts: tuple[str, ...]


def plan_inspection(
    actor: Actor,
    *,
    standard: str,
    part: str = "",
    supplier: str = "",
    level: str = "",
    aql: str = "",
    limiting_quality: str = "",
    severity: str = "",
    checks: Sequence[str] = (),
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """From now on packages of the part and supplier are inspected so; an empty part or supplier means any.

    standard: iso2859 with level and AQL, c0 with the limiting quality in percent, none. A new plan begins a new series.
    """
    actor.require(PACKAGE_DECIDE)
    cells = {
        "part": part, "supplier": supplier, "standard": standard, "level": level, "aql": aql,
        "limiting_quality": limiting_quality, "severity": severity, "checks": ";".join(checks),
    }  # fmt: skip

    def rows(entry: Entry):
        return {"inspection_plans": [{**cells, "operator": badge(actor), "happened_at": moment(happened_at)}]}

    return state(actor, events.PLANNED, {**cells, "happened_at": happened_at}, rows, request_key=request_key)


def record_inspection(
    actor: Actor,
    *,
    packages: Sequence[str],
    nonconforming: int,
    sample_size: int | None = None,
    checks: Sequence[Check] = (),
    reason: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Inspected:
    """The packages, together one lot, are accepted or rejected. `sample_size` is what was looked at, where it was more.

    Refused: no plan, fewer pieces than the plan asks for, a check of the plan missing. Invalid: counts or files are wrong.
    """
    actor.require(PACKAGE_INSPECT)
    refuse_many("packages", len(packages))
    files = _files(checks)
    said = {
        "packages": list(packages), "nonconforming": nonconforming, "sample_size": sample_size, "reason": reason,
        "happened_at": happened_at, "checks": [(one.kind, one.verdict, one.readings, one.name) for one in checks],
    }  # fmt: skip
    at, who = moment(happened_at), badge(actor)

    def rows(entry: Entry):
        asked = asked_of(entry.tenant, packages)
        _refuse_missing(asked, checks)
        looked_at = _looked_at(asked, sample_size)
        failed = nonconforming > asked.sampling.accept_max or any(one.verdict != PASS for one in checks)
        number = _next_number(entry.tenant)
        row = _row(asked, number, packages, looked_at, nonconforming, "rejected" if failed else "accepted", reason)
        checked = [_check_row(number, one, who, at) for one in checks]
        stopped = [
            {
                "package": code,
                "status": QUARANTINE,
                "reason": f"rejected by inspection {number}",
                "operator": who,
                "happened_at": at,
            }
            for code in (packages if failed else ())
        ]
        return {
            "inspections": [{**row, "operator": who, "happened_at": at}],
            "inspection_checks": checked,
            "statuses": stopped,
        }

    done = state(actor, events.INSPECTED, said, rows, files=files, request_key=request_key)
    sql = "SELECT inspection, verdict, sample_size, accept_max, severity FROM supply_inspection WHERE tenant = %s AND entry = %s"
    return Inspected(*reading.fetch_one(sql, (actor.tenant, done.entry)), done.entry, done.facts)


def keep_sample(
    actor: Actor,
    *,
    package: str,
    quantity: int,
    place: str,
    until_on: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """So many pieces of the package are kept at this place, until that day where one is given."""
    actor.require(PACKAGE_INSPECT)
    cells = {"package": package, "quantity": str(quantity), "place": place, "until_on": until_on}

    def rows(entry: Entry):
        return {"samples": [{**cells, "operator": badge(actor), "happened_at": moment(happened_at)}]}

    return state(actor, events.SAMPLED, {**cells, "happened_at": happened_at}, rows, request_key=request_key)


def _files(checks: Sequence[Check]) -> list[tuple[str, bytes]]:
    if len(checks) > CHECKS_MAX:
        raise Invalid(
            "supply.checks_many",
            f"More than {CHECKS_MAX} checks in one inspection.",
            remedy="Leave out what says the same.",
        )
    found = []
    for one in checks:
        if one.picture is not None:
            refuse_file(one.picture, one.name)
            if kind_of(one.picture) not in FILES_KINDS:
                raise Invalid(
                    "supply.file_kind",
                    f"{one.name[:80]} is no picture and no report.",
                    {"file": one.name[:80]},
                    "Send PNG, JPEG, TIFF, PDF or text.",
                )
            found.append((safe_name(one.name), one.picture))
    return found


def _refuse_missing(asked: Asked, checks: Sequence[Check]) -> None:
    missing = [kind for kind in asked.plan.checks if kind not in {one.kind for one in checks}]
    if missing:
        raise Refused(
            "supply.check_missing",
            f"The plan asks for {', '.join(missing)} too.",
            {"checks": missing},
            "Do the check and record it with its verdict.",
        )


def _looked_at(asked: Asked, sample_size: int | None) -> int:
    wanted = asked.sampling.sample_size
    looked_at = wanted if sample_size is None else sample_size
    if looked_at < wanted:
        raise Refused(
            "supply.sample_too_small",
            f"The plan asks for {wanted:,} pieces, {looked_at:,} were looked at.",
            {"sample_size": wanted, "looked_at": looked_at},
            f"Look at {wanted - looked_at:,} more.",
        )
    return looked_at


def _row(asked: Asked, number: str, packages, looked_at: int, nonconforming: int, verdict: str, reason: str) -> dict:
    plan, sampling = asked.plan, asked.sampling
    return {
        "inspection": number, "packages": json.dumps(list(packages), ensure_ascii=False), "standard": plan.standard,
        "level": plan.level, "aql": plan.aql, "limiting_quality": plan.limiting_quality, "severity": sampling.severity,
        "code_letter": sampling.code_letter, "lot_size": str(asked.lot_size), "sample_size": str(looked_at),
        "accept_max": str(sampling.accept_max), "nonconforming": str(nonconforming), "verdict": verdict,
        "rule_set": sampling.rule_set, "reason": reason,
    }  # fmt: skip


def _check_row(number: str, one: Check, who: str, at: str) -> dict:
    digest = sha256(one.picture).hexdigest() if one.picture is not None else ""
    return {
        "inspection": number, "kind": one.kind, "verdict": one.verdict,
        "readings": json.dumps(one.readings, ensure_ascii=False) if one.readings else "",
        "file": f"files/{digest[:16]}-{safe_name(one.name)}" if digest else "", "sha256": digest, "operator": who,
        "happened_at": at,
    }  # fmt: skip


def _next_number(tenant: int) -> str:
    """`IN-000012`: one more than inspections ever recorded, withdrawn ones included."""
    count = reading.fetch_one("SELECT count(*) FROM supply_inspection WHERE tenant = %s", (tenant,))[0] + 1
    while reading.fetch(
        "SELECT 1 FROM supply_inspection WHERE tenant = %s AND inspection = %s", (tenant, f"IN-{count:06}")
    ):
        count += 1
    return f"IN-{count:06}"
