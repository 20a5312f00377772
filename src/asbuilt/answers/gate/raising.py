"""A nonconformity out of what refused: the gate's verdict, a failed test, a package that was rejected, a return. A person says yes, once.

    proposed(actor, "gate", "SN-000017")                  -> what it would say: units, product, every stop in words
    raise_proposed(actor, about="return", code="RMA-7")   -> "NCR-8", with the evidence of the refusal as its description

Nothing is raised by itself: a failure is looked at by somebody. What holds and open nonconformities say is no evidence of a failure of
their own and is left out. Refused: nothing speaks against what is named.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import NONCONFORMITY_RAISE
from asbuilt.answers.gate.leaving import may_leave
from asbuilt.answers.register.nonconformities import open_nonconformity
from asbuilt.built.shipping.returns import RECEIVED, rows_of_rma
from asbuilt.built.supply.inspections import inspections_of
from asbuilt.built.supply.queries import standings_of
from asbuilt.built.supply.standing import RELEASED
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.questions.genealogy.answering.lookup import identity_of, view_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.returns import return_seen
from asbuilt.questions.genealogy.seen.tests import test_history
from asbuilt.storage import reading

DESCRIPTION_CHARACTERS_MAX = 2_000
NO_EVIDENCE = ("gate.held", "gate.nonconformity")


@dataclass(frozen=True)
class Proposed:
    """What a nonconformity would say, in the words of nonconformities.csv; `units` by name."""

    source: str
    description: str
    units: tuple[str, ...] = ()
    question: str = ""
    product: str = ""
    defect: str = ""
    party: str = ""
    severity: str = "major"


def proposed(actor: Actor, about: str, code: str) -> Proposed:
    """What is to be raised about this: `gate` and `test` name a unit (or a panel), `package` a package, `return` an RMA number.

    NotFound: there is none. Refused: nothing speaks against it. Invalid: about something else."""
    actor.require(NONCONFORMITY_RAISE)
    if about not in ABOUT:
        said = f"A nonconformity is not raised out of {about[:20]!a}."
        raise Invalid("gate.nothing_raised_of", said, {"field": "about"}, f"One of {', '.join(ABOUT)}.")
    return ABOUT[about](actor, code.strip())


def raise_proposed(
    actor: Actor, *, about: str, code: str, severity: str = "major", held: bool = False, request_key: str | None = None
) -> str:
    """Raise it, with `held` contained at once; returns its code. Raises what `proposed` and `open_nonconformity` raise."""
    said = asdict(proposed(actor, about, code)) | {"severity": severity}
    return open_nonconformity(actor, held=held, request_key=request_key, **said)


def _of_gate(actor: Actor, code: str) -> Proposed:
    stopped = [(one, [stop for stop in one.stops if stop.code not in NO_EVIDENCE]) for one in may_leave(actor, code)]
    stopped = [(one, stops) for one, stops in stopped if stops]
    if not stopped:
        raise _nothing(f"Nothing that {code[:60]} lacks is evidence of a failure.", code)
    words = list(dict.fromkeys(stop.message for _, stops in stopped for stop in stops))
    first = stopped[0][1][0].code.removeprefix("gate.")
    units = _names(actor, [one.unit for one, _ in stopped])
    return Proposed("gate", _joined("The gate refused it:", words), units, product=stopped[0][0].product, defect=first)


def _of_test(actor: Actor, code: str) -> Proposed:
    history = test_history(actor, code)
    failed = [run for run in history.runs if run.last and run.outcome != "pass"]
    if not failed:
        raise _nothing(f"No test failed last on {code[:60]}.", code)
    words, defects = [], []
    for run in failed:
        found = [f"{one.code} {one.at}".strip() for one in run.defects if not one.rejected]
        steps = [
            f"{one.name} {one.value} {one.unit} ({one.limits})" for one in run.steps if one.result in ("fail", "error")
        ]
        ended = f"{run.plan} {run.version}".strip() + f" ended as {run.outcome}"
        words.append(f"{ended}: {', '.join([*found, *steps][:20])}" if found or steps else ended)
        defects += [one.code for one in run.defects if not one.rejected]
    units = _names(actor, [history.who.unit])
    return Proposed("test", _joined("", words), units, product=history.who.product, defect=(defects or [""])[0][:120])


def _of_package(actor: Actor, code: str) -> Proposed:
    standing = standings_of(actor.tenant, [code]).get(code)
    if standing is None:
        said = f"There is no package {code[:60]}."
        raise NotFound("supply.package_unknown", said, {"package": code[:60]}, "Scan its label.")
    if standing.status == RELEASED:
        raise _nothing(f"Package {code[:60]} is released.", code)
    looked = next((one for one in reversed(inspections_of(actor.tenant, code)) if one.verdict == "rejected"), None)
    words = [f"Package {code} is {standing.status}.", standing.reason]
    if looked is not None:
        words.append(
            f"Inspection {looked.inspection}: {looked.nonconforming} of {looked.sample_size} wrong, {looked.accept_max} may be."
        )
    sql = "SELECT supplier FROM supply_package WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    row = reading.fetch_one(sql, (actor.tenant, code))
    party = code_of(actor.tenant, row[0]) if row and row[0] is not None else ""
    source = "inspection" if looked is not None else "supplier"
    return Proposed(source, _joined("", words), question=written("package", code), party=party)


def _of_return(actor: Actor, code: str) -> Proposed:
    seen = return_seen(actor, code)
    here = [one for one in seen.units if one.here] or list(seen.units)
    words = [f"{one.name}: {said.said}" for one in here for said in one.said if said.said]
    rows = rows_of_rma(actor.tenant, code)
    party = next((row.party for row in rows if row.event == RECEIVED and row.party is not None), None)
    units = tuple(one.code for one in here)
    said = _joined(f"Return {code}:", words or [f"{len(here)} units came back"])
    return Proposed("complaint", said, units, party=code_of(actor.tenant, party) if party is not None else "")


ABOUT: dict[str, Callable[[Actor, str], Proposed]] = {
    "gate": _of_gate, "test": _of_test, "package": _of_package, "return": _of_return,
}  # fmt: skip


def _names(actor: Actor, units: list[int]) -> tuple[str, ...]:
    view: View = view_of(local_system(actor.tenant))
    found = [identity_of(view, unit) for unit in units]
    return tuple(f"{one.order}#{one.place}" for one in found)


def _joined(head: str, words: list[str]) -> str:
    return " ".join(filter(None, (head, *words)))[:DESCRIPTION_CHARACTERS_MAX]


def _nothing(said: str, code: str) -> Refused:
    return Refused("gate.nothing_to_raise", said, {"code": code[:60]}, "Raise it by hand, and say what is wrong.")
