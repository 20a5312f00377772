"""The official schemas and the lists that the tests of CSAF 2.0 ask, out of the locked package `csaf` that carries them.

    CSAF 2.0 JSON schema, CVSS 2.0, 3.0, 3.1     csaf/csaf/v20/schema
    CWE, every name that a weakness ever had     csaf/csaf/v21/cwe
    language subtags (IANA registry, BCP 47)     csaf/bcp47

Only the files are read: the package is not imported, so none of its code runs. Nothing is copied into this project, nothing comes by
network. Each is read once a process.
"""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import jsonschema_rs
import orjson

CVSS = ("2.0", "3.0", "3.1")


@cache
def folder() -> Path:
    """Where the package lies, without importing it; by what was installed, not by what else is called csaf on the path."""
    return Path(distribution("csaf").locate_file("csaf"))


def _read(*path: str) -> dict:
    return orjson.loads(folder().joinpath(*path).read_bytes())


@cache
def schema() -> jsonschema_rs.Validator:
    """The validator of CSAF 2.0. CVSS objects pass here: they are test 6.1.8, so that the number of the test is told."""
    anything = [(f"https://www.first.org/cvss/cvss-v{version}.json", {}) for version in CVSS]
    document = _read("csaf", "v20", "schema", "csaf.json")
    scores = document["properties"]["vulnerabilities"]["items"]["properties"]["scores"]["items"]["properties"]
    scores["cvss_v3"] = {"type": "object"}
    return jsonschema_rs.validator_for(
        document, registry=jsonschema_rs.Registry(anything), validate_formats=True, offline=True
    )


@cache
def cvss(version: str) -> jsonschema_rs.Validator:
    """The validator of a CVSS object of 2.0, 3.0 or 3.1."""
    found = _read("csaf", "v20", "schema", "referenced", f"cvss-v{version}.json")
    return jsonschema_rs.validator_for(found, validate_formats=True, offline=True)


@cache
def weaknesses() -> dict[str, tuple[str, ...]]:
    """CWE-79 to the names that it had, the one that it has last: CSAF 2.0 does not say of which version of CWE a name is."""
    listed = _read("csaf", "v21", "cwe", "catalog.json")["weaknesses"]
    return {f"CWE-{number}": tuple(name for _, name in one["history"]) for number, one in listed.items()}


@cache
def language_registry() -> dict[str, dict]:
    """IANA's registry of language subtags: language, extlang, script, region, variant, grandfathered, in small letters."""
    return _read("bcp47", "registry.json")
