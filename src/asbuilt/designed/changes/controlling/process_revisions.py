"""Process revisions: which program, paste, stencil or software a step of a product may run by, where that is controlled.

    controls_of(tenant, "AB-100")                          -> [Control(…)]
    held(control, chains, unit, at)                        -> what that unit may be made with

Whoever puts a step under control says what it runs by today; from then on only an ECO changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.chains import Chain, Held
from asbuilt.designed.changes.controlling.eco import PROCESS
from asbuilt.designed.changes.controlling.statements import lines_of

ABOUT = "process:"


@dataclass(frozen=True)
class Control:
    """A controlled aspect of a step of a product; `value` is what it ran by when it was put under control."""

    product: str
    step: str
    side: str
    aspect: str
    value: str
    why: str
    since_at: int
    person: int | None

    @property
    def key(self) -> tuple[str, ...]:
        """The key of changes of it."""
        return (self.product, PROCESS, self.step, self.side, self.aspect)

    @property
    def name(self) -> str:
        """`REFLOW top program`."""
        return " ".join(filter(None, (self.step, self.side, self.aspect)))


def controls_of(tenant: int, product: str) -> list[Control]:
    """What is controlled of a product now. One statement."""
    found: dict[tuple[str, ...], Control] = {}
    for line in lines_of(tenant, [ABOUT + product]).get(ABOUT + product, []):
        said = line.said
        one = Control(
            product, said["step"], said["side"], said["aspect"], said["value"], line.why, line.happened_at, line.person
        )
        if line.kind == kinds.CONTROLLED and said["state"] == "on":
            found[one.key] = one
        else:
            found.pop(one.key, None)
    return list(found.values())


def held(control: Control, in_force: Sequence[Chain], unit: int, at: int) -> Held:
    """What a unit may be made with: the value of the last change that it is behind, else that of the control."""
    chain = next((one for one in in_force if one.key == control.key), None)
    if chain is None:
        return Held(control.value, None, None)
    found = chain.at(unit, at)
    # before the first boundary no change holds: what was put under control does, whatever the change says it was
    return found if found.by is not None else replace(found, value=control.value)
