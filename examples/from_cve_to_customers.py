"""Story c of `script/run`: a CVE comes out. Which units have it, and who has them?

    from_cve_to_customers.py      with ASBUILT_HOME and ASBUILT_KEYS of a home that holds the example factory

Adds the SBOMs of the example's releases, takes the few records of `vulnerabilities/feeds` as feeds of their own names, and asks. Every step is a
command, run in this process. Run again it adds nothing and asks again.
"""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

FOLDER = Path(__file__).parent / "vulnerabilities"
CVE = "CVE-2024-28960"  # in mbed TLS: in the gateway's 2.3.0, which nobody runs any more, and in the radio's 1.7.9
# product, image role, version: the files are called so
RELEASES = (
    ("EG-200", "app", "2.3.0"),
    ("EG-200", "app", "2.3.1"),
    ("EG-200", "app", "2.4.0"),
    ("MB-200", "boot", "1.0"),
    ("RB-50", "radio", "1.7.9"),
    ("RB-50", "radio", "1.8.0"),
)
KINDS = ("nvd", "cve5", "osv")


def asbuilt(*words: str) -> str:
    """A command of the product; what it prints. Where it fails, its own words and exit code."""
    from asbuilt.doors.cli.main import main

    said, beside = StringIO(), StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(beside):
            main(list(words))
    except SystemExit as leaving:
        if leaving.code:
            print(beside.getvalue(), end="", file=sys.stderr)
            raise
    return said.getvalue()


def add_sboms() -> None:
    """Those that are not in force yet."""
    there = {one["of"] for one in json.loads(asbuilt("sbom", "show", "--format", "json"))["sboms"]}
    for product, role, version in RELEASES:
        if f"{product} {role} {version}" not in there:
            (file,) = (FOLDER / "sboms").glob(f"{product.replace('-', '').lower()}-{role}-{version}.*")
            asbuilt("sbom", "add", str(file), "--product", product, "--role", role, "--version", version)


def take_feeds() -> None:
    """Those that are not there yet."""
    there = {one["feed"] for one in json.loads(asbuilt("vuln", "feed", "list", "--format", "json"))}
    for kind in KINDS:
        if f"example-{kind}" not in there:
            asbuilt("vuln", "feed", "add", f"example-{kind}", "--kind", kind, "--source", str(FOLDER / "feeds" / kind))
            asbuilt("vuln", "feed", "take", f"example-{kind}")


if __name__ == "__main__":
    add_sboms()
    take_feeds()
    print(asbuilt("exposure", CVE), end="")
