"""How many damaged documents a test draws: a few in each run, all of them where there is time.

`ASBUILT_SOAK=1` draws FULL of each kind everywhere; a test's own switch (`ASBUILT_FUZZ_FILES=500`) goes before it. A test prints how many
it drew and with which seed, so that what was found is found again.
"""

import os

FULL = 5_000


def drawn(default: int, switch: str = "") -> int:
    """How many to draw: what the switch says, FULL in a soak, otherwise the default."""
    said = os.environ.get(switch, "") if switch else ""
    return int(said) if said and int(said) else FULL if os.environ.get("ASBUILT_SOAK", "") == "1" else default


def seed() -> int:
    """ASBUILT_FUZZ_SEED, or one of its own; printed, so that it stands with whatever fails."""
    chosen = int(os.environ.get("ASBUILT_FUZZ_SEED") or int.from_bytes(os.urandom(4), "big"))
    print(f"ASBUILT_FUZZ_SEED={chosen}")
    return chosen
