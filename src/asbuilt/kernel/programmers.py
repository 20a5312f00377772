"""What each programmer can do with a part, and what a plan asks of one. The station compares them before anything is written: no step is left out.
Whoever issues a permit is offered what fits.

    needed(plan, "U1")     -> {write, read_back, secrets}
    lacking(plan, "U1")    -> {"flashrom": (), "avrdude": ("secrets",), …}
"""

from enum import StrEnum

from asbuilt.kernel.plans import READ_BACK, Plan


class Can(StrEnum):
    """What a programmer can do with a part."""

    identify = "identify"
    uid = "uid"
    write = "write"
    read_back = "read_back"
    secrets = "secrets"
    fuses = "fuses"
    lock = "lock"
    start = "start"
    lines = "lines"


_WRITES = frozenset([Can.write])
_READS = frozenset([Can.write, Can.read_back])
CAPABILITIES: dict[str, frozenset[Can]] = {
    "flashrom": frozenset([Can.identify, Can.secrets, *_READS]),
    "avrdude": frozenset([Can.identify, Can.start, Can.lines, *_READS]),
    "gdbremote": frozenset([Can.identify, Can.uid, Can.secrets, Can.start, Can.lines, *_READS]),
    "esptool": frozenset([Can.identify, Can.uid, Can.secrets, Can.fuses, Can.lock, *_READS]),
    "openocd": _READS,
    "pyocd": _READS,
    # no phrase of a read was seen of these two
    "jlink": _WRITES,
    "stm32cubeprogrammer": _WRITES,
}


def needed(plan: Plan, ref: str) -> frozenset[Can]:
    """What a plan asks of the programmer of a part."""
    found = {Can.write}
    if plan.part(ref).evidence == READ_BACK:
        found.add(Can.read_back)
    if plan.identity.part == ref and plan.identity.uid_from == "tool":
        found |= {Can.identify, Can.uid}
    found |= {Can.secrets for secret in plan.secrets if secret.part == ref}
    found |= {Can.fuses for burn in plan.burns if burn.part == ref}
    found |= {Can.lock for lock in plan.locks if lock.part == ref}
    return frozenset(found)


def lacking(plan: Plan, ref: str) -> dict[str, tuple[str, ...]]:
    """Programmer -> what the plan asks of it for this part and it cannot do; empty where it fits."""
    asked = needed(plan, ref)
    return {name: tuple(sorted(asked - can)) for name, can in CAPABILITIES.items()}
