"""CSAF 2.0 and 2.1 documents: advisories and VEX of suppliers. One document is one record and speaks of several vulnerabilities.

The product tree gives each product its names (purl, CPE, hashes, maker with model number, which may hold wildcards, vendor and product), serial numbers where only some are meant, and its
versions (`product_version`, `product_version_range`); a relationship (2.0) or product path (2.1) stands
for its component, `ecosystem` says on what.
`product_status` says which are affected, fixed, not affected; flags, threats and remediations give the statement's words.
A withdrawn or superseded document (2.1) is withdrawn. Source: CSAF 2.0 (OASIS standard), CSAF 2.1, section 3.2.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from asbuilt.formats.advisory.cells import branch, branches, instant, listed, text, urls, when, word, words
from asbuilt.formats.advisory.names import (
    cpe_key,
    cve_name,
    model_key,
    name_key,
    purl_at,
    purl_ecosystem,
    purl_key,
    purl_version,
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
    Statement,
    VersionRange,
)
from asbuilt.formats.advisory.scores import cvss, cwe
from asbuilt.formats.advisory.version_words import ranges_in

DEPTH_MAX = 30
PRODUCTS_MAX = 50_000
CRITERIA_MAX = 100_000
SERIALS_MAX = 1_000
STATUSES = {
    "known_affected": AFFECTED, "first_affected": AFFECTED, "last_affected": AFFECTED, "fixed": FIXED, "first_fixed": FIXED,
    "known_not_affected": NOT_AFFECTED, "under_investigation": UNDER_INVESTIGATION, "unknown": UNKNOWN,
}  # fmt: skip


@dataclass
class _Product:
    """A product of the tree: its names as (kind, key, CPE), its versions, the platform that it is part of; of a purl key the purls as written."""

    name: str
    names: list[tuple[str, str, str]] = field(default_factory=list)
    ranges: tuple[VersionRange, ...] = ()
    platform: str = ""
    serials: tuple[str, ...] = ()
    purls: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(record: dict) -> list[Advisory]:
    """What the document says, once for each vulnerability; RecordBroken where it cannot be read."""
    document = branch(record, "document")
    tracking = branch(document, "tracking")
    name = word(tracking, "id", 300)
    if not name:
        raise RecordBroken("document/tracking/id", "is missing")
    notes: list[str] = []
    products = _products(branch(record, "product_tree"), notes)
    groups = {
        word(one, "group_id"): words(one, "product_ids")
        for one in branches(branch(record, "product_tree"), "product_groups")
    }
    released = when(tracking, "current_release_date", notes)
    ended = word(document, "category") in ("csaf_withdrawn", "csaf_superseded")
    common = {
        "published_at": when(tracking, "initial_release_date", notes),
        "modified_at": released,
        "withdrawn_at": (released or 0) if ended else None,
        "references": urls(document, "references"),
        "source": word(branch(document, "publisher"), "name"),
    }
    # the title of a document is that of its one vulnerability; of several, or of a VEX about a product, it names none of them
    alone = len(list(branches(record, "vulnerabilities"))) < 2 and word(document, "category") != "csaf_vex"
    title = text(document, "title", 500) if alone else ""
    found = [
        _advisory(one, f"{name}#{n}", name, title, products, groups, notes, common)
        for n, one in enumerate(branches(record, "vulnerabilities"))
    ]
    # an advisory without vulnerabilities is kept, and speaks of itself
    return found or [Advisory(name, name, title=text(document, "title", 500), notes=tuple(notes), **common)]


def _products(tree: dict, notes: list[str]) -> dict[str, _Product]:
    products: dict[str, _Product] = {}
    for product in branches(tree, "full_product_names"):
        _add(products, product, {}, notes)
    for node in branches(tree, "branches"):
        _walk(node, {}, products, notes, 1)
    waiting = [*map(_of_relationship, branches(tree, "relationships")), *map(_of_path, branches(tree, "product_paths"))]
    for _ in range(DEPTH_MAX):
        later = [one for one in waiting if not _related(one, products)]
        if len(later) == len(waiting):
            break
        waiting = later
    if waiting:
        notes.append(f"product_tree/relationships: {len(waiting)} name products that are not there")
    return products


def _walk(node: dict, path: dict[str, str], products: dict, notes: list[str], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise RecordBroken("product_tree/branches", f"are nested deeper than {DEPTH_MAX}")
    path = {**path, word(node, "category"): word(node, "name")}
    if node.get("product") is not None:
        _add(products, branch(node, "product"), path, notes)
    for child in branches(node, "branches"):
        _walk(child, path, products, notes, depth + 1)


def _add(products: dict[str, _Product], product: dict, path: dict[str, str], notes: list[str]) -> None:
    if len(products) >= PRODUCTS_MAX:
        raise RecordBroken("product_tree", f"has more than {PRODUCTS_MAX} products")
    made = _Product(word(product, "name"))
    identified = branch(product, "product_identification_helper")
    purls = [word(identified, "purl"), *words(identified, "purls")]
    for purl in filter(None, purls):
        made.names.append(("purl", purl_key(purl), ""))
        made.purls[purl_key(purl)] = (*made.purls.get(purl_key(purl), ()), purl)
    cpe = word(identified, "cpe")
    if cpe:
        made.names.append(("cpe", cpe_key(cpe), cpe))
    for hashes in branches(identified, "hashes"):
        for one in branches(hashes, "file_hashes"):
            made.names.append(("hash", _hash_key(word(one, "algorithm"), word(one, "value")), ""))
    vendor, product_name = path.get("vendor", ""), path.get("product_name", "")
    for model in words(identified, "model_numbers"):
        made.names.append((*model_key(vendor, model), ""))
    made.serials = tuple(dict.fromkeys(words(identified, "serial_numbers")))[:SERIALS_MAX]
    made.names.append(("name", name_key(vendor, product_name or (made.name if not path else "")), ""))
    made.names = [one for one in dict.fromkeys(made.names) if one[1]]
    range_ = path.get("product_version_range")
    version = path.get("product_version") or next(filter(None, map(purl_version, filter(None, purls))), "")
    if range_:
        made.ranges = ranges_in(range_, notes)
    elif version:
        made.ranges = (VersionRange(exact=version),)
    products[word(product, "product_id", 300)] = made


def _hash_key(algorithm: str, value: str) -> str:
    algorithm = algorithm.upper().replace("_", "-")
    if algorithm.startswith("SHA") and not algorithm.startswith(("SHA-", "SHA3")):
        algorithm = "SHA-" + algorithm[3:]
    return f"{algorithm}:{value.lower()}" if algorithm and value else ""


def _of_relationship(one: dict) -> tuple[str, list[str], dict]:
    """(component, what it is on, the product that this makes) of CSAF 2.0."""
    platform = [word(one, "relates_to_product_reference", 300)]
    return word(one, "product_reference", 300), platform, branch(one, "full_product_name")


def _of_path(one: dict) -> tuple[str, list[str], dict]:
    """The same of CSAF 2.1, where a path has several steps."""
    steps = [word(step, "next_product_reference", 300) for step in branches(one, "subpaths")]
    return word(one, "beginning_product_reference", 300), steps, branch(one, "full_product_name")


def _related(made: tuple[str, list[str], dict], products: dict[str, _Product]) -> bool:
    """Put the product of a relationship in, once all that it names are known."""
    begin, steps, full = made
    part, wholes = products.get(begin), [products.get(step) for step in steps]
    if part is None or None in wholes:
        return False
    platform = " on ".join(filter(None, (part.platform, *(whole.name for whole in wholes))))
    said = words(branch(full, "product_identification_helper"), "serial_numbers")
    serials = dict.fromkeys([*part.serials, *said, *(one for whole in wholes for one in whole.serials)])
    products[word(full, "product_id", 300)] = replace(
        part, name=word(full, "name"), platform=platform[:200], serials=tuple(serials)[:SERIALS_MAX]
    )
    return True


def _advisory(
    one: dict, fallback: str, record: str, title: str, products: dict, groups: dict, notes: list[str], common: dict
) -> Advisory:
    mine = list(notes)
    ids = [word(known, "text", 300) for known in branches(one, "ids")]
    vulnerability = cve_name(word(one, "cve")) or next(filter(None, ids), "") or fallback
    statuses = branch(one, "product_status")
    criteria: dict[Criterion, None] = {}
    for key, status in STATUSES.items():
        for product_id in words(statuses, key):
            product = products.get(product_id)
            if product is None:
                mine.append(f"product_status/{key}: {product_id[:60]} is not in the product tree")
                continue
            said = [(product.ranges, status), *_stretches(key, product, statuses, products)]
            for (kind, name, cpe), (ranges, state) in itertools.product(product.names, said):
                for release in dict.fromkeys(map(purl_ecosystem, product.purls.get(name, ("",)))):
                    more = {"ecosystem": release or product.platform, "serials": product.serials}
                    criteria[Criterion(kind, name, ranges, cpe, status=state, **more)] = None
            if len(criteria) > CRITERIA_MAX:
                raise RecordBroken("vulnerabilities", f"name more than {CRITERIA_MAX} criteria")
    return Advisory(
        record,
        vulnerability,
        aliases=tuple(dict.fromkeys(known for known in (*ids, record) if known and known != vulnerability)),
        title=text(one, "title", 500) or title,
        text=next((text(note, "text") for note in branches(one, "notes")), ""),
        cwes=tuple(_cwes(one)),
        scores=tuple(_scores(one)),
        criteria=tuple(criteria),
        statements=tuple(_statements(one, statuses, products, groups)),
        notes=tuple(mine[:100]),
        **common,
    )


def _stretches(key: str, product: _Product, statuses: dict, products: dict[str, _Product]) -> Iterator[tuple]:
    """What a first or last affected version says of the others, as (ranges, status): with the end that the document gives the same product a
    stretch that is affected; without one, of what lies on that side nobody knows. Source: CSAF 2.0, 3.2.3.9.1 to 3.2.3.9.5."""
    version = _exact(product)
    if key not in ("first_affected", "last_affected") or not version:
        return
    beside = {
        other: [end for id_ in words(statuses, other) if (one := products.get(id_)) and _same(one, product) and (end := _exact(one))]
        for other in ("first_affected", "last_affected", "first_fixed")
    }  # fmt: skip
    if key == "last_affected":
        if not beside["first_affected"]:
            yield (VersionRange(high=version, high_included=True),), UNKNOWN
        return
    ends = [VersionRange(low=version, high=end) for end in beside["first_fixed"]]
    ends = ends or [VersionRange(low=version, high=end, high_included=True) for end in beside["last_affected"]]
    yield ((tuple(ends), AFFECTED) if ends else ((VersionRange(low=version),), UNKNOWN))


def _exact(product: _Product) -> str:
    return product.ranges[0].exact if len(product.ranges) == 1 else ""


def _same(one: _Product, other: _Product) -> bool:
    """Whether two products are versions of one thing."""

    def plain(product: _Product) -> set:
        return {(kind, key) for kind, key, _ in product.names if kind in ("purl", "name")}

    return one.platform == other.platform and bool(plain(one) & plain(other))


def _cwes(one: dict) -> Iterator[str]:
    for found in [branch(one, "cwe"), *branches(one, "cwes")]:
        name = cwe(word(found, "id"))
        if name:
            yield name


def _scores(one: dict) -> Iterator[Score]:
    contents = list(branches(one, "scores")) + [branch(metric, "content") for metric in branches(one, "metrics")]
    for content in contents:
        for key in ("cvss_v4", "cvss_v3", "cvss_v2"):
            if content.get(key) is not None and (score := cvss(branch(content, key), "")) is not None:
                yield score


def _statements(one: dict, statuses: dict, products: dict[str, _Product], groups: dict) -> Iterator[Statement]:
    """A statement for each group of products of a status with the same words."""
    justified = _words_by_product(one, "flags", "label", groups)
    impacts = _words_by_product(one, "threats", "details", groups)
    actions = _words_by_product(one, "remediations", "details", groups)
    dates = {product: instant(date) for product, date in _words_by_product(one, "flags", "date", groups).items()}
    for key, status in STATUSES.items():
        said: dict[tuple, list[tuple[str, str]]] = {}
        for product_id in words(statuses, key):
            words_ = tuple(found.get(product_id, found.get("", "")) for found in (justified, impacts, actions))
            product = products.get(product_id)
            if product is not None:
                named = [
                    (kind, value) for kind, key_, cpe in product.names for value in _named(product, kind, key_, cpe)
                ]
                said.setdefault((*words_, dates.get(product_id)), []).extend(named or [("name", product.name)])
        for (justification, impact, action, at), named in said.items():
            yield Statement(status, justification, impact, action, tuple(dict.fromkeys(named)), at)


def _named(product: _Product, kind: str, key: str, cpe: str) -> list[str]:
    """A name with the version that is spoken of: fixed in 2.0 says nothing of 1.0; a purl with the release of its distribution too."""
    version = _exact(product)
    if kind == "purl":
        return list(dict.fromkeys(purl_at(purl, version) for purl in product.purls[key]))
    return [cpe or (f"{key} {version}" if kind == "name" and version else key)]


def _words_by_product(one: dict, key: str, field_: str, groups: dict) -> dict[str, str]:
    """What is said of each product; under "" what names no product, and so speaks of all."""
    found: dict[str, str] = {}
    for said in branches(one, key):
        value = text(said, field_, 2_000)
        ids = words(said, "product_ids")
        for group in words(said, "group_ids"):
            ids += groups.get(group, [])
        for product in ids or ([] if listed(said, "group_ids") else [""]):
            found[product] = f"{found[product]}\n{value}"[:2_000] if found.get(product) else value
    return found
