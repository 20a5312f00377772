"""An advisory written as CSAF 2.0, and judged by its own check before it is given out.

    written = write(advisory)      bytes; Invalid where it would be no valid document
    write(advisory, "2.1")         the same as CSAF 2.1, which is a draft

Standard: OASIS CSAF 2.0: 3.2 properties, 4 profiles, 5.1 file name, 5.3 keys sorted. CSAF 2.0 has no field for CVSS 4.0: such a vector
stands as a note. The same description always gives the same bytes.
"""

import json
import re
from importlib.metadata import PackageNotFoundError, version

from asbuilt.formats.csaf import draft_2_1
from asbuilt.formats.csaf.advisory import KINDS, Advisory, Product, Vulnerability
from asbuilt.formats.csaf.checking import check
from asbuilt.formats.csaf.findings import quoted
from asbuilt.formats.csaf.official import weaknesses
from asbuilt.formats.csaf.serial_ranges import patterns, range_uri
from asbuilt.formats.cvss_vectors import csaf_score, rate
from asbuilt.kernel.errors import Invalid, RowError

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}").fullmatch
_NAMED = re.compile(r"[^+\-a-z0-9]+")


def file_name(identity: str) -> str:
    """How the file of a tracking id is called (5.1): small letters, every run of other characters as one _."""
    return _NAMED.sub("_", identity.lower()) + ".json"


def write(advisory: Advisory, version: str = "2.0") -> bytes:
    """The document as UTF-8 JSON, of this version of CSAF. Invalid with the tests that it would fail, or what the description gets wrong."""
    draft_2_1.refuse_other(version)
    if advisory.kind not in KINDS:
        said = f"{quoted(advisory.kind)} is no kind of document."
        raise Invalid("csaf.kind_unknown", said, {"field": "kind"}, f"One of {', '.join(KINDS)}.")
    if not advisory.revisions:
        raise Invalid(
            "csaf.no_revision", "The document has no revision.", {"field": "revisions"}, "Give the first one, number 1."
        )
    said = {"document": _head(advisory)}
    if advisory.products:
        said["product_tree"] = _tree(advisory)
    if advisory.vulnerabilities:
        said["vulnerabilities"] = [_vulnerability(one) for one in advisory.vulnerabilities]
    content = (json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    _refuse_invalid(advisory, content)
    if version == draft_2_1.VERSION:
        content = draft_2_1.as_2_1(content)
        _refuse_invalid(advisory, content)
    return content


def _refuse_invalid(advisory: Advisory, content: bytes) -> None:
    report = check(content, draft=True)
    if not report.valid:
        rows = [
            RowError("csaf.draft_not_valid", file_name(advisory.identity), None, f"{one.test} {one.place or '/'}", "", one.sentence)
            for one in report.findings
        ]  # fmt: skip
        raise Invalid(
            "csaf.draft_not_valid",
            f"The document would fail {', '.join(report.failed)}.",
            {"failed": list(report.failed)},
            "Complete the description where the places say.",
            rows=rows,
            total=report.total,
        )


def _filled(**said) -> dict:
    """Only what has a value."""
    return {name: value for name, value in said.items() if value not in ("", (), [], {}, None)}


def _head(advisory: Advisory) -> dict:
    revisions = sorted(advisory.revisions, key=lambda one: one.number)
    return _filled(
        category=KINDS[advisory.kind],
        csaf_version="2.0",
        distribution={"tlp": {"label": advisory.tlp}},
        lang=advisory.language,
        title=advisory.title,
        notes=_notes(advisory.notes),
        references=_references(advisory.references),
        publisher=_filled(
            category="vendor", name=advisory.publisher, namespace=advisory.namespace, contact_details=advisory.contact
        ),
        tracking={
            "id": advisory.identity,
            "status": advisory.status,
            "version": str(revisions[-1].number),
            "initial_release_date": revisions[0].date,
            "current_release_date": revisions[-1].date,
            "revision_history": [
                {"date": one.date, "number": str(one.number), "summary": one.summary} for one in revisions
            ],
            "generator": {"engine": _filled(name="Asbuilt", version=_own_version())},
        },
    )


def _own_version() -> str:
    try:
        return version("asbuilt")
    except PackageNotFoundError:  # run from its source
        return ""


def _notes(notes) -> list[dict]:
    return [_filled(category=one.category, text=one.text, title=one.title) for one in notes]


def _references(references) -> list[dict]:
    return [{"category": one.category, "summary": one.summary, "url": one.url} for one in references]


def _tree(advisory: Advisory) -> dict:
    makers: dict[str, dict[tuple[str, bool], list[Product]]] = {}
    for one in advisory.products:
        makers.setdefault(one.maker, {}).setdefault((one.name, one.hardware), []).append(one)
    branches = [
        {
            "category": "vendor",
            "name": maker,
            "branches": [
                {"category": "product_name", "name": name, "branches": [_branch(advisory, one) for one in versions]}
                for (name, _), versions in named.items()
            ],
        }
        for maker, named in makers.items()
    ]
    names = {one.key: _full_name(one) for one in advisory.products}
    related = [
        {
            "category": "installed_on",
            "product_reference": one.firmware,
            "relates_to_product_reference": one.hardware,
            "full_product_name": {
                "product_id": one.key,
                "name": f"{names.get(one.firmware, one.firmware)} installed on {names.get(one.hardware, one.hardware)}",
            },
        }
        for one in advisory.installed
    ]
    return _filled(branches=branches, relationships=related)


def _branch(advisory: Advisory, one: Product) -> dict:
    category = "product_version_range" if one.version.startswith("vers:") else "product_version"
    identified = _filled(
        purl=one.purl,
        cpe=one.cpe,
        model_numbers=list(one.model_numbers),
        serial_numbers=list(dict.fromkeys(text for stretch in one.serial_ranges for text in patterns(stretch))),
        x_generic_uris=[range_uri(advisory.namespace, one.name, stretch) for stretch in one.serial_ranges],
    )
    if one.sha256:
        hashed = {"file_hashes": [{"algorithm": "sha256", "value": one.sha256}], "filename": one.file_name or one.key}
        identified["hashes"] = [hashed]
    product = _filled(product_id=one.key, name=_full_name(one), product_identification_helper=identified)
    return {"category": category, "name": one.version, "product": product}


def _full_name(one: Product) -> str:
    """As a reader knows it: units of a range are told apart by their numbers."""
    stretches = ", ".join(f"{stretch.first} to {stretch.last}" for stretch in one.serial_ranges)
    words = [one.maker, one.name, f"hardware revision {one.version}" if one.hardware else one.version]
    return " ".join(word for word in words if word) + (f", serial numbers {stretches}" if stretches else "")


def _vulnerability(one: Vulnerability) -> dict:
    notes, scores = _notes(one.notes), []
    for score in one.scores:
        rated = csaf_score(rate(score.vector))
        if rated is None:
            notes.append({"category": "other", "title": "CVSS", "text": score.vector})
        else:
            scores.append({"products": list(score.products), **rated})
    status: dict[str, list[str]] = {}
    for said in one.statuses:
        status.setdefault(said.status, []).extend(said.products)
    return _filled(
        cve=one.name if _CVE(one.name) else "",
        ids=[] if _CVE(one.name) else [{"system_name": one.system, "text": one.name}],
        title=one.title,
        cwe={"id": one.cwe, "name": _weakness(one.cwe)} if one.cwe else {},
        discovery_date=one.discovered_at,
        release_date=one.released_at,
        notes=notes,
        references=_references(one.references),
        product_status={name: list(dict.fromkeys(keys)) for name, keys in status.items() if keys},
        flags=[_filled(label=flag.label, date=flag.date, product_ids=list(flag.products)) for flag in one.justifications],
        remediations=[
            _filled(category=each.category, details=each.text, product_ids=list(each.products), url=each.url, date=each.date)
            for each in one.remedies
        ],
        threats=[_filled(category=each.category, details=each.text, product_ids=list(each.products)) for each in one.threats],
        scores=scores,
    )  # fmt: skip


def _weakness(number: str) -> str:
    """The name that a weakness has now."""
    names = weaknesses().get(number)
    if names is None:
        raise Invalid(
            "csaf.weakness_unknown", f"CWE has no weakness {quoted(number)}.", {"field": "cwe"}, "Write it as CWE-787."
        )
    return names[-1]
