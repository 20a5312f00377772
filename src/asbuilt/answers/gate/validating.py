"""ValidateUnitsRequest: a machine asks whether these units may go on at it; the gate's verdict answers.

One result a unit and one for the panel or carrier. FailureCode: 0 it may, 1 not known, 2 scrapped, 3 skipped position,
4 on hold, 5 a package on it is in quarantine or rejected, 6 the route, 7 the setup of the machine, 8 outside,
9 the operator, 10 a test, 11 the firmware, 12 an open nonconformity, 13 a calibration, 14 a vulnerability or what is not known of them, 15 an ECO whose boundary it lies on the wrong side of, or a process revision that was not approved; Message says
everything that stops it and what to do, the code is of the first. Of a unit that may go on Message begins with OK and says what is known
against it, or not known, and stops nothing today. The route is asked only where the floor named the machine's step (a packing step asks for everything that leaving asks for), and the request does not ask for other validations only. It does
not say the side: a step that the route has on several sides is asked for the first that is not done, or that has to be done again. Nor does it say who works: the
operator is whom the machine's OperatorActivated named last, and where the step needs a qualification and nobody is there, nobody has
it. An oven that runs by itself is no matter: its step needs none. By what the machine will run is known from RecipeName and Revision, where the
request has them, from its setup, and from the software that it told last; what nobody said is judged when the pass is told. Nothing is written.

Standard: IPC-2591, CFX.InformationSystem.UnitValidation.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import GATE_ASK
from asbuilt.answers.gate.changed import process_stops
from asbuilt.answers.gate.known_rules import GAPS
from asbuilt.answers.gate.ran_by import REASON as RAN
from asbuilt.answers.gate.setups import setup_stops
from asbuilt.answers.gate.stops import UNITS_MAX, Stop
from asbuilt.answers.gate.verdicts import Verdict, verdict_of
from asbuilt.built.messages.machines import floor_name, operator_at, software_of, step_of
from asbuilt.built.messages.places import Places
from asbuilt.built.production.actions.steps import StepDone, feeding_of
from asbuilt.built.production.orders import Orders
from asbuilt.designed.catalog.panel_maps import SIDES
from asbuilt.designed.changes.controlling.eco import PROGRAM_REVISION, SOFTWARE
from asbuilt.formats.cfx.bodies import Place, place_of
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import get, structures, text, wrong
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.kernel.spans import spans_of
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, SKIPPED, View
from asbuilt.storage import reading

REQUEST = "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest"
RESPONSE = "CFX.InformationSystem.UnitValidation.ValidateUnitsResponse"
PASSED, NOT_KNOWN, ROUTE, SETUP, OUTSIDE, OPERATOR = 0, 1, 6, 7, 8, 9
TEST, FIRMWARE, NONCONFORMITY, CALIBRATION, KNOWN, CHANGE = 10, 11, 12, 13, 14, 15
CODES = {
    "gate.scrapped": 2, "gate.skipped_position": 3, "gate.held": 4, "gate.quarantine": 5, "gate.outside": OUTSIDE,
    "gate.test_missing": TEST, "gate.test_failed": TEST, "gate.test_version": TEST, "gate.test_before_firmware": TEST,
    "gate.test_before_rework": TEST, "gate.test_in_doubt": TEST, "gate.test_plan_withdrawn": TEST, "gate.test_repeated": TEST, "gate.firmware_failed": FIRMWARE, "gate.firmware_ahead": FIRMWARE, "gate.firmware_missing": FIRMWARE, "gate.firmware_other": FIRMWARE,
    "gate.firmware_withdrawn": FIRMWARE, "gate.nonconformity": NONCONFORMITY, "gate.to_be_scrapped": NONCONFORMITY, "gate.to_be_returned": NONCONFORMITY, "gate.calibration": CALIBRATION,
    "gate.vulnerability": KNOWN, **{f"gate.{gap}": KNOWN for gap in GAPS}, "gate.not_qualified": OPERATOR, "gate.operator_unnamed": OPERATOR,
    "gate.change_boundary": CHANGE, "gate.change_suspended": CHANGE, "gate.process_revision": CHANGE,
    "gate.process_revision_run": CHANGE, "gate.alternate_unqualified": CHANGE, "gate.part_unapproved": CHANGE,
    "gate.maker_unknown": CHANGE, "gate.other_part": CHANGE, "gate.return_open": NONCONFORMITY,
}  # fmt: skip
ROUTE_VALIDATION = "UnitRouteValidation"
WORDS_CHARACTERS_MAX = 4_000
GO = "OK"
NOT_BUILT = (2, 3)  # they do not stop the rest of their panel


@dataclass(frozen=True)
class Result:
    """Whether the unit at a place may go on: a code and words."""

    place: Place
    code: int
    words: str

    def as_cfx(self) -> dict:
        """As CFX has it."""
        return {
            "UniqueIdentifier": self.place.identifier or None,
            "PositionNumber": self.place.position,
            "Result": "Failed" if self.code else "Passed",
            "FailureCode": self.code,
            "Message": self.words,
        }


@dataclass(frozen=True)
class Asked:
    """The step that the route is asked for, "" for none, and the badge of who works at the machine (None: not asked for); by what the machine will
    run, as far as it said so."""

    step: str
    operator: str | None
    machine: str = ""
    program: str = ""
    runs_by: dict = field(default_factory=dict, hash=False)


def validate_units(actor: Actor, request: Envelope) -> dict:
    """The body of the response; a request that cannot be read is answered with the reason."""
    actor.require(GATE_ASK)
    try:
        primary, places = _asked(request)
    except AsbuiltError as refusal:
        return _body({"Result": "Failed", "ResultCode": 1, "Message": refusal.message}, None, [])
    with reading.snapshot(plans_kept=True):
        known = Places(actor.tenant, Orders(actor.tenant))
        known.load([primary, *(place.identifier for place in places)])
        view, step = View(local_system(actor.tenant)), _step(actor.tenant, request)
        asked = _by_what(actor.tenant, request, step) if step else Asked("", None)
        results = [_result(view, known, asked, place, primary) for place in places or [Place(primary)]]
        if _route_wanted(request):
            results = _with_setup(view, known, request, results, primary)
    built = [one for one in results if one.code not in NOT_BUILT] or results
    worst = next((one for one in built if one.code), Result(Place(""), PASSED, _passed(built)))
    whole = Result(Place(primary or places[0].identifier), worst.code, worst.words)
    listed = [one.as_cfx() for one in results] if places else []
    return _body({"Result": "Success", "ResultCode": 0, "Message": None}, whole.as_cfx(), listed)


def unanswered() -> dict:
    """The body of a response where the record could not be asked, for reasons of ours: nothing goes on by it."""
    said = "The record cannot be asked just now; ask again."
    return _body({"Result": "Failed", "ResultCode": 1, "Message": said}, None, [])


def _body(result: dict, primary: dict | None, listed: list[dict]) -> dict:
    return {"Result": result, "PrimaryResult": primary, "ValidationResults": listed}


def _asked(request: Envelope) -> tuple[str, list[Place]]:
    primary = text(get(request.body, "PrimaryIdentifier"), "PrimaryIdentifier")
    found = structures(get(request.body, "Units"), "Units")
    if len(found) > UNITS_MAX:
        raise wrong("Units", f"has more than {UNITS_MAX:,} entries")
    places = [place_of(said, f"Units[{n}]", "PositionNumber") for n, said in enumerate(found)]
    if not primary and not places:
        raise wrong("Units", "names no unit")
    return primary, places


def _route_wanted(request: Envelope) -> bool:
    """Whether route and setup are asked for; not where the request wants other validations only."""
    wanted = get(request.body, "Validations")
    return not (isinstance(wanted, list) and wanted and ROUTE_VALIDATION not in wanted)


def _step(tenant: int, request: Envelope) -> str:
    """The step that the route is asked for."""
    return step_of(tenant, request.source) if _route_wanted(request) else ""


def _by_what(tenant: int, request: Envelope, step: str) -> Asked:
    """What is asked for a step, with what the machine said of how it will be done."""
    body, machine = request.body, request.source
    # neither field is the standard's: what is no text says nothing, and refuses nothing
    program, revision = (
        said if isinstance(said := get(body, name), str) else "" for name in ("RecipeName", "Revision")
    )
    runs_by = {PROGRAM_REVISION: revision, SOFTWARE: software_of(tenant, machine)}
    return Asked(step, operator_at(tenant, machine), floor_name(tenant, machine), program.strip(), runs_by)


def _with_setup(view: View, known: Places, request: Envelope, results: list[Result], primary: str) -> list[Result]:
    """The results, with what stops the machine itself where it has a program for these units and nothing else stops them."""
    passing = [one for one in results if not one.code]
    units = sorted({unit for one in passing for unit in _units(known, one.place, primary)})
    done = StepDone("", machine=floor_name(view.tenant, request.source))
    try:
        feeding = feeding_of(view.tenant, spans_of(BitMap(units)), done)
    except Refused:  # a program for each side, and the request does not say which
        return results
    stop = next(iter(setup_stops(view.tenant, feeding, done)), None)
    if stop is None:
        return results
    words = f"{stop.message} {stop.remedy}"
    return [Result(one.place, SETUP, words) if not one.code else one for one in results]


def _units(known: Places, place: Place, primary: str) -> BitMap:
    return BitMap(known.units_of(place if place.identifier else Place(primary, place.position), None))


def _result(view: View, known: Places, asked: Asked, place: Place, primary: str) -> Result:
    try:
        units = _units(known, place, primary)
    except AsbuiltError as refusal:
        return Result(place, NOT_KNOWN, refusal.message)
    warned: dict[str, None] = {}
    for unit in units - view.state_units(SCRAPPED, SKIPPED, over=units) or units:
        found = _verdict(view, unit, asked)
        if stops := found.stops or _process_stops(view, unit, asked, found):
            words = " ".join(f"{one.message} {one.remedy}" for one in stops)
            return Result(place, CODES.get(stops[0].code, ROUTE), words[:WORDS_CHARACTERS_MAX])
        warned |= dict.fromkeys(_conceded(one) for one in found.conceded)
        warned |= dict.fromkeys(one.message for one in found.warnings)
    return Result(place, PASSED, " ".join((GO, *warned))[:WORDS_CHARACTERS_MAX])


def _conceded(one: dict) -> str:
    """Under which concession it goes, and what nobody checked of it."""
    return " ".join(
        filter(None, (f"By {one['concession']}, although:", one["message"], one["note"] and f"({one['note']})"))
    )


def _process_stops(view: View, unit: int, asked: Asked, found: Verdict) -> list[Stop]:
    """What stops the step by what the machine will run by, as far as that is said."""
    if not asked.step or not view.recorded.changes:
        return []
    side = next((one for one in SIDES if found.step == f"{asked.step} {one}"), "")
    done = StepDone(asked.step, side, machine=asked.machine, program=asked.program, readings=asked.runs_by)
    try:
        feeding = feeding_of(view.tenant, [(unit, unit + 1)], done)
    except Refused:  # a program that is none of the machine's: the setup says so
        feeding = {}
    return list(process_stops(view, [unit], done, feeding, before=True))


def _passed(results: list[Result]) -> str:
    """The words of a whole that may go on: what is said of any unit of it, each once."""
    said = dict.fromkeys(one.words.removeprefix(GO).strip() for one in results)
    return " ".join((GO, *filter(None, said)))[:WORDS_CHARACTERS_MAX]


def _verdict(view: View, unit: int, asked: Asked) -> Verdict:
    """The verdict of a unit; of a step that the route has on several sides, of the first that is not done."""
    step, operator = asked.step, asked.operator
    found = verdict_of(view, unit, step, "", operator)
    if any(stop.code == "gate.step_not_on_route" for stop in found.stops):
        names = [f"{step} {side}" for side in SIDES]
        sides = [one for one in found.steps if one.name in names]
        ahead = next((one for one in sides if one.state != "done"), sides[-1] if sides else None)
        if ahead:
            found = verdict_of(view, unit, step, SIDES[names.index(ahead.name)], operator)
    # a side that was passed by what was not approved is to be done again first
    again = next(
        (one.facts["side"] for one in found.stops if one.code == f"gate.{RAN}" and one.facts["step"] == step), ""
    )
    return verdict_of(view, unit, step, again, operator) if again else found
