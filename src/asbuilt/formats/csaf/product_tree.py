"""Tests of the product tree: 6.1.1 to 6.1.5, 6.1.13, 6.1.25 and 6.1.31."""

import re
from collections.abc import Iterator

from asbuilt.formats.csaf.document import BY_PRODUCTS, CsafDocument, Path
from asbuilt.formats.csaf.findings import Findings, quoted
from asbuilt.formats.sbom.identifiers import purl_fault

RANGE_WORDS = ("after", "all", "before", "earlier", "later", "prior", "versions")
"""Words of ranges, as 6.1.31 lists them. They count as words of their own: `after-eight` is a version, by the standard's own examples."""
_RANGE_SIGNS = re.compile(r"[<>]|^vers:.*[*|]")


def products_are_defined(document: CsafDocument, found: Findings) -> None:
    """6.1.1 Missing Definition of Product ID."""
    known = {one["product_id"] for _, one in document.products}
    for place, name in _references(document):
        if name not in known:
            found.add("6.1.1", place, f"No product of the product tree has the product_id {quoted(name)}.")


def _references(document: CsafDocument) -> Iterator[tuple[Path, str]]:
    for number, group in enumerate(document.tree.get("product_groups", ())):
        for at, name in enumerate(group["product_ids"]):
            yield ("product_tree", "product_groups", number, "product_ids", at), name
    for number, one in enumerate(document.tree.get("relationships", ())):
        for side in ("product_reference", "relates_to_product_reference"):
            yield ("product_tree", "relationships", number, side), one[side]
    for number, vulnerability in enumerate(document.vulnerabilities):
        for status, names in vulnerability.get("product_status", {}).items():
            for at, name in enumerate(names):
                yield ("vulnerabilities", number, "product_status", status, at), name
    # flags are not in the standard's list of paths, yet they are products_t, of which its sentence speaks
    for place, one in document.parts(*BY_PRODUCTS):
        for at, name in enumerate(one.get("product_ids", ())):
            yield (*place, "product_ids", at), name
    for place, one in document.parts("scores"):
        for at, name in enumerate(one["products"]):
            yield (*place, "products", at), name


def products_are_defined_once(document: CsafDocument, found: Findings) -> None:
    """6.1.2 Multiple Definition of Product ID."""
    seen = set()
    for place, one in document.products:
        if one["product_id"] in seen:
            said = f"The product_id {quoted(one['product_id'])} is defined a second time."
            found.add("6.1.2", (*place, "product_id"), said)
        seen.add(one["product_id"])


def products_are_no_circle(document: CsafDocument, found: Findings) -> None:
    """6.1.3 Circular Definition of Product ID."""
    made_of: dict[str, list[str]] = {}
    places: dict[str, Path] = {}
    for number, one in enumerate(document.tree.get("relationships", ())):
        name = one["full_product_name"]["product_id"]
        made_of.setdefault(name, []).extend((one["product_reference"], one["relates_to_product_reference"]))
        places.setdefault(name, ("product_tree", "relationships", number, "full_product_name", "product_id"))
    for name in _on_a_circle(made_of):
        found.add("6.1.3", places[name], f"The product {quoted(name)} is defined by way of itself.")


def _on_a_circle(made_of: dict[str, list[str]]) -> list[str]:
    """Names at which a walk along the definitions comes back to a name that it is still walking from."""
    done, walking, found = set(), set(), []
    for start in made_of:
        steps = [(start, iter(made_of[start]))] if start not in done else []
        walking.update(name for name, _ in steps)
        while steps:
            name, rest = steps[-1]
            following = next((one for one in rest if one in made_of and one not in done), None)
            if following is None:
                steps.pop()
                walking.discard(name)
                done.add(name)
            elif following in walking:
                found.append(following)
            else:
                walking.add(following)
                steps.append((following, iter(made_of[following])))
    return list(dict.fromkeys(found))


def groups_are_defined(document: CsafDocument, found: Findings) -> None:
    """6.1.4 Missing Definition of Product Group ID."""
    for place, one in document.parts(*BY_PRODUCTS):
        for at, name in enumerate(one.get("group_ids", ())):
            if name not in document.groups:
                said = f"No product group has the group_id {quoted(name)}."
                found.add("6.1.4", (*place, "group_ids", at), said)


def groups_are_defined_once(document: CsafDocument, found: Findings) -> None:
    """6.1.5 Multiple Definition of Product Group ID."""
    seen = set()
    for number, one in enumerate(document.tree.get("product_groups", ())):
        if one["group_id"] in seen:
            place = ("product_tree", "product_groups", number, "group_id")
            found.add("6.1.5", place, f"The group_id {quoted(one['group_id'])} is defined a second time.")
        seen.add(one["group_id"])


def purls_are_valid(document: CsafDocument, found: Findings) -> None:
    """6.1.13 PURL."""
    for place, one in document.products:
        purl = one.get("product_identification_helper", {}).get("purl")
        if purl is not None and (fault := purl_fault(purl)):
            where = (*place, "product_identification_helper", "purl")
            found.add("6.1.13", where, f"The purl {quoted(purl)} {fault}.")


def hashes_are_one_an_algorithm(document: CsafDocument, found: Findings) -> None:
    """6.1.25 Multiple Use of Same Hash Algorithm."""
    for place, one in document.products:
        for number, hashed in enumerate(one.get("product_identification_helper", {}).get("hashes", ())):
            seen = set()
            for at, value in enumerate(hashed["file_hashes"]):
                if value["algorithm"] in seen:
                    where = (*place, "product_identification_helper", "hashes", number, "file_hashes", at)
                    found.add("6.1.25", where, f"The algorithm {quoted(value['algorithm'])} is used twice for a file.")
                seen.add(value["algorithm"])


def versions_are_no_ranges(document: CsafDocument, found: Findings) -> None:
    """6.1.31 Version Range in Product Version."""
    for place, branch in document.branches:
        if branch["category"] != "product_version":
            continue
        name = branch["name"].lower()
        sign = _RANGE_SIGNS.search(name)
        word = sign[0] if sign else next((word for word in name.split() if word in RANGE_WORDS), None)
        if word is not None:
            said = f"The version {quoted(branch['name'])} contains {quoted(word)}; a range is a product_version_range."
            found.add("6.1.31", (*place, "name"), said)
