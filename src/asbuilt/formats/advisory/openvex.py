"""OpenVEX documents, 0.0.1 to 0.2: one document is one record, its statements put together by vulnerability.

Source: OpenVEX specification 0.2.0, "Statement fields".
"""

from collections.abc import Iterator

from asbuilt.formats.advisory.cells import branch, branches, fit, instant, listed, text, when, word, words
from asbuilt.formats.advisory.names import cpe_key, cve_name, purl_ecosystem, purl_key, purl_version, split_cpe
from asbuilt.formats.advisory.records import (
    AFFECTED,
    FIXED,
    NOT_AFFECTED,
    UNDER_INVESTIGATION,
    Advisory,
    Criterion,
    RecordBroken,
    Statement,
    VersionRange,
)

STATUSES = {one: one for one in (AFFECTED, FIXED, NOT_AFFECTED, UNDER_INVESTIGATION)}
ADDRESS_CHARACTERS_MAX = 300
Named = tuple[str, str]


def read(record: dict) -> list[Advisory]:
    """What the document says, once for each vulnerability; RecordBroken where it cannot be read."""
    name = word(record, "@id", ADDRESS_CHARACTERS_MAX)
    if not name:
        raise RecordBroken("@id", "is missing")
    if "statements" not in record:
        raise RecordBroken("statements", "is missing")
    notes: list[str] = []
    at = when(record, "timestamp", notes)
    updated = when(record, "last_updated", notes) or at
    said: dict[str, tuple[list[Statement], list[str], dict[Criterion, None]]] = {}
    for n, one in enumerate(branches(record, "statements")):
        vulnerability, aliases = _vulnerability(one, n)
        status = STATUSES.get(word(one, "status"))
        if status is None:
            raise RecordBroken(f"statements/{n}/status", f"is {word(one, 'status')[:40] or 'missing'}")
        statements, others, criteria = said.setdefault(vulnerability, ([], [], {}))
        others += aliases
        products = list(_products(one, "products"))
        statements.append(
            Statement(
                status,
                word(one, "justification"),
                text(one, "impact_statement"),
                text(one, "action_statement"),
                tuple(products),
                instant(word(one, "timestamp")) or at,
                tuple(_subcomponents(one)),
            )
        )
        criteria |= dict.fromkeys(_criterion(product, status) for product in products if product[0] != "name")
    return [
        Advisory(
            name,
            vulnerability,
            aliases=tuple(dict.fromkeys(one for one in others if one and one != vulnerability)),
            published_at=at,
            modified_at=updated,
            criteria=tuple(criteria),
            statements=tuple(statements),
            notes=tuple(notes),
            source=word(record, "author"),
        )
        for vulnerability, (statements, others, criteria) in said.items()
    ] or [Advisory(name, name, published_at=at, modified_at=updated, notes=tuple(notes), source=word(record, "author"))]


def _vulnerability(one: dict, n: int) -> tuple[str, list[str]]:
    if isinstance(one.get("vulnerability"), str):  # 0.0.x
        names = [word(one, "vulnerability", 300)]
    else:
        known = branch(one, "vulnerability")
        names = [word(known, "name", 300), *words(known, "aliases", 300)]
        names = names if names[0] else [word(known, "@id", 300).rpartition("/")[2], *names[1:]]
    names = [name for name in names if name]
    if not names:
        raise RecordBroken(f"statements/{n}/vulnerability", "is missing")
    main = next(filter(None, map(cve_name, names)), names[0])
    return main, [name for name in names if name != main]


def _products(one: dict, key: str) -> Iterator[Named]:
    for product in listed(one, key):
        if isinstance(product, str):
            yield _named(fit(product[:4_000]))
            continue
        if not isinstance(product, dict):
            raise RecordBroken(key, "is no product")
        identifiers = branch(product, "identifiers")
        found = [_named(word(product, "@id", 4_000))] if product.get("@id") else []
        found += [
            (kind, word(identifiers, field, 4_000))
            for kind, field in (("purl", "purl"), ("cpe", "cpe23"), ("cpe", "cpe22"))
        ]
        hashes = branch(product, "hashes")
        found += [("hash", f"{fit(algorithm.upper())}:{word(hashes, algorithm).lower()}") for algorithm in hashes]
        yield from dict.fromkeys(one for one in found if one[1])


def _subcomponents(one: dict) -> Iterator[Named]:
    yield from _products(one, "subcomponents")
    for product in listed(one, "products"):
        if isinstance(product, dict):
            yield from _products(product, "subcomponents")


def _named(text_: str) -> Named:
    if purl_key(text_):
        return "purl", text_
    return ("cpe", text_) if cpe_key(text_) else ("name", text_)


def _criterion(product: Named, status: str) -> Criterion:
    kind, value = product
    if kind == "purl":
        version = purl_version(value)
        return Criterion(
            kind, purl_key(value), (VersionRange(exact=version),), status=status, ecosystem=purl_ecosystem(value)
        )
    if kind == "cpe":
        parts = split_cpe(value)
        version = parts[3] if parts and parts[3] != "*" else ""
        return Criterion(kind, cpe_key(value), (VersionRange(exact=version),), value, status=status)
    return Criterion(kind, value, status=status)
