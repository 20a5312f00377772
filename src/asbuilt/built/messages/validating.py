"""ValidateUnitsRequest: may these units go on at this machine? Answered from what the record knows of them.

A unit that is not known, that was scrapped or is a skipped position may not. The answer has one result a unit and one for
the panel or carrier; it is never late: one look at the record, nothing is written for it. Codes: 0 passed, 1 not known,
2 scrapped, 3 skipped position. Standard: IPC-2591, CFX.InformationSystem.UnitValidation.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MESSAGE_RECORD
from asbuilt.built.messages.places import Places
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.states import SCRAPPED, SKIPPED, units_with_state
from asbuilt.formats.cfx.bodies import UNITS_MAX, Place, place_of
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import get, structures, text, wrong
from asbuilt.kernel.errors import AsbuiltError

REQUEST = "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest"
RESPONSE = "CFX.InformationSystem.UnitValidation.ValidateUnitsResponse"
PASSED, NOT_KNOWN, IS_SCRAPPED, IS_SKIPPED = range(4)


@dataclass(frozen=True)
class Verdict:
    """Whether a unit may go on: a code and words."""

    place: Place
    code: int
    words: str

    def as_result(self) -> dict:
        """As CFX has it."""
        return {
            "UniqueIdentifier": self.place.identifier or None,
            "PositionNumber": self.place.position,
            "Result": "Failed" if self.code else "Passed",
            "FailureCode": self.code,
            "Message": self.words,
        }


def validate_units(actor: Actor, request: Envelope) -> dict:
    """The body of the response; a request that cannot be read is answered with the reason."""
    actor.require(MESSAGE_RECORD)
    try:
        primary, places = _asked(request)
    except AsbuiltError as refusal:
        return _body({"Result": "Failed", "ResultCode": 1, "Message": refusal.message}, None, [])
    known = Places(actor.tenant, Orders(actor.tenant))
    known.load([primary, *(place.identifier for place in places)])
    verdicts = [_verdict(actor.tenant, known, place, primary) for place in places or [Place(primary)]]
    worst = max(verdicts, key=lambda verdict: verdict.code)
    whole = Verdict(Place(primary or places[0].identifier), worst.code, worst.words if worst.code else "OK")
    listed = [verdict.as_result() for verdict in verdicts] if places else []
    return _body({"Result": "Success", "ResultCode": 0, "Message": None}, whole.as_result(), listed)


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


def _verdict(tenant: int, known: Places, place: Place, primary: str) -> Verdict:
    try:
        units = known.units_of(place if place.identifier else Place(primary, place.position), None)
    except AsbuiltError as refusal:
        return Verdict(place, NOT_KNOWN, refusal.message)
    for unit in units:
        if units_with_state(tenant, unit, unit + 1, SCRAPPED):
            return Verdict(place, IS_SCRAPPED, "The unit was scrapped.")
        if units_with_state(tenant, unit, unit + 1, SKIPPED):
            return Verdict(place, IS_SKIPPED, "The position is skipped (X-out).")
    return Verdict(place, PASSED, "OK")
