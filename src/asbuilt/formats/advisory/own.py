"""Own entries: what reached the house otherwise (a researcher's mail, a test finding), in a form of ours.

    {"id": "OWN-1", "vulnerability": "CVE-2026-1234", "title": "…", "text": "…", "modified": "2026-11-29T08:00:00Z",
     "severity": [{"vector": "CVSS:3.1/…", "score": 8.1}], "exploited": false,
     "affected": [{"purl": "pkg:generic/mbedtls", "versions": "<2.28.8"},
                  {"maker": "Espressif", "mpn": "ESP32-D0WD-V3", "lots": ["A1"], "date_codes": ["2327..2330"],
                   "silicon_revisions": ["<3.1"]}]}

One affected thing has exactly one name: purl, cpe, repository, hash, vendor with product, or maker with mpn. `versions` are
words (`version_words`); left out: not known which, so unsure. Lots, date codes and silicon revisions narrow hardware.
"""

from asbuilt.formats.advisory.cells import branches, flag, identifier, number, text, urls, when, word, words
from asbuilt.formats.advisory.names import (
    cpe_key,
    cve_name,
    name_key,
    part_key,
    purl_ecosystem,
    purl_key,
    repository_key,
)
from asbuilt.formats.advisory.records import (
    AFFECTED,
    FIXED,
    NOT_AFFECTED,
    UNDER_INVESTIGATION,
    UNKNOWN,
    Advisory,
    Criterion,
    RecordBroken,
    Score,
)
from asbuilt.formats.advisory.scores import cwe, vector_version
from asbuilt.formats.advisory.version_words import ranges_in

STATUSES = (AFFECTED, FIXED, NOT_AFFECTED, UNDER_INVESTIGATION, UNKNOWN)
AFFECTED_MAX = 1_000
NARROWED_MAX = 1_000
KEYS = {
    "id", "vulnerability", "aliases", "title", "text", "references", "cwes", "severity", "exploited", "published", "modified",
    "withdrawn", "affected", "reached_by", "told_by",
}  # fmt: skip
NAMED = {
    "purl", "cpe", "repository", "hash", "vendor", "product", "maker", "mpn", "versions", "status", "lots", "date_codes",
    "silicon_revisions",
}  # fmt: skip


def read(record: dict) -> list[Advisory]:
    """What the entry says; RecordBroken where it cannot be read. A key that is not known is refused: it is a slip of the pen."""
    unknown = sorted(record.keys() - KEYS)
    if unknown:
        raise RecordBroken(unknown[0][:60], "is not known here")
    name = identifier(record, "id")
    notes: list[str] = []
    criteria = [_criterion(one, f"affected/{n}", notes) for n, one in enumerate(branches(record, "affected"))]
    if len(criteria) > AFFECTED_MAX:
        raise RecordBroken("affected", f"has more than {AFFECTED_MAX} entries")
    vulnerability = word(record, "vulnerability", 300) or name
    vulnerability = cve_name(vulnerability) or vulnerability
    aliases = [*words(record, "aliases"), name]
    exploited = flag(record, "exploited", False)
    return [
        Advisory(
            name,
            vulnerability,
            aliases=tuple(dict.fromkeys(one for one in aliases if one and one != vulnerability)),
            published_at=when(record, "published", notes),
            modified_at=when(record, "modified", notes),
            withdrawn_at=when(record, "withdrawn", notes),
            title=text(record, "title", 500),
            text=text(record, "text"),
            references=urls(record, "references"),
            cwes=tuple(filter(None, map(cwe, words(record, "cwes")))),
            scores=tuple(_scores(record)),
            criteria=tuple(criteria),
            exploited=True if exploited else None,
            notes=tuple(notes),
            source=word(record, "told_by"),
        )
    ]


def _scores(record: dict):
    for severity in branches(record, "severity"):
        vector, base = word(severity, "vector"), number(severity, "score", 0, 10)
        if vector or base is not None:
            yield Score("own", vector_version(vector), vector, base)


def _criterion(one: dict, place: str, notes: list[str]) -> Criterion:
    unknown = sorted(one.keys() - NAMED)
    if unknown:
        raise RecordBroken(f"{place}/{unknown[0][:60]}", "is not known here")
    cpe = word(one, "cpe")
    names = [
        ("purl", purl_key(word(one, "purl", 4_000)), one.get("purl")),
        ("cpe", cpe_key(cpe), cpe),
        ("git", repository_key(word(one, "repository", 4_000)), one.get("repository")),
        ("hash", _hash(word(one, "hash")), one.get("hash")),
        ("name", name_key(word(one, "vendor"), word(one, "product")), one.get("product")),
        ("part", part_key(word(one, "maker"), word(one, "mpn")), one.get("mpn")),
    ]
    given = [(kind, key) for kind, key, said in names if said]
    if len(given) != 1:
        raise RecordBroken(place, "names nothing" if not given else "names more than one thing")
    kind, key = given[0]
    if not key:
        raise RecordBroken(f"{place}/{kind}", "cannot be read")
    status = word(one, "status") or AFFECTED
    if status not in STATUSES:
        raise RecordBroken(f"{place}/status", f"is one of {' '.join(STATUSES)}")
    before = len(notes)
    ranges = ranges_in(word(one, "versions"), notes)
    if len(notes) > before:
        raise RecordBroken(f"{place}/versions", "cannot be read")
    narrowed = [tuple(words(one, field, 120)) for field in ("lots", "date_codes", "silicon_revisions")]
    if any(len(values) > NARROWED_MAX for values in narrowed):
        raise RecordBroken(place, f"has a list of more than {NARROWED_MAX} entries")
    if any(narrowed) and kind != "part":
        raise RecordBroken(place, "lots, date codes and silicon revisions are of parts: maker and mpn")
    release = purl_ecosystem(word(one, "purl", 4_000)) if kind == "purl" else ""
    return Criterion(kind, key, ranges, cpe, "", True, status, *narrowed, release)


def _hash(text_: str) -> str:
    algorithm, colon, value = text_.partition(":")
    return f"{algorithm.upper()}:{value.lower()}" if colon and value else ""
