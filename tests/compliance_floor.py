"""The small house of case_floor with a test plan that locks the debug port of OWN-1, its test runs, and shipments over the change of the law."""

import json
import shutil
from pathlib import Path

from case_floor import TABLES

STEP = {"kind": "verdict", "comparison": "LOG", "low": "", "high": "", "unit": "", "expected": "", "criticality": "critical", "needed": True}  # fmt: skip
RUN = {"plan": "SEC", "plan_version": "1", "station": "B1", "operator": "045", "measurements": "{}"}


def plan(version: str = "1", proves: tuple[str, ...] = ("I.2.j",)) -> bytes:
    """A plan whose step debug_locked proves some requirements."""
    steps = [{**STEP, "name": "debug_locked", "proves": list(proves)}]
    said = {"schema": 1, "plan": "SEC", "version": version, "product": "OWN-1", "revisions": ["A"], "every": 1}
    return json.dumps({**said, "rules": "cra-annex-i/1", "steps": steps}).encode()


def ran(serial: str, outcome: str = "pass", day: int = 3, version: str = "1") -> dict:
    """A run of it."""
    at = f"2026-02-{day:02}T10:0"
    return {**RUN, "serial": serial, "plan_version": version, "outcome": outcome, "started_at": f"{at}0:00Z", "finished_at": f"{at}1:00Z"}  # fmt: skip


def shipped(code: str, first: str, last: str, day: str) -> dict:
    """A shipment to Alpina, placed on that day."""
    said = {"shipment": code, "customer": "ALP", "country": "AT", "first_serial": first, "last_serial": last}
    return {**said, "shipped_at": f"{day}T08:00:00Z", "placed_on_market_at": day}


def tables() -> dict[str, list[dict]]:
    """Three units of OWN-1: two passed, one without a test; one placed on the last day of the old law, one on the first of the new."""
    return {
        **TABLES,
        "tests": [ran("WO-1-1"), ran("WO-1-2")],
        "shipments": [
            shipped("SH-1", "WO-1-1", "WO-1-1", "2027-12-10"),
            shipped("SH-2", "WO-1-2", "WO-1-2", "2027-12-11"),
        ],
    }


def planned(actor) -> None:
    """The plan is in force."""
    in_force(actor, plan())


def in_force(actor, document: bytes) -> None:
    """One person proposes this version of a plan, another one approves it."""
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan

    one, other = two_people(actor)
    found = propose_test_plan(one, document=document, changes="first")
    decide_test_plan(other, plan=found.plan, version=found.version, decision="approved")


def two_people(actor) -> tuple:
    """Two quality leads of the house."""
    from asbuilt.access.actor import person_actor

    return tuple(person_actor(actor.tenant, number, frozenset({"quality_lead"}), None) for number in (901, 902))


def rule_set(folder: Path, day: str, **changes) -> None:
    """A newer file of the law in the house's folder: the newest one with some parts changed."""
    from asbuilt.answers.compliance.judging import rule_sets

    folder.mkdir(exist_ok=True)
    data = Path(rule_sets.__file__).with_name("data")
    file = folder / f"cra-{day}.json"
    shutil.copy(sorted(data.glob("cra-*.json"))[-1], file)
    said = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**said, "rule_set": f"house/{day}", "in_force_from": day, **changes}), encoding="utf-8")
