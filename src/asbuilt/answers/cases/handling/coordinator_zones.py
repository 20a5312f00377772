"""The time zone of a coordinator by its Member State, as dated data: `data/coordinator-zones.json`, with its source.

zone_of_state("FI")  ->  "Europe/Helsinki"; empty for a country that is not in it
"""

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "coordinator-zones.json"


@cache
def _zones() -> dict[str, str]:
    return json.loads(_FILE.read_text(encoding="utf-8"))["zones"]


def zone_of_state(state: str) -> str:
    """The IANA name of the zone that a coordinator in this Member State keeps."""
    return _zones().get(state, "")
