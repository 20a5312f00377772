"""peers: the same SBOMs and records read and matched by Asbuilt and by what can be installed from the registry, in one run.

Reading: a CycloneDX JSON of 5,000 components by lib4sbom and by CycloneDX's own library, ours checked against its schema too; and one of 500
that both read and have checked by that library's validator, since neither checks what it reads.
Matching: cve-bin-tool in its SBOM mode over NVD records, and OSV's evaluation of ranges with univers, over the real records in
/work/shared/data with components on, just below and just above every bound that the records name; then over made-up records, for
time. Every difference in findings must stand with its reason in ground/peer_differences.csv: one without ends the bench, and so
does a reason that nothing differs for any more. cve-bin-tool 3.4 ends on a record without a score: its copy of such records gets one.
Peers go into a throw-away environment, locked with hashes (ground/peers.txt); none is a dependency.
"""

import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from ground import sboms_and_feeds as made  # noqa: E402
from ground.figures import Figures, arguments, engines, machine  # noqa: E402
from ground.homes import home  # noqa: E402
from sbom import components, cyclonedx_json, product  # noqa: E402

PINNED = ROOT / "benchmarks" / "ground" / "peers.txt"
EXPLAINED = ROOT / "benchmarks" / "ground" / "peer_differences.csv"
DATA = Path(os.environ.get("ASBUILT_SHARED_DATA", ROOT.parent / "shared" / "data"))
PURL_TYPES = {
    "PyPI": "pypi",
    "npm": "npm",
    "Go": "golang",
    "Maven": "maven",
    "RubyGems": "gem",
    "Packagist": "composer",
}
BOUNDS = ("versionStartIncluding", "versionStartExcluding", "versionEndIncluding", "versionEndExcluding")
MADE_COMPONENTS, INSTALL_SECONDS, PEER_SECONDS = 3_000, 600, 1_200
CHECKED_PART = 10  # the peers' validator is of Python: 5,000 components take it minutes


class Peers:
    """The environment the peers live in, for as long as the bench runs."""

    def __init__(self, folder: Path, made: str):
        self.folder, self._runs = folder, 0
        self.python = str(Path(made or folder / "env") / "bin" / "python")
        if made:
            return
        venv.create(folder / "env", with_pip=True)
        command = [
            self.python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(PINNED),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        if done.returncode:
            raise SystemExit(f"the peers cannot be installed: {done.stderr.strip()[-500:]}")

    def run(self, name: str, *files: Path | str) -> dict:
        """What a peer says; each run has a home folder of its own, since cve-bin-tool keeps its database there."""
        self._runs += 1
        own = self.folder / f"home{self._runs}"
        own.mkdir()
        command = [self.python, str(ROOT / "benchmarks" / "ground" / "peer_programs.py"), name, *map(str, files)]
        environment = {"HOME": str(own), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PEER_SECONDS, cwd=own)
        if done.returncode:
            raise SystemExit(f"{name} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        return json.loads(done.stdout.splitlines()[-1])


def near(version: str) -> list[str]:
    """A version, one just above it and one far below."""
    bumped = re.sub(r"\d+(?=\D*$)", lambda found: str(int(found[0]) + 1), version, count=1)
    return [version, bumped, "0.0.1"]


def nvd_records() -> list[dict]:
    """NVD's records as its API gives them, each id once."""
    found = {}
    for file in sorted([*DATA.glob("nvd2/*.json"), *DATA.glob("nvd2-embedded/*.json")]):
        document = json.loads(file.read_bytes())
        for one in document.get("vulnerabilities", [document if "cve" in document else {"cve": document}]):
            if re.fullmatch(
                r"CVE-\d{4}-\d{4,}", one["cve"]["id"]
            ):  # one vector of a tester's has a name that no CVE has
                found.setdefault(one["cve"]["id"], {"cve": one["cve"]})
    return list(found.values())


def scored(records: list[dict]) -> list[dict]:
    """The records as cve-bin-tool 3.4 can take them: on one without a CVSS score its reader ends (KeyError 'id' in its own message), so its copy
    says 0.0 there. It matches by configurations alone; no finding depends on it."""
    nothing = {"cvssMetricV31": [{"cvssData": {"baseScore": 0.0, "baseSeverity": "NONE", "vectorString": ""}}]}
    known = ("cvssMetricV31", "cvssMetricV30", "cvssMetricV2")
    return [
        one if any(one["cve"].get("metrics", {}).get(name) for name in known) else {"cve": {**one["cve"], "metrics": nothing}}
        for one in records
    ]  # fmt: skip


def nvd_components(records: list[dict]) -> list[dict]:
    """A component on and beside each bound of each product that a record calls vulnerable."""
    named = set()
    for record in records:
        nodes = [node for said in record["cve"].get("configurations", ()) for node in said["nodes"]]
        for match in (one for node in nodes for one in node["cpeMatch"] if one["vulnerable"]):
            parts = re.split(r"(?<!\\):", match["criteria"])
            said = [match[bound] for bound in BOUNDS if bound in match] or [parts[5]]
            for version in (near for bound in said for near in near_known(bound)):
                named.add((parts[2], parts[3], parts[4], version))
    return [
        {"type": "library", "bom-ref": f"n{at}", "name": name, "version": version,
         "cpe": f"cpe:2.3:{part}:{vendor}:{name}:{version}:*:*:*:*:*:*:*"}
        for at, (part, vendor, name, version) in enumerate(sorted(named))
    ]  # fmt: skip


def near_known(version: str) -> list[str]:
    """Versions near a bound; one that a CPE leaves open gets a plain one."""
    return ["1.0"] if version in ("*", "-") else near(version)


def osv_records() -> list[dict]:
    """OSV's records of package ecosystems."""
    files = sorted(file for folder in ("ghsa", "dtrack-vectors", "linter-vectors", "other") for file in (DATA / "osv" / folder).glob("*.json"))  # fmt: skip
    found = {}
    for file in files:
        document = json.loads(file.read_bytes())
        for one in document if isinstance(document, list) else [document]:
            if any(said.get("package", {}).get("ecosystem") in PURL_TYPES for said in one.get("affected", ())):
                found.setdefault(one["id"], one)
    return list(found.values())


def with_purls(records: list[dict]) -> list[dict]:
    """The records with the purl of each package written out, as a matcher by ecosystem and name would look it up."""
    found = json.loads(json.dumps(records))
    for record in found:
        for affected in record["affected"]:
            package = affected.get("package", {})
            if package.get("ecosystem") in PURL_TYPES:
                kind, name = PURL_TYPES[package["ecosystem"]], package["name"]
                package["purl"] = f"pkg:{kind}/{name.replace(':', '/').replace('@', '%40')}"
    return found


def osv_components(records: list[dict]) -> list[dict]:
    """A component on and beside each bound of each package, and on its first and last listed versions."""
    purls = set()
    for affected in (one for record in records for one in record["affected"]):
        purl = affected.get("package", {}).get("purl")
        listed = affected.get("versions", [])
        said = [*listed[:1], *listed[-1:]]
        said += [value for one in affected.get("ranges", ()) for event in one["events"] for value in event.values() if one["type"] != "GIT"]  # fmt: skip
        purls |= {f"{purl}@{version}" for bound in said if purl for version in near_known(bound) if bound != "0"}
    return [
        {"type": "library", "bom-ref": f"o{at}", "name": purl.rpartition("@")[0].rpartition("/")[2],
         "version": purl.rpartition("@")[2], "purl": purl}
        for at, purl in enumerate(sorted(purls))
    ]  # fmt: skip


def made_inputs(seed: int, count: int, kind: str) -> tuple[list[dict], list[dict]]:
    """(records, components) of one kind of feed, made up."""
    source, chosen = made.Records(seed), random.Random(seed)
    records = [record for number in range(1, count + 1) for of, record in [source.record(number)] if of == kind]
    wanted = sorted(
        {
            (product, made.version_of(product, chosen.randrange(made.VERSIONS)))
            for product in (made.skewed(chosen, made.PRODUCTS_IN_USE) for _ in range(MADE_COMPONENTS))
        }
    )
    found = []
    for at, (number, version) in enumerate(wanted):
        name, said = made.product_name(number), made.text(version)
        key = "cpe" if kind == "nvd" else "purl"
        value = f"cpe:2.3:a:vendor{number % 997}:{name}:{said}:*:*:*:*:*:*:*" if kind == "nvd" else f"pkg:generic/{name}@{said}"  # fmt: skip
        found.append({"type": "library", "bom-ref": f"m{at}", "name": name, "version": said, key: value})
    return records, found


def ours(engine: str, kind: str, folder: Path, sbom: bytes, records: Path) -> tuple[dict, float, float]:
    """(findings {(component, vulnerability): state}, seconds to take the records, seconds to match) through the verbs."""
    with home(engine) as place:
        from asbuilt.designed.components import sbom_followers
        from asbuilt.designed.components.actions import add_sbom
        from asbuilt.designed.components.bindings import Binding
        from asbuilt.designed.vulnerability.feeds.setting import set_feed
        from asbuilt.designed.vulnerability.feeds.taking import take_feed
        from asbuilt.designed.vulnerability.matching.evaluating import catch_up
        from asbuilt.storage import reading
        from asbuilt.storage.statistics import pin_statistics

        paper = folder / f"product-{engine}-{records.stem}"
        paper.mkdir()
        product(place, paper)
        actor = place.actor
        # by itself an SBOM is matched when it is added: here what is timed is matching alone
        sbom_followers.ADDED.clear()
        set_feed(actor, name=kind, kind=kind, source=str(records))
        began = time.perf_counter()
        taken = take_feed(actor, kind)
        load = time.perf_counter() - began
        if taken.broken or taken.ended:
            raise SystemExit(f"{records.name}: {taken.broken} records broken {taken.ended}")
        add_sbom(actor, binding=Binding("W", revision="A"), content=sbom, file_name="peers.json")
        pin_statistics()
        began = time.perf_counter()
        catch_up(actor)
        seconds = time.perf_counter() - began
        sql = (
            "SELECT p.cpe, p.purl, v.name, f.state FROM vulnerability_finding f JOIN vulnerability_vulnerability v ON v.tenant = f.tenant "
            "AND v.number = f.vulnerability JOIN components_package_version p ON p.tenant = f.tenant AND p.number = f.package_version "
            "WHERE f.tenant = %s AND f.until_entry IS NULL"
        )
        rows = reading.fetch(sql, (actor.tenant,))
        return {(named(cpe) if cpe else purl, name): state for cpe, purl, name, state in rows}, load, seconds


def named(cpe: str) -> str:
    """vendor/product@version, as cve-bin-tool keeps of a CPE."""
    parts = re.split(r"(?<!\\):", cpe)
    return f"{parts[3]}/{parts[4]}@{parts[5]}".lower()


def explained(peer: str, found: dict, theirs: set, rules: list[dict], used: Counter) -> int:
    """Print every difference with its reason; how many have none."""
    rows, missing = Counter(), 0
    for component, name in sorted(found.keys() | theirs):
        state, said = found.get((component, name), "-"), "affected" if (component, name) in theirs else "-"
        if state == said:
            continue
        rule = next(
            (at for at, one in enumerate(rules)
             if one["peer"] == peer and (one["ours"], one["peers"]) == (state, said)
             and fnmatchcase(component, one["component"]) and fnmatchcase(name, one["vulnerability"])), None)  # fmt: skip
        missing += rule is None
        used.update([rule] if rule is not None else ())
        shown = f"{component} {name}" if not name.startswith("CVE-2026-0") else "made-up records"
        rows[shown, state, said, rules[rule]["why"] if rule is not None else "NOT EXPLAINED"] += 1
    print(f"  | finding | ours | {peer} | why |\n  |---|---|---|---|", flush=True)
    for (shown, state, said, why), count in rows.items():
        print(f"  | {shown}{f' × {count:,}' if count > 1 else ''} | {state} | {said} | {why} |", flush=True)
    return missing


def known_as(record: dict) -> set[str]:
    """The names one record goes by: ours stand under the CVE id where a record has one."""
    return {record["id"], *record.get("aliases", ())}


def matched(peers: Peers, figures: Figures, engine: str, folder: Path, seed: int, count: int, rules, used) -> int:
    """Both peers on real and made-up records; how many differences are not explained."""
    missing = 0
    for peer, kind in (("cve-bin-tool", "nvd"), ("osv", "osv")):
        real = nvd_records() if kind == "nvd" else osv_records()
        theirs_real = scored(real) if kind == "nvd" else with_purls(real)
        listed = nvd_components(real) if kind == "nvd" else osv_components(theirs_real)
        sets = (("real", real, theirs_real, listed), ("made", *made_twice(kind, *made_inputs(seed, count, kind))))
        for label, records, theirs, listed in sets:
            own, other, bom = (folder / f"{engine}-{kind}-{label}-{what}.json" for what in ("ours", "theirs", "sbom"))
            own.write_text(json.dumps({"vulnerabilities": records} if kind == "nvd" else records))
            other.write_text(json.dumps({"vulnerabilities": theirs} if kind == "nvd" else theirs))
            sbom = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed})
            bom.write_text(sbom)
            found, load, seconds = ours(engine, kind, folder, sbom.encode(), own)
            said = peers.run(peer, bom, other)
            if kind == "nvd":
                answer = {(f"{vendor}/{name}@{version}".lower(), cve) for vendor, name, version, cve in said["found"]}
            else:
                known = {name: min((one for one in known_as(record) if one.startswith("CVE-")), default=record["id"]) for record in records for name in [record["id"]]}  # fmt: skip
                answer = {(purl, known[name]) for purl, name in said["found"]}
            print(
                f"  {engine}, {label}: {len(records):,} records, {len(listed):,} components: ours {len(found):,} findings, {peer} {len(answer):,}; "
                f"records taken in {load:.2f} s with ledger and evidence, by {peer} in {said['load']:.2f} s",
                flush=True,
            )
            missing += explained(peer, found, answer, rules, used)
            if label == "made":
                figures.most(f"{engine}: matched, findings kept with their grounds, against {peer}", seconds, said["seconds"], " s", 2)  # fmt: skip
    return missing


def made_twice(kind: str, records: list[dict], listed: list[dict]) -> tuple[list[dict], list[dict], list[dict]]:
    """Made-up records need no purls added."""
    return records, scored(records) if kind == "nvd" else records, listed


def read(peers: Peers, figures: Figures, folder: Path, count: int, seed: int) -> None:
    """The same file read by all, ours always checked against its schema too; a smaller one that peers have checked as well."""
    from asbuilt.formats.sbom.read import read_sbom

    for size, check in ((count, ""), (count // CHECKED_PART, "check")):
        file = folder / f"bom-{size}.json"
        file.write_bytes(cyclonedx_json(components(size, seed)))
        read_sbom(
            file.read_bytes()
        )  # the schema is compiled once in a process; the peers' imports are left out as well
        began = time.perf_counter()
        found = len(read_sbom(file.read_bytes()).components)
        seconds = time.perf_counter() - began
        for peer in ("lib4sbom", "cyclonedx"):
            said = peers.run(peer, file, check)
            if not found == said["components"] == size:
                raise SystemExit(f"components: ours {found:,}, {peer} {said['components']:,}, in the file {size:,}")
            how = "and checked against its schema by both" if check else "and checked, which the peer does not,"
            if not check and peer == "lib4sbom":  # about as fast without the check as ours with it: no figure, a line
                print(f"  {size:,} components read {how} {seconds:.2f} s, {peer} {said['seconds']:.2f} s", flush=True)
                continue
            figures.most(f"{size:,} components read {how} against {peer}", seconds, said["seconds"], " s", 2)


def main() -> None:
    """Install the peers, read, match, explain."""
    parser = arguments(__doc__.split("\n")[0], 20_000, "made-up records")
    parser.add_argument("--components", type=int, default=5_000)
    parser.add_argument("--environment", default="", help="an environment that has the peers already; else one is made")
    said = parser.parse_args()
    machine(said.seed)
    figures, used, missing = Figures("peers"), Counter(), 0
    with open(EXPLAINED, newline="") as lines:
        rules = list(csv.DictReader(lines))
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as name:
        folder = Path(name)
        peers = Peers(folder, said.environment)
        for engine in engines(said.engine):
            missing += matched(peers, figures, engine, folder, said.seed, said.scale, rules, used)
        read(peers, figures, folder, said.components, said.seed)
    stale = [rule["why"] for at, rule in enumerate(rules) if not used[at]]
    figures.most("differences without a reason", missing, 0, digits=0)
    figures.most(f"reasons without a difference {stale or ''}".rstrip(), len(stale), 0, digits=0)
    figures.finish()


if __name__ == "__main__":
    main()
