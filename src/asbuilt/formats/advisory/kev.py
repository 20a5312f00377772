"""CISA's catalog of known exploited vulnerabilities: one record a CVE. Source: known_exploited_vulnerabilities_schema.json."""

from asbuilt.formats.advisory.cells import instant, text, word, words
from asbuilt.formats.advisory.names import cve_name, name_key
from asbuilt.formats.advisory.records import Advisory, Criterion, RecordBroken
from asbuilt.formats.advisory.scores import cwe


def read(record: dict) -> list[Advisory]:
    """What the record says; RecordBroken where it cannot be read. Vendor and product stand as a name without versions."""
    name = cve_name(word(record, "cveID"))
    if not name:
        raise RecordBroken("cveID", "is no CVE id")
    added = word(record, "dateAdded")
    since = instant(added)
    notes = [f"dateAdded: {added[:40]} is no date"] if added and since is None else []
    key = name_key(word(record, "vendorProject"), word(record, "product"))
    return [
        Advisory(
            name,
            name,
            modified_at=since,
            title=text(record, "vulnerabilityName", 500),
            text=text(record, "shortDescription"),
            cwes=tuple(filter(None, map(cwe, words(record, "cwes")))),
            # a name without versions: unsure by itself, so that KEV marks and never matches
            criteria=(Criterion("name", key, (), status="unknown"),) if key else (),
            exploited=True,
            exploited_since=since,
            notes=tuple(notes),
            source="CISA",
        )
    ]
