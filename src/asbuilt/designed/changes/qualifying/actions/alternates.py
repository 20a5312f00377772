"""Verbs of alternates sheets and qualification runs.

    open_sheet(actor, part="MOD-WIFI", title="Wi-Fi module", notice="CN-1")                                        -> "ALT-1"
    state_candidate(actor, sheet="ALT-1", mpn="LBEE5PK2XX", maker="Murata", role="alternate", properties={"secure_boot": "yes"}, words="…")
    begin_run(actor, sheet=…, mpn=…, order="WO-Q1", units=60, criteria=[…], why="…")                              -> "QR-1" (by the gate, which knows the order)
    take_result(actor, run="QR-1", criterion="cycling", verdict="pass", words="500 cycles", content=b"…", name="chamber.pdf")
    judge_run(actor, run="QR-1", verdict="qualified", why="…", evidence=…)                                         (by the gate, which asks the record)

Refused: a property that the list does not have, a run without functional and security criteria, a second run of a candidate beside an open one, a
result without its file, a verdict by whoever started the run, `qualified` against a criterion that is not met.
"""

from collections.abc import Callable, Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.queries import known_part_codes, part_numbers
from asbuilt.designed.changes import events
from asbuilt.designed.changes.qualifying import runs, sheets
from asbuilt.designed.changes.qualifying.rule_files import NO, YES, properties
from asbuilt.designed.changes.qualifying.runs import RUN, Criterion, QualificationRun, run_of, run_of_order
from asbuilt.designed.changes.qualifying.sheets import SHEET, Candidate, Sheet, sheet_of, standing_sheets
from asbuilt.designed.changes.said.lines import Line, New, code_in, free_code
from asbuilt.designed.changes.said.stating import (
    NAME_CHARACTERS_MAX,
    file_said,
    kept_file,
    one_of,
    refuse_party,
    state,
    text,
    unknown,
)
from asbuilt.designed.changes.sourcing.queries import standing_notice
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

CRITERIA_MAX = 100
UNITS_MAX = 10_000_000
KEY_CHARACTERS_MAX = 60


def open_sheet(actor: Actor, *, part: str, title: str, notice: str = "", request_key: str | None = None) -> str:
    """Begin to compare alternates of a part; returns the sheet's code. NotFound: no such part or notice; Conflict: it has an open sheet."""
    refuse_party(actor, SHEET, "")
    title = text("title", title, NAME_CHARACTERS_MAX)

    def lines(entry: Entry, _: list[Line]) -> list[New]:
        if part not in part_numbers(entry.tenant, [part]):
            hint = Hints(lambda: known_part_codes(entry.tenant), "Look at parts.csv.").of(part)
            raise NotFound("changes.part_unknown", f"There is no part {part[:60]}.", {"part": part[:60]}, hint)
        if notice:
            standing_notice(entry.tenant, notice)
        known = next((one.code for one in standing_sheets(entry.tenant) if one.part == part), "")
        if known:
            said = f"{part} has {known} already."
            raise Conflict("changes.sheet_known", said, {"code": known}, "Add the candidate there.")
        said = {"title": title} | ({"notice": notice} if notice else {})
        return [New(free_code(entry.tenant, sheets.OPENED, sheets.PREFIX), sheets.OPENED, name=part, said=said)]

    entry = state(actor, events.SHEET_OPENED, SOURCING_WORK, [part, title, notice], lines, request_key=request_key)
    return code_in(actor.tenant, entry, sheets.OPENED)


def state_candidate(
    actor: Actor,
    *,
    sheet: str,
    mpn: str,
    maker: str,
    role: str = sheets.ALTERNATE,
    properties: Mapping[str, str],
    words: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """What a maker's part can do, by its datasheet; said again, the later word holds. Returns the entry."""
    refuse_party(actor, SHEET, sheet)
    one_of("role", role, (sheets.CURRENT, sheets.ALTERNATE))
    mpn, maker = text("mpn", mpn, NAME_CHARACTERS_MAX), text("maker", maker, NAME_CHARACTERS_MAX)
    said, words = _properties(properties), text("words", words, needed=False)
    with kept_file(actor.tenant, content, name) as kept:

        def lines(_: Entry, before: list[Line]) -> list[New]:
            found = _sheet(sheet, before)
            known = found.named(mpn, maker)
            called = (mpn, maker) if known is None else (known.mpn, known.maker)
            tried = known is not None and known.run != ""
            if tried and (known.state in (sheets.RUNNING, sheets.QUALIFIED) or role != known.role):
                reason = f"{mpn} is {known.state} by {known.run}."
                raise Refused("changes.candidate_fixed", reason, {"run": known.run}, "What was compared then stands.")
            one = found.current
            if role == sheets.CURRENT and one is not None and (one.mpn, one.maker) != called:
                reason = f"{one.maker} {one.mpn} is the one in use on {sheet}."
                raise Refused("changes.current_known", reason, {"mpn": one.mpn}, "Name this one an alternate.")
            more = {"maker": called[1], "role": role, "properties": said, **file_said(kept)}
            return [New(sheet, sheets.CANDIDATE, words, name=called[0], said=more)]

        asked = [mpn, maker, role, said, words, file_said(kept)]
        return state(
            actor, events.CANDIDATE_STATED, SOURCING_WORK, asked, lines, about=sheet, attached=kept,
            request_key=request_key,
        )  # fmt: skip


def _properties(said: Mapping[str, str]) -> dict[str, str]:
    known = {one.key: one for one in properties()[1]}
    found = {}
    for key, value in said.items():
        one_of("property", key, tuple(known))
        value = text(key, str(value), 400, needed=False)
        if value and known[key].kind == "yes_no":
            value = one_of(key, value.casefold(), (YES, NO))
        if value:
            found[key] = value
    return found


def begin_run(
    actor: Actor,
    *,
    sheet: str,
    mpn: str,
    order: str,
    units: int,
    criteria: Sequence[Mapping[str, object]],
    why: str,
    check: Callable[[Entry, Sheet, Candidate], None],
    request_key: str | None = None,
) -> str:
    """Qualify a candidate on the units of an order, by these criteria; returns the run's code. `check` looks at the order under the lock."""
    refuse_party(actor, SHEET, sheet)
    why, wanted = text("why", why), _criteria(criteria)

    def lines(entry: Entry, before: list[Line]) -> list[New]:
        found = _sheet(sheet, before)
        one = found.find(mpn)
        if one is None or one.role == sheets.CURRENT:
            said = f"{mpn[:60]} is no alternate on {sheet}."
            raise NotFound("changes.candidate_unknown", said, {"mpn": mpn[:60]}, "Look at the sheet.")
        if one.state == sheets.RUNNING:
            raise Conflict(
                "changes.run_open", f"{one.run} is about {mpn} already.", {"code": one.run}, "Judge it first."
            )
        known = run_of_order(entry.tenant, order)
        if known:
            raise Conflict(
                "changes.order_taken", f"{order} is the order of {known}.", {"code": known}, "Plan another one."
            )
        check(entry, found, one)
        code = free_code(entry.tenant, runs.STARTED, runs.PREFIX)
        said = {
            "sheet": sheet, "part": found.part, "mpn": one.mpn, "maker": one.maker, "units": units,
            "criteria": [each.as_dict() for each in wanted],
        }  # fmt: skip
        begun = {"maker": one.maker, "run": code, "order": order}
        return [
            New(code, runs.STARTED, why, name=order, said=said),
            New(sheet, sheets.RUN_BEGUN, name=one.mpn, said=begun),
        ]

    asked = [mpn, order, units, [one.as_dict() for one in wanted], why]
    entry = state(actor, events.RUN_STARTED, SOURCING_WORK, asked, lines, about=sheet, request_key=request_key)
    return code_in(actor.tenant, entry, runs.STARTED)


def _criteria(given: Sequence[Mapping[str, object]]) -> list[Criterion]:
    if not 1 <= len(given) <= CRITERIA_MAX:
        said = f"{len(given)} criteria; a run has 1 to {CRITERIA_MAX}."
        raise Invalid(
            "changes.criteria_count", said, {"field": "criteria"}, "Say what has to be shown before it begins."
        )
    found: dict[str, Criterion] = {}
    for one in given:
        key = text("key", str(one.get("key", "")), KEY_CHARACTERS_MAX)
        kind = one_of("kind", str(one.get("kind", "")), runs.KINDS)
        field = one_of("field", str(one.get("field", "")), runs.FIELDS)
        words = text("words", str(one.get("words", "")), 1_000)
        if key in found:
            raise Invalid(
                "changes.criterion_twice", f"Criterion {key} is named twice.", {"field": "criteria"}, "Name each once."
            )
        found[key] = Criterion(key, field, kind, words, **(_counts(one) if kind == runs.TESTS else {}))
    lacking = [name for name in runs.NEEDED if name not in {one.field for one in found.values()}]
    if lacking:
        said = f"No criterion is {' or '.join(lacking)}."
        raise Invalid("changes.criteria_lacking", said, {"lacking": lacking}, "A run shows function and security.")
    return list(found.values())


def _counts(one: Mapping[str, object]) -> dict:
    plan = text("plan", str(one.get("plan", "")), 80)
    units, failed = one.get("units_min", 1), one.get("failed_max", 0)
    for name, value in (("units_min", units), ("failed_max", failed)):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= UNITS_MAX:
            raise Invalid(
                "changes.criterion_count", f"{name}: {value!a} is no count.", {"field": name}, "Write a number."
            )
    if units < 1:
        raise Invalid(
            "changes.criterion_count", "units_min: is 0.", {"field": "units_min"}, "Ask for one unit at least."
        )
    return {"plan": plan, "units_min": units, "failed_max": failed}


def take_result(
    actor: Actor,
    *,
    run: str,
    criterion: str,
    verdict: str,
    words: str,
    content: bytes | None,
    name: str,
    request_key: str | None = None,
) -> int:
    """What a chamber, a laboratory or another bench found, with its file; returns the entry. A later result supersedes an earlier one."""
    refuse_party(actor, RUN, run)
    one_of("verdict", verdict, (runs.PASS, runs.FAIL))
    words = text("words", words)
    if content is None:
        raise Invalid("changes.result_file", "No file is given.", {"field": "file"}, "Send what the laboratory wrote.")
    with kept_file(actor.tenant, content, name) as kept:

        def lines(_: Entry, before: list[Line]) -> list[New]:
            found = _run(run, before)
            _refuse_judged(found)
            outside = [one.key for one in found.criteria if one.kind == runs.OUTSIDE]
            one_of("criterion", criterion, outside)
            return [New(run, runs.RESULT, words, name=criterion, said={"verdict": verdict, **file_said(kept)})]

        asked = [criterion, verdict, words, file_said(kept)]
        return state(
            actor, events.RUN_RESULT_TAKEN, SOURCING_WORK, asked, lines, about=run, attached=kept,
            request_key=request_key,
        )  # fmt: skip


def judge_run(
    actor: Actor,
    *,
    run: str,
    verdict: str,
    why: str,
    evidence: Callable[[Entry, QualificationRun], list[dict]],
    request_key: str | None = None,
) -> int:
    """The verdict with its evidence, by another person than who started the run; returns the entry. A qualification can be revoked."""
    refuse_party(actor, RUN, run)
    one_of("verdict", verdict, (sheets.QUALIFIED, sheets.NOT_QUALIFIED, sheets.REVOKED))
    why = text("why", why)
    actor.require(SOURCING_DECIDE)

    def lines(entry: Entry, before: list[Line]) -> list[New]:
        found = _run(run, before)
        if verdict == sheets.REVOKED:
            if found.verdict != sheets.QUALIFIED:
                raise Refused(
                    "changes.not_qualified", f"{run} qualified nothing.", {"code": run}, "Nothing is to revoke."
                )
        else:
            _refuse_judged(found)
        _refuse_same(actor, found)
        shown = evidence(entry, found)
        lacking = [one["key"] for one in shown if not one["met"]]
        if verdict == sheets.QUALIFIED and lacking:
            said = f"{run} does not show {', '.join(lacking)}."
            raise Refused(
                "changes.criteria_not_met", said, {"lacking": lacking, "evidence": shown}, "Test on, or judge it so."
            )
        ended = {"maker": found.maker, "run": run, "verdict": verdict}
        return [
            New(run, runs.JUDGED, why, name=verdict, said={"evidence": shown}),
            New(found.sheet, sheets.RUN_ENDED, name=found.mpn, said=ended),
        ]

    return state(actor, events.RUN_JUDGED, SOURCING_DECIDE, [verdict, why], lines, about=run, request_key=request_key)


def _refuse_same(actor: Actor, found: QualificationRun) -> None:
    facts = {"code": found.code}
    if actor.person is None:
        raise Refused("changes.no_person", "The system account is no person.", facts, "Sign in to judge.")
    if actor.person == found.started_by:
        raise Refused("changes.second_person", f"You started {found.code}.", facts, "Have a second person judge it.")


def _refuse_judged(found: QualificationRun) -> None:
    if not found.open:
        raise Refused("changes.run_judged", f"{found.code} is judged.", {"code": found.code}, "Start another run.")


def _sheet(code: str, lines: list[Line]) -> Sheet:
    if not lines or lines[0].kind != sheets.OPENED:
        raise unknown(SHEET, code)
    return sheet_of(lines)


def _run(code: str, lines: list[Line]) -> QualificationRun:
    if not lines or lines[0].kind != runs.STARTED:
        raise unknown(RUN, code)
    return run_of(lines)
