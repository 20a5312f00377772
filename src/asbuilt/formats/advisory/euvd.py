"""The EU Vulnerability Database's export: one record a vulnerability. Source: ENISA's EUVD API, /search and /lastvulnerabilities.

Aliases and references are lines of one text; EPSS is in percent; dates are written `Apr 15, 2025, 7:30:58 PM` (UTC).
Products and vendors are separate lists: with several vendors a product stands without one.
"""

from datetime import UTC, datetime

from asbuilt.formats.advisory.cells import branch, branches, identifier, instant, number, text, word
from asbuilt.formats.advisory.names import cve_name, name_key
from asbuilt.formats.advisory.records import Advisory, Criterion, Score
from asbuilt.formats.advisory.version_words import ranges_in

LINES_MAX = 500
_MONTHS = {
    name: n
    for n, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}


def read(record: dict) -> list[Advisory]:
    """What the record says, once for each CVE id among its aliases, else under its own; RecordBroken where it cannot be read."""
    name = identifier(record, "id")
    notes: list[str] = []
    others = _lines(record, "aliases")
    cves = list(dict.fromkeys(filter(None, map(cve_name, (name, *others)))))
    base, vector = number(record, "baseScore", -1, 10), word(record, "baseScoreVector")
    percent = number(record, "epss", 0, 100)
    exploited = word(record, "exploitedSince")
    scores = (Score("ENISA", word(record, "baseScoreVersion"), vector, base),) if vector or (base or -1) >= 0 else ()
    common = {
        "published_at": _when(record, "datePublished", notes),
        "modified_at": _when(record, "dateUpdated", notes),
        "text": text(record, "description"),
        "references": tuple(_lines(record, "references")),
        "scores": scores,
        "criteria": tuple(_criteria(record, notes)),
        "exploited": True if exploited else None,
        "exploited_since": _instant(exploited) if exploited else None,
        "epss": None if percent is None or len(cves) > 1 else (percent / 100, 0.0),
        "source": word(record, "assigner"),
    }
    said = []
    for vulnerability in cves or [name]:
        aliases = (name, *others) if len(cves) < 2 else (name,)
        aliases = tuple(dict.fromkeys(one for one in aliases if one != vulnerability))
        said.append(Advisory(name, vulnerability, aliases, notes=tuple(notes), **common))
    return said


def _lines(record: dict, key: str) -> list[str]:
    return [line.strip() for line in text(record, key, 200_000).splitlines() if line.strip()][:LINES_MAX]


def _instant(written: str) -> int | None:
    found = instant(written)
    if found is not None:
        return found
    parts = written.replace(",", " ").replace(" ", " ").split()
    try:
        month, day, year, clock, half = parts
        hour, minute, second = map(int, clock.split(":"))
        hour = hour % 12 + (12 if half.upper() == "PM" else 0)
        moment = datetime(int(year), _MONTHS[month[:3]], int(day), hour, minute, second, tzinfo=UTC)
    except (ValueError, KeyError):
        return None
    return int(moment.timestamp()) * 1_000_000 if moment.year >= 1970 else None


def _when(record: dict, key: str, notes: list[str]) -> int | None:
    written = word(record, key)
    found = _instant(written) if written else None
    if written and found is None:
        notes.append(f"{key}: {written[:40]} is no time")
    return found


def _criteria(record: dict, notes: list[str]):
    vendors = [word(branch(one, "vendor"), "name") for one in branches(record, "enisaIdVendor")]
    for one in branches(record, "enisaIdProduct"):
        product = branch(one, "product")
        vendor = word(branch(product, "vendor"), "name") or (vendors[0] if len(vendors) == 1 else "")
        key = name_key(vendor, word(product, "name"))
        if key:
            yield Criterion("name", key, ranges_in(word(one, "product_version"), notes))
