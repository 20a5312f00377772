"""CVE records, format 5: the CNA's container and those of ADPs (CISA's vulnrichment), put together.

A record in state REJECTED is withdrawn. Older files without `cveMetadata.state` count as published. Source: CVE record
format 5.2.
"""

from asbuilt.formats.advisory import affected
from asbuilt.formats.advisory.applicability import read_trees
from asbuilt.formats.advisory.cells import branch, branches, instant, listed, text, urls, when, word
from asbuilt.formats.advisory.names import cve_name
from asbuilt.formats.advisory.records import Advisory, Criterion, RecordBroken, Score
from asbuilt.formats.advisory.scores import cvss, cwe, ssvc


def read(record: dict) -> list[Advisory]:
    """What the record says; RecordBroken where it cannot be read."""
    metadata, containers = branch(record, "cveMetadata"), branch(record, "containers")
    name = cve_name(word(metadata, "cveId"))
    if not name:
        raise RecordBroken("cveMetadata/cveId", "is no CVE id")
    cna = branch(containers, "cna")
    parts = [cna, *branches(containers, "adp")]
    notes: list[str] = []
    criteria: list[Criterion] = []
    files: list[tuple[str, str]] = []
    named: list[tuple[str, str, str]] = []
    trees, references, cwes, scores, since = (), {}, {}, [], None
    for part in parts:
        source = word(branch(part, "providerMetadata"), "shortName")
        trees += read_trees(listed(part, "cpeApplicability"), criteria, notes)
        criteria += affected.criteria_of(branches(part, "affected"), notes)
        files += affected.files_of(branches(part, "affected"))
        named += affected.named_of(branches(part, "affected"))
        references |= dict.fromkeys(urls(part, "references"))
        cwes |= dict.fromkeys(_cwes(part))
        found, kev = _scores(part, source)
        scores += found
        since = since if since is not None else kev
    updated = when(metadata, "dateUpdated", notes)
    rejected = word(metadata, "state").upper() == "REJECTED"
    return [
        Advisory(
            name,
            name,
            published_at=when(metadata, "datePublished", notes),
            modified_at=updated,
            withdrawn_at=(when(metadata, "dateRejected", notes) or updated or 0) if rejected else None,
            title=text(cna, "title", 500),
            text=_english(cna, "descriptions") or _english(cna, "rejectedReasons"),
            references=tuple(references),
            cwes=tuple(cwes),
            scores=tuple(scores),
            criteria=tuple(criteria),
            trees=trees,
            exploited=True if since is not None else None,
            exploited_since=since,
            notes=tuple(notes),
            source=word(metadata, "assignerShortName"),
            files=tuple(dict.fromkeys(files)),
            named=tuple(dict.fromkeys(named)),
        )
    ]


def _english(container: dict, key: str) -> str:
    first = ""
    for described in branches(container, key):
        found = text(described, "value")
        if word(described, "lang").lower().startswith("en"):
            return found
        first = first or found
    return first


def _cwes(container: dict) -> list[str]:
    return [
        name
        for problem in branches(container, "problemTypes")
        for described in branches(problem, "descriptions")
        if (name := cwe(word(described, "cweId")))
    ]


def _scores(container: dict, source: str) -> tuple[list[Score], int | None]:
    """The scores, and since when CISA knows it exploited."""
    found, since = [], None
    for metric in branches(container, "metrics"):
        for key in metric:
            if key.startswith("cvss"):
                found.append(cvss(branch(metric, key), source))
        other = branch(metric, "other")
        content = branch(other, "content") if other else {}
        if word(other, "type") == "ssvc":
            found.append(ssvc(content, source))
        elif word(other, "type") == "kev":
            since = instant(word(content, "dateAdded"))
    return [score for score in found if score is not None], since
