"""CSAF 2.1, which is a draft: written and checked only where the house asks for it.

    check_2_1(whole)          the schema and every mandatory test of the committee draft that the package `csaf` carries
    as_2_1(content)           a CSAF 2.0 document of ours as 2.1; it passes that check

A draft changes from stage to stage (here: `STAGE`), so that its rules are those of the package, which follows it, and not ours; they ask no network.
What the package's conversion changes of our serial and model numbers is put back: it adds a star to each, and `14990*` would name other units too.
"""

import json

import orjson

from asbuilt.formats.csaf.findings import SCHEMA, Findings
from asbuilt.kernel.errors import Invalid

VERSION, STAGE = "2.1", "csd04"
SCHEMA_URL = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
_PATTERNS = ("serial_numbers", "model_numbers")


def is_2_1(whole: object) -> bool:
    """Whether a document says that it is CSAF 2.1."""
    head = whole.get("document") if isinstance(whole, dict) else None
    return isinstance(head, dict) and head.get("csaf_version") == VERSION


def check_2_1(whole: dict) -> tuple[Findings, int]:
    """(what fails, how many tests ran). Where the schema fails the tests are not run."""
    # the package takes a second to load, and is needed only here
    from csaf.csaf.v21csd04._validator import validate

    found = Findings()
    ran = 0
    for one in validate(whole, preset="mandatory").results:
        ran += one.id != SCHEMA and not one.skipped
        if not one.passed and not one.skipped:
            for error in one.errors:
                found.add(one.id, error.instance_path if error.instance_path.startswith("/") else "", error.message)
    return found, ran


def as_2_1(content: bytes) -> bytes:
    """The document as UTF-8 JSON, keys sorted. Not checked: `check` does that."""
    from csaf.csaf.v21csd04 import convert

    whole = orjson.loads(content)
    made, _report = convert(whole)
    _put_back(whole.get("product_tree", {}), made.get("product_tree", {}))
    return (json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _put_back(ours: dict, theirs: dict) -> None:
    """The patterns of serial and model numbers as we wrote them, branch by branch."""
    waiting = [(ours, theirs)]
    while waiting:
        mine, made = waiting.pop()
        kept = mine.get("product", {}).get("product_identification_helper", {})
        for name in _PATTERNS:
            if name in kept:
                made["product"]["product_identification_helper"][name] = kept[name]
        branches = zip(mine.get("branches", ()), made.get("branches", ()), strict=True)
        waiting += list(branches)


def refuse_other(version: str) -> str:
    """The version that documents are written in; Invalid where there is none of it."""
    if version not in ("2.0", VERSION):
        said = f"CSAF {version[:20]} is not written here."
        raise Invalid("csaf.version_unknown", said, {"version": version[:20]}, "Say 2.0, or 2.1, which is a draft.")
    return version
