"""What the hold of a field action lets through, in the words of a hold's rows."""

from collections.abc import Sequence

from asbuilt.answers.cases.acting.action_file import CHANGING
from asbuilt.answers.gate.stops import is_packing
from asbuilt.built.production.holds import ReleaseAllowed
from asbuilt.designed.firmware import register
from asbuilt.kernel.errors import Invalid, Refused

ORDERED_MAX = 20
APP = "app"


def allowed_by(tenant: int, remedy: str, releases: Sequence[str], steps: Sequence[str]) -> list[tuple[str, str]]:
    """(release, step or done; what). Invalid for words that name nothing, NotFound for an unknown release, Refused for one that may not be programmed."""
    if len(releases) > ORDERED_MAX or len(steps) > ORDERED_MAX:
        said = f"More than {ORDERED_MAX} releases or steps are named."
        raise Invalid("cases.action_orders_many", said, {}, "Begin a field action for each product.")
    found = [("release", _release(tenant, one).cell) for one in dict.fromkeys(releases)]
    found += [("step", _step(one)) for one in dict.fromkeys(steps)]
    return [*found, *([("done", remedy)] if remedy else ())]


def refuse_taking_back(kind: str, action: str) -> None:
    """Refused where nothing is programmed: a recall, a withdrawal."""
    if kind not in CHANGING:
        said = "A field action that takes units back orders no work on them."
        raise Refused("cases.action_takes_back", said, {"action": action}, "Begin one of kind update or reprogramming.")


def _release(tenant: int, text: str) -> ReleaseAllowed:
    """`PRODUCT ROLE/VERSION`; the role may be left out for the app."""
    product, _, image = text.strip().rpartition(" ")
    role, slash, version = image.partition("/")
    if not slash:
        role, version = APP, image
    if not product.strip() or not role or not version:
        said = f"{text[:80]} names no release."
        raise Invalid("cases.action_release_words", said, {"release": text[:80]}, "Write PRODUCT ROLE/VERSION.")
    found = register.release(tenant, product.strip(), role, version)
    if found.state != register.RELEASED:
        said = f"{found.name} may not be programmed: it is {found.state}."
        facts = {"release": found.name, "state": found.state}
        raise Refused("cases.action_release_state", said, facts, "Release it first, or name another one.")
    return ReleaseAllowed(*found.key, found.statement.sha256)


def _step(text: str) -> str:
    step = text.strip()
    if not step or len(step) > 200 or is_packing(step):
        said = f"{step[:80] or 'An empty step'} is no step that a held unit may pass."
        raise Invalid("cases.action_step", said, {"step": step[:80]}, "Name a step of programming, rework or test.")
    return step
