"""Documents against the official schemas of the shared data; no network. What tests of written documents share."""

import json
import os
from pathlib import Path

SHARED = Path(os.environ.get("ASBUILT_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
SCHEMAS = SHARED / "schemas"


def errors(schema: Path, document: bytes) -> list[str]:
    """What a schema says against a document; empty where it is valid."""
    import jsonschema_rs

    known = []
    for path in sorted((SCHEMAS / "cyclonedx").glob("*.schema.json")) + sorted(
        (SCHEMAS / "csaf-2.0").glob("cvss*.json")
    ):
        content = json.loads(path.read_text())
        own = content.get("$id") or content.get("id") or ""
        for name in {own, f"http://cyclonedx.org/schema/{path.name}", f"https://www.first.org/cvss/{path.name}"} - {""}:
            known.append((name, content))
    registry = jsonschema_rs.Registry(known)
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text()), registry=registry, validate_formats=True)
    return [f"{list(one.instance_path)}: {one.message[:200]}" for one in validator.iter_errors(json.loads(document))]
