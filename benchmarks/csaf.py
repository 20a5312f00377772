"""csaf: CSAF 2.0 documents a second, checked by the schema and all mandatory tests, from the bytes.

Written here: security advisories of drawn size, up to 300 products and 20 vulnerabilities with statuses, scores, flags, remediations and
a history, the sizes of a vendor's monthly advisories; one in ten breaks a test. Beside it, in the same run: a peer over the same documents.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "src")]

from ground.figures import Figures, arguments, machine  # noqa: E402

A_SECOND = 50
PEER_DOCUMENTS = 20
VECTORS = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H": 9.8, "CVSS:3.1/AV:L/AC:L/PR:H/UI:R/S:U/C:H/I:H/A:H": 6.5}


def advisory(number: int, drawn: random.Random) -> bytes:
    """One document; its number is divisible by ten where it names a product that is not in its tree."""
    products = [f"p{n}" for n in range(drawn.randint(5, 300))]
    branches = [
        {"category": "product_version", "name": f"{n // 10}.{n % 10}.0", "product": {"product_id": name, "name": f"EG-200 {name}"}}
        for n, name in enumerate(products)
    ]  # fmt: skip
    listed = []
    for n in range(drawn.randint(1, 20)):
        cut = drawn.randint(1, len(products) - 1)
        affected, fixed = products[:cut], products[cut:]
        vector = drawn.choice(list(VECTORS))
        score = VECTORS[vector]
        listed.append({
            "cve": f"CVE-2026-{1000 + n}", "notes": [{"category": "description", "text": "A heap overflow."}],
            "cwe": {"id": "CWE-787", "name": "Out-of-bounds Write"},
            "product_status": {"known_affected": affected + (["nobody"] if not number % 10 else []), "fixed": fixed},
            "remediations": [{"category": "vendor_fix", "details": "Update.", "product_ids": affected}],
            "scores": [{"products": affected, "cvss_v3": {
                "version": "3.1", "vectorString": vector, "baseScore": score, "baseSeverity": "CRITICAL" if score > 9 else "MEDIUM"}}],
        })  # fmt: skip
    history = [
        {"date": f"2026-01-{n:02}T00:00:00Z", "number": str(n), "summary": "x"} for n in range(1, drawn.randint(2, 20))
    ]
    return json.dumps({
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Bench", "lang": "en",
            "publisher": {"category": "vendor", "name": "Bench", "namespace": "https://bench.example"},
            "tracking": {"id": f"BENCH-{number}", "status": "final", "version": str(len(history)), "revision_history": history,
                         "initial_release_date": history[0]["date"], "current_release_date": history[-1]["date"]},
        },
        "product_tree": {"branches": [{"category": "product_name", "name": "EG-200", "branches": branches}]},
        "vulnerabilities": listed,
    }).encode()  # fmt: skip


def peer(documents: list[bytes]) -> float:
    """Documents a second of the package `csaf` in one process; it is a program and not imported here."""
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        paths = [Path(folder) / f"{number}.json" for number in range(len(documents))]
        for path, content in zip(paths, documents, strict=True):
            path.write_bytes(content)
        command = [
            sys.executable,
            "-m",
            "csaf",
            "validate",
            "--spec-version",
            "v20",
            "--preset",
            "basic",
            "--no-network",
            *map(str, paths),
        ]
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        return len(documents) / (time.perf_counter() - began)


def main() -> None:
    """Our check over all documents, then the peer over some."""
    said = arguments(__doc__.split("\n")[0], 500, "documents").parse_args()
    machine(said.seed)
    figures = Figures("csaf")
    drawn = random.Random(said.seed)
    documents = [advisory(number, drawn) for number in range(said.scale)]
    print(
        f"  {said.scale:,} documents, {sum(map(len, documents)) / len(documents) / 1024:.0f} KiB each on average",
        flush=True,
    )
    from asbuilt.formats.csaf.checking import check

    began = time.perf_counter()
    failed = [number for number, content in enumerate(documents) if not check(content).valid]
    seconds = time.perf_counter() - began
    if failed != list(range(0, said.scale, 10)):
        sys.exit(f"judged wrongly: {failed[:5]}")
    print(
        f"  beside it: the package csaf validates {peer(documents[:PEER_DOCUMENTS]):.0f} a second, its start counted",
        flush=True,
    )
    figures.least("documents a second", said.scale / seconds, A_SECOND)
    figures.finish()


if __name__ == "__main__":
    main()
