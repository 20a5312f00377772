"""What peers do, run by the `peers` bench with the Python of their own throw-away environment; prints one JSON line.

    python peer_programs.py lib4sbom|cyclonedx SBOM [check]   read the file into its objects, check it against the schema
    python peer_programs.py cve-bin-tool SBOM NVD_FILE     its SBOM mode over records its own NVD reader took, in its own database
    python peer_programs.py osv SBOM OSV_FILE              OSV's evaluation of ranges with the versions of univers

Nothing of the product is imported here and nothing of the peers there: cve-bin-tool is GPL-3.0-or-later.
OSV's evaluation: https://ossf.github.io/osv-schema/#evaluation. Times are seconds of work, imports left out.
"""

import json
import logging
import sys
import time
from pathlib import Path


def lib4sbom(file: str, check: str = "") -> dict:
    """Read with lib4sbom."""
    from lib4sbom.parser import SBOMParser

    began = time.perf_counter()
    parser = SBOMParser()
    parser.parse_file(file)
    return _read(file, check, began, len(parser.get_packages()))


def cyclonedx(file: str, check: str = "") -> dict:
    """Read with CycloneDX's own library."""
    from cyclonedx.model.bom import Bom

    began = time.perf_counter()
    with open(file, "rb") as stream:
        bom = Bom.from_json(json.load(stream))
    return _read(file, check, began, len(bom.components))


def _read(file: str, check: str, began: float, components: int) -> dict:
    """Neither checks what it reads: with `check` the validator of CycloneDX's own library does, as whoever wants both would call it."""
    if not check:
        return {"seconds": time.perf_counter() - began, "components": components}
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(Path(file).read_text())
    if wrong is not None:
        raise SystemExit(f"the bench's file does not pass the schema: {wrong}")
    return {"seconds": time.perf_counter() - began, "components": components}


def cve_bin_tool(sbom: str, records: str) -> dict:
    """Findings [vendor, product, version, CVE]; seconds to load the records and to match the SBOM."""
    logging.disable(logging.CRITICAL)
    from cve_bin_tool.cve_scanner import CVEScanner
    from cve_bin_tool.cvedb import CVEDB
    from cve_bin_tool.data_sources.nvd_source import NVD_Source
    from cve_bin_tool.sbom_manager.parse import SBOMParse

    logging.disable(logging.CRITICAL)
    Path(CVEDB.CACHEDIR).mkdir(parents=True)
    began = time.perf_counter()
    entries = json.loads(Path(records).read_bytes())["vulnerabilities"]
    database = CVEDB(sources=[], version_check=False)
    database.init_database()
    source = NVD_Source(nvd_type="api2")
    source.logger = source.LOGGER  # 3.4 logs a record without a score to a logger that it never made
    database.data = [(source.format_data_api2(entries), "NVD")]
    database.populate_db()
    loaded = time.perf_counter()
    with CVEScanner() as scanner:
        for product, triage in SBOMParse(sbom, "cyclonedx", validate=False).parse_sbom().items():
            scanner.get_cves(product, triage)
        found = [
            [product.vendor, product.product, product.version, cve.cve_number]
            for product, said in scanner.all_cve_data.items()
            for cve in said["cves"]
            if cve.cve_number != "UNKNOWN"
        ]
    return {"load": loaded - began, "seconds": time.perf_counter() - loaded, "found": found}


def osv(sbom: str, records: str) -> dict:
    """Findings [purl, id]."""
    from packageurl import PackageURL

    began = time.perf_counter()
    by_package: dict[str, list] = {}
    for record in json.loads(Path(records).read_bytes()):
        for affected in record.get("affected", ()):
            purl = affected.get("package", {}).get("purl")
            if purl:
                by_package.setdefault(_head(PackageURL.from_string(purl)), []).append((record["id"], affected))
    loaded, found = time.perf_counter(), []
    for component in json.loads(Path(sbom).read_bytes())["components"]:
        if "purl" not in component:
            continue
        purl = PackageURL.from_string(component["purl"])
        said = by_package.get(_head(purl), ())
        found += [[component["purl"], name] for name, affected in said if _affected(purl, affected)]
    return {"load": loaded - began, "seconds": time.perf_counter() - loaded, "found": found}


def _head(purl) -> str:
    return f"{purl.type}/{purl.namespace or ''}/{purl.name}"


def _affected(purl, affected: dict) -> bool:
    from univers.version_range import RANGE_CLASS_BY_SCHEMES
    from univers.versions import GenericVersion

    if purl.version in affected.get("versions", ()):
        return True
    named = RANGE_CLASS_BY_SCHEMES.get(purl.type)
    kind = named.version_class if named else GenericVersion
    try:
        own = kind(purl.version)
        return any(
            _inside(own, one["events"], kind)
            for one in affected.get("ranges", ())
            if one["type"] in ("SEMVER", "ECOSYSTEM")
        )
    except ValueError:  # univers' InvalidVersion: a matcher without a third answer says no
        return False


def _inside(own, events: list[dict], kind) -> bool:
    """Events in their order; limits are not in use in these records."""

    def order(event: dict):
        said = next(iter(event.values()))
        return (0,) if said == "0" else (1, kind(said))

    inside = False
    for event in sorted(events, key=order):
        ((word, said),) = event.items()
        if word == "introduced" and (said == "0" or own >= kind(said)):
            inside = True
        elif (word == "fixed" and own >= kind(said)) or (word == "last_affected" and own > kind(said)):
            inside = False
    return inside


PROGRAMS = {"lib4sbom": lib4sbom, "cyclonedx": cyclonedx, "cve-bin-tool": cve_bin_tool, "osv": osv}

if __name__ == "__main__":
    print(json.dumps(PROGRAMS[sys.argv[1]](*sys.argv[2:])))
