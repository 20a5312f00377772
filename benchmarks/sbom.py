"""sbom: an SBOM of 5,000 components checked against its official schema, read, and stored with its components and edges.

Written here: CycloneDX 1.6 JSON and XML and SPDX 2.3 JSON of 5,000 components with purls, hashes, licences and 10,000 edges, the size
of a large firmware's. Timed is the whole verb, from the bytes to the committed entry, in a home whose package versions are new
each time; the peak memory is that of the process that adds three of them. Beside it, in the same run: what a peer takes to read the JSON alone.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from ground.figures import Figures, arguments, engines, machine  # noqa: E402
from ground.homes import home  # noqa: E402

SECONDS = {"CycloneDX JSON": 1.5, "CycloneDX XML": 3.0, "SPDX JSON": 2.0}
MEGABYTES = 150
EDGES_EACH = 2
LICENCES = ("MIT", "Apache-2.0", "GPL-2.0-only", "BSD-3-Clause", "Zlib")


def components(count: int, seed: int) -> list[dict]:
    """Names, versions, hashes and what each needs, drawn."""
    drawn = random.Random(seed)
    return [
        {
            "ref": f"c{seed}-{number}", "name": f"lib{drawn.randrange(10**6)}-{number}",
            "version": f"{drawn.randrange(9)}.{drawn.randrange(40)}.{drawn.randrange(20)}",
            "sha": f"{drawn.getrandbits(256):064x}", "licence": drawn.choice(LICENCES),
            "needs": sorted({f"c{seed}-{drawn.randrange(count)}" for _ in range(EDGES_EACH)}),
        }
        for number in range(count)
    ]  # fmt: skip


def cyclonedx_json(listed: list[dict]) -> bytes:
    """CycloneDX 1.6."""
    return json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"timestamp": "2027-03-01T00:00:00Z", "component": {"type": "firmware", "bom-ref": "app", "name": "app", "version": "1"}},
        "components": [
            {"type": "library", "bom-ref": one["ref"], "name": one["name"], "version": one["version"],
             "purl": f"pkg:generic/{one['name']}@{one['version']}", "hashes": [{"alg": "SHA-256", "content": one["sha"]}],
             "licenses": [{"license": {"id": one["licence"]}}], "supplier": {"name": "Supplier"}}
            for one in listed
        ],
        "dependencies": [{"ref": one["ref"], "dependsOn": one["needs"]} for one in listed],
    }).encode()  # fmt: skip


def cyclonedx_xml(listed: list[dict]) -> bytes:
    """The same as XML."""
    parts = ['<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components>']
    parts += [
        f'<component type="library" bom-ref="{one["ref"]}"><supplier><name>Supplier</name></supplier><name>{one["name"]}</name>'
        f'<version>{one["version"]}</version><hashes><hash alg="SHA-256">{one["sha"]}</hash></hashes>'
        f"<licenses><license><id>{one['licence']}</id></license></licenses><purl>pkg:generic/{one['name']}@{one['version']}</purl></component>"
        for one in listed
    ]
    parts.append("</components><dependencies>")
    for one in listed:
        inside = "".join(f'<dependency ref="{ref}"/>' for ref in one["needs"])
        parts.append(f'<dependency ref="{one["ref"]}">{inside}</dependency>')
    parts.append("</dependencies></bom>")
    return "".join(parts).encode()


def spdx_json(listed: list[dict]) -> bytes:
    """SPDX 2.3."""
    packages = [
        {"SPDXID": f"SPDXRef-{one['ref']}", "name": one["name"], "versionInfo": one["version"], "downloadLocation": "NOASSERTION",
         "supplier": "Organization: Supplier", "checksums": [{"algorithm": "SHA256", "checksumValue": one["sha"]}],
         "licenseConcluded": one["licence"], "licenseDeclared": one["licence"], "copyrightText": "NOASSERTION",
         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                           "referenceLocator": f"pkg:generic/{one['name']}@{one['version']}"}]}
        for one in listed
    ]  # fmt: skip
    relations = [
        {
            "spdxElementId": f"SPDXRef-{one['ref']}",
            "relationshipType": "DEPENDS_ON",
            "relatedSpdxElement": f"SPDXRef-{ref}",
        }
        for one in listed
        for ref in one["needs"]
    ]
    return json.dumps({
        "SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "name": "bench",
        "documentNamespace": "https://example.com/bench", "creationInfo": {"created": "2027-03-01T00:00:00Z", "creators": ["Tool: bench"]},
        "packages": packages, "relationships": relations,
    }).encode()  # fmt: skip


WRITERS = {"CycloneDX JSON": cyclonedx_json, "CycloneDX XML": cyclonedx_xml, "SPDX JSON": spdx_json}


def product(place, folder: Path) -> None:
    """A product whose hardware revision the SBOMs are of."""
    from asbuilt.built.exchange.actions import import_folder

    (folder / "parts.csv").write_text("part,description,mpn,manufacturer,lifecycle,msl\nR,,,,,\n")
    (folder / "bom.csv").write_text("product,revision,bom_version,line,part,quantity,refdes\nW,A,1,1,R,1,R1\n")
    import_folder(place.actor, folder)


def added(engine: str, files: list[Path]) -> None:
    """In a process of its own, so that its peak is that of the verb: add each file; prints seconds and megabytes as JSON."""
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        product(place, Path(folder))
        from asbuilt.designed.components.actions import add_sbom
        from asbuilt.designed.components.bindings import Binding

        seconds = []
        for file in files:
            content = file.read_bytes()
            began = time.perf_counter()
            add_sbom(place.actor, binding=Binding("W", revision="A"), content=content, file_name=file.name)
            seconds.append(time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "megabytes": peak}))


def seen(engine: str, name: str, folder: Path, count: int, runs: int, seed: int) -> tuple[float, float]:
    """(seconds of the middle run, megabytes) of a format; each run has other components."""
    files = []
    for run in range(runs):
        files.append(folder / f"{name.replace(' ', '-')}-{run}")
        files[-1].write_bytes(WRITERS[name](components(count, seed + 100 * list(WRITERS).index(name) + run)))
    command = [sys.executable, __file__, "--engine", engine, "--add", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return statistics.median(said["seconds"]), said["megabytes"]


def peer(content: bytes) -> float:
    """Seconds of CycloneDX's own library to read the JSON into its objects; nothing is checked or stored."""
    from cyclonedx.model.bom import Bom

    began = time.perf_counter()
    Bom.from_json(json.loads(content))
    return time.perf_counter() - began


def main() -> None:
    """Each format on each engine, then the peer."""
    parser = arguments(__doc__.split("\n")[0], 5_000, "components")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--add", type=Path, nargs="*", help="what the bench starts itself with")
    said = parser.parse_args()
    if said.add:
        added(said.engine, said.add)
        return
    machine(said.seed)
    figures = Figures("sbom")
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        for engine in engines(said.engine):
            peaks = []
            for name, most in SECONDS.items():
                seconds, peak = seen(engine, name, Path(folder), said.scale, said.runs, said.seed)
                figures.most(f"{engine}: {name}", seconds, most, " s", 2)
                peaks.append(peak)
            figures.most(f"{engine}: peak memory", max(peaks), MEGABYTES, " MB", 0)
    seconds = peer(cyclonedx_json(components(said.scale, said.seed)))
    print(
        f"  beside it: cyclonedx-python-lib reads the JSON alone in {seconds:.2f} s, nothing checked or stored",
        flush=True,
    )
    figures.finish()


if __name__ == "__main__":
    main()
