"""Until when a released image stays in the archive: a rule of a dated data file, never written into the code.

The longer of two: so many years from its issue, or the end of the support period where one was said. Until then its keys
are not destroyed; the general erasure of evidence asks here too.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from asbuilt.designed.firmware import register
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant, parse_date
from asbuilt.ledger import clock
from asbuilt.storage import reading

_FILE = Path(__file__).with_name("data") / "retention.json"
RULE = "update"
SUPPORTED_UNTIL: dict[str, Callable[[int, str], str]] = {}
"""By room, for upper rooms that know how long a product is supported: takes tenant and product, gives the last day or an empty text."""


@dataclass(frozen=True)
class Kept:
    """How long one release is kept: until (UTC µs), under which rule set, by which rule, and where that stands."""

    until: int
    rule_set: str
    rule: str
    source: str


@cache
def _rules() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def kept_until(issued_at: int, supported_until: str) -> Kept:
    """Until when a release issued then, with this last day of support (or empty), is kept."""
    rule = _rules()["rules"][RULE]
    at = datetime.fromtimestamp(issued_at // 1_000_000, UTC)
    day = 28 if (at.month, at.day) == (2, 29) else at.day
    until = at.replace(year=at.year + rule["years_from_issue"], day=day)
    if supported_until and rule["or_support_period"]:
        last = parse_date(supported_until)
        # the last day of support belongs to it
        until = max(until, datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1))
    return Kept(int(until.timestamp()) * 1_000_000, _rules()["rule_set"], RULE, rule["source"])


def of_release(found: register.Registered, supported_until: str = "") -> Kept | None:
    """How long this release is kept: by its own last day of support, or that of its product where it is later. None for what was never released."""
    released = found.last(register.RELEASED)
    last = max(found.statement.supported_until, supported_until)
    return kept_until(released.happened_at, last) if released else None


def refuse_kept(tenant: int, image_sha256: str) -> None:
    """Refused while a release with this image is kept."""
    with_it = [found for found in register.registered(tenant) if found.statement.sha256 == image_sha256]
    for found in with_it:
        kept = of_release(found, max([asked(tenant, found.key[0]) for asked in SUPPORTED_UNTIL.values()], default=""))
        if kept is not None and clock.now() < kept.until:
            day = format_instant(kept.until)[:10]
            raise Refused(
                "firmware.retention_runs",
                f"{found.name} must be kept until {day}: {kept.source}.",
                {"release": found.name, "until": day, "rule_set": kept.rule_set, "source": kept.source},
                "Erase it after that day.",
            )


def refuse_kept_evidence(tenant: int, stored_sha256: str) -> None:
    """The same for the evidence that an encrypted image is kept as."""
    sql = "SELECT sha256 FROM firmware_image WHERE tenant = %s AND stored_sha256 = %s"
    for (image,) in reading.fetch(sql, (tenant, stored_sha256)):
        refuse_kept(tenant, image)
