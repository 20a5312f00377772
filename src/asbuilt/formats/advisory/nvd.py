"""NVD API 2.0 records, as the API, its mirrors (fkie-cad, dumps) and overrides (anchore) write them.

Read: `configurations` as trees; the newer `affected` (vendor, product, versions as in CVE 5) and `metrics.ssvcV203`; CVSS
2.0 to 4.0; KEV's dates. A record with vulnStatus Rejected is withdrawn. Source: https://nvd.nist.gov/developers/vulnerabilities
"""

from asbuilt.formats.advisory import affected
from asbuilt.formats.advisory.applicability import read_trees
from asbuilt.formats.advisory.cells import branch, branches, instant, listed, text, urls, when, word
from asbuilt.formats.advisory.names import cve_name
from asbuilt.formats.advisory.records import Advisory, Criterion, RecordBroken, Score
from asbuilt.formats.advisory.scores import cvss, cwe, ssvc


def unwrapped(record: dict) -> dict:
    """The CVE structure of a record, with or without its envelope; an override's own id is put in."""
    cve = record.get("cve")
    if not isinstance(cve, dict):
        return record
    annotation = record.get("_annotation")
    if "id" not in cve and isinstance(annotation, dict) and isinstance(annotation.get("cve_id"), str):
        return {**cve, "id": annotation["cve_id"]}
    return cve


def read(record: dict) -> list[Advisory]:
    """What the record says; RecordBroken where it cannot be read."""
    cve = unwrapped(record)
    name = cve_name(word(cve, "id"))
    if not name:
        raise RecordBroken("id", "is no CVE id")
    notes: list[str] = []
    criteria: list[Criterion] = []
    files: list[tuple[str, str]] = []
    named: list[tuple[str, str, str]] = []
    trees = read_trees(listed(cve, "configurations"), criteria, notes)
    for source in branches(cve, "affected"):
        criteria += affected.criteria_of(branches(source, "affectedData"), notes)
        files += affected.files_of(branches(source, "affectedData"))
        named += affected.named_of(branches(source, "affectedData"))
    modified = when(cve, "lastModified", notes)
    status = word(cve, "vulnStatus")
    since = instant(word(cve, "cisaExploitAdd"))
    return [
        Advisory(
            name,
            name,
            published_at=when(cve, "published", notes),
            modified_at=modified,
            withdrawn_at=modified or 0 if status.lower() == "rejected" else None,
            title=text(cve, "cisaVulnerabilityName", 500),
            text=_english(cve),
            references=urls(cve, "references"),
            cwes=_cwes(cve),
            scores=_scores(branch(cve, "metrics")),
            criteria=tuple(criteria),
            trees=trees,
            exploited=True if since is not None else None,
            exploited_since=since,
            notes=tuple(notes),
            source=word(cve, "sourceIdentifier"),
            files=tuple(dict.fromkeys(files)),
            named=tuple(dict.fromkeys(named)),
        )
    ]


def _english(cve: dict) -> str:
    first = ""
    for described in branches(cve, "descriptions"):
        found = text(described, "value")
        if word(described, "lang").lower().startswith("en"):
            return found
        first = first or found
    return first


def _cwes(cve: dict) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for weakness in branches(cve, "weaknesses"):
        for described in branches(weakness, "description"):
            name = cwe(word(described, "value"))
            if name:
                found[name] = None
    return tuple(found)


def _scores(metrics: dict) -> tuple[Score, ...]:
    found = []
    for key in metrics:
        for metric in branches(metrics, key):
            source = word(metric, "source")
            if key.startswith("ssvc"):
                found.append(ssvc(branch(metric, "ssvcData") or metric, source))
            else:
                found.append(cvss(branch(metric, "cvssData"), source))
    return tuple(score for score in found if score is not None)
