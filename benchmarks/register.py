"""register: every signature of 1,000 archived releases verified, in the register and in an archive folder.

Each release has its own image of 4 KiB and is signed by an Ed25519 and a P-256 key. The register is checked with the image
bytes decrypted and compared; the folder with its files' hashes, the chain of the trust store, the log's proof of each release
and, by the recovery key, the image bytes. Beside it stands what the bare signatures take in `cryptography`, in the same run.
"""

import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import signers
from ground.figures import Figures, arguments, engines, machine
from ground.homes import home

SECONDS_MAX = 10


def released(actor, count: int) -> None:
    """So many releases of one product, through the verbs."""
    from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
    from asbuilt.designed.firmware import actions
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    with recording(actor, "bench.made") as entry:
        state_rows(entry, PartsIntake, checked_rows("parts", [{"part": "R"}]))
        line = {
            "product": "WIDGET",
            "revision": "B",
            "bom_version": "1",
            "line": "1",
            "part": "R",
            "quantity": "1",
            "refdes": "R1",
        }
        state_rows(entry, BomIntake, checked_rows("bom", [line]))
    store = signers.store()
    actions.set_trust_store(actor, document=signers.store_file(store), pin=store.sha256)
    for number in range(count):
        draft = actions.Draft("WIDGET", "app", f"1.0.{number}", ("B",), "What changed", bool(number % 7 == 0))
        one = actions.add_release(actor, draft=draft, image=os.urandom(4096))
        of = dict(zip(("product", "role", "version"), one.key, strict=True))
        actions.sign_release(actor, **of, document=signers.release_file(one.statement))
        actions.release_firmware(actor, **of)


def bare(actor) -> float:
    """Seconds of the same signatures with nothing of ours around them."""
    from asbuilt.designed.firmware.register import registered, trust_chain
    from asbuilt.kernel.envelope import pae

    known = trust_chain(actor.tenant)[-1].keys
    found = [
        (pae(one.envelope().payload_type, one.statement.payload), one.signatures) for one in registered(actor.tenant)
    ]
    began = time.perf_counter()
    for message, signatures in found:
        for each in signatures:
            if not known[each.key_id].key.verify(message, each.signature):
                raise SystemExit("A signature does not verify.")
    return time.perf_counter() - began


def main() -> None:
    """Register and folder, on each engine."""
    said = arguments(__doc__.split("\n")[0], 1_000, "releases").parse_args()
    machine(said.seed)
    figures = Figures("register")
    for engine in engines(said.engine):
        with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            from asbuilt.designed.firmware import archive

            began = time.perf_counter()
            released(place.actor, said.scale)
            print(f"  {engine}: {said.scale:,} releases made in {time.perf_counter() - began:.0f} s", flush=True)
            files = Path(folder) / "archive"
            archive.write_archive(place.actor, files)
            for name, check in (
                ("register", partial(archive.verify_register, place.actor)),
                (
                    "folder",
                    partial(archive.verify_folder, files, pin=signers.store().sha256, recovery=signers.RECOVERY),
                ),
            ):
                began = time.perf_counter()
                found = check()
                seconds = time.perf_counter() - began
                counted = (found.releases, found.signatures, found.images, len(found.findings))
                if counted != (said.scale, 2 * said.scale, said.scale, 0):
                    raise SystemExit(f"{name}: {counted} is not what was released: {found.findings[:3]}")
                figures.most(f"{engine} {name}: {said.scale:,} releases in", seconds, SECONDS_MAX, " s", 2)
            print(f"  {engine}: the bare signatures take {bare(place.actor):.2f} s", flush=True)
    figures.finish()


if __name__ == "__main__":
    main()
