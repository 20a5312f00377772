"""`asbuilt verify`: a certificate, a frozen answer, an as-built package or BOM, a signed head, a grant, permit or end certificate, checked with
public keys alone.

No database, no network, no Django: it runs on a machine that has this file, the keys and Python.
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.permissions import is_permission, tell_permission
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel import certificates, envelope, shipment_packages
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.public_keys import parse_public_keys
from asbuilt.storage.databases import keys

FILE_BYTES_MAX = shipment_packages.BYTES_MAX
KEY_BYTES_MAX = 1024**2
PUBLIC_KEYS = "public.keys"
PROOFS = "proofs.json"


def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="A birth certificate, frozen answer, as-built package or BOM, checkpoint, grant, permit or end certificate."
        ),
    ],
    key: Annotated[
        Path | None, typer.Option(help="The public.keys or PEM of who signed; else those in ASBUILT_KEYS.")
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            help="Of a permit its grant, and its plan; of an end certificate permit and grant; of a grant its permits.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Of an as-built BOM: write the document that was signed to this file.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Check a signed file: no database, no network, only the public key."""
    content = read_at_most(file, FILE_BYTES_MAX)
    record_keys, vkeys = _keys(key)
    if shipment_packages.is_package(content):
        found = shipment_packages.check(content, record_keys=record_keys, log_vkeys=vkeys)
        if PROOFS in found.files:  # what people stated, each with its way into the log
            certificates.check_certificate(found.files[PROOFS], record_keys=record_keys, log_vkeys=vkeys)
        _tell_package(file, found, format)
        return
    if is_permission(content):
        tell_permission(file, content, [read_at_most(one, FILE_BYTES_MAX) for one in beside or []], record_keys, format)
        return
    bom = None
    if is_bom(content):
        bom = certificates.check_bom(content, record_keys=record_keys, log_vkeys=vkeys)
    if out is not None:
        _write_bom(out, bom)
    said = bom_told(bom) if bom else _check(content, record_keys, vkeys)
    if format is Format.json:
        print_json({"holds": True, "file": str(file), **said})
        return
    head = said["checkpoint"]
    say(f"{file} holds.")
    print_table(("what", "value"), [*_unit_rows(said), ("log", head["origin"]), ("entries in the log", head["size"])])
    if "facts" in said:
        rows = [(one["entry"], one["recorded_at"], one["shape"], one["cells"]) for one in said["facts"]]
        print_table(("entry", "recorded at", "fact", "cells"), rows)
    print(said["proves"])
    if said["cannot_prove"]:
        print(said["cannot_prove"])


def _tell_package(file: Path, found: shipment_packages.CheckedPackage, format: Format) -> None:
    said = {name: value for name, value in found.manifest.items() if name not in ("checkpoint", "format", "files")}
    files = [{"name": one["name"], "bytes": one["bytes"], "sha256": one["sha256"]} for one in found.manifest["files"]]
    if format is Format.json:
        whole = {"holds": True, "file": str(file), "kind": found.kind.name, **said, "files": files}
        print_json(
            {**whole, "checkpoint": _head(found.checkpoint), "proves": found.proves, "cannot_prove": found.cannot_prove}
        )
        return
    say(f"{file} holds.")
    head = [("kind", found.kind.name), *said.items()]
    print_table(
        ("what", "value"), [*head, ("log", found.checkpoint.origin), ("entries in the log", found.checkpoint.size)]
    )
    print_table(("file", "bytes", "sha256"), [tuple(one.values()) for one in files])
    print(found.proves)
    print(found.cannot_prove)


def _unit_rows(said: dict) -> list[tuple]:
    shown = said.get("unit") or {}
    rows = [
        ("kind", said["kind"]),
        *((name, value) for name, value in shown.items() if name != "kind" and not isinstance(value, dict | list)),
    ]
    if "answer" in said:
        rows.append(("question", said["answer"].get("question")))
        rows += [(f"affected, {grade}", count) for grade, count in (said["answer"].get("affected") or {}).items()]
    return rows


def is_bom(content: bytes) -> bool:
    """Whether these bytes are the envelope of an as-built BOM."""
    return content.lstrip()[:1] == b"{" and envelope.parse(content).payload_type == certificates.BOM_TYPE


def bom_told(found: certificates.CheckedBom) -> dict:
    """A checked BOM as JSON: what it is of, the entries it was made of, the head, what that proves."""
    entries = [{"entry": one.index + 1, "at": one.entry.get("at", "")} for one in found.entries]
    bom = {"bytes": len(found.bom), "sha256": sha256(found.bom).hexdigest()}
    return {
        "kind": "as-built BOM", "unit": {**found.about, **bom}, "entries": entries, "checkpoint": _head(found.checkpoint),
        "proves": found.proves, "cannot_prove": found.cannot_prove,
    }  # fmt: skip


def _write_bom(out: Path, found: certificates.CheckedBom | None) -> None:
    if found is None:
        raise Invalid("cli.no_bom", "Only an as-built BOM is written by --out.", remedy="Leave --out away.")
    out.write_bytes(found.bom)


def _check(content: bytes, record_keys: list, vkeys: list) -> dict:
    if content.lstrip()[:1] != b"{":
        head = certificates.check_checkpoint(content, log_vkeys=vkeys)
        proves = "The holder of the key signed this head of the log."
        return {"kind": "checkpoint", "checkpoint": _head(head), "proves": proves, "cannot_prove": ""}
    if envelope.parse(content).payload_type == certificates.ANSWER_TYPE:
        found = certificates.check_answer(content, record_keys=record_keys, log_vkeys=vkeys)
        said = {"kind": "frozen answer", "answer": found.answer}
    else:
        found = certificates.check_certificate(content, record_keys=record_keys, log_vkeys=vkeys)
        said = {"kind": "birth certificate", "unit": found.unit, "facts": list(_facts(found))}
    return {**said, "checkpoint": _head(found.checkpoint), "proves": found.proves, "cannot_prove": found.cannot_prove}


def _facts(found):
    for entry in found.entries:
        for row in entry.rows:
            at = entry.entry.get("at", "")
            cells = " ".join("-" if cell in (None, "") else str(cell) for cell in row.cells)
            yield {"entry": entry.index + 1, "recorded_at": at, "shape": row.shape, "cells": cells}


def _head(head) -> dict:
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _keys(named: Path | None) -> tuple[list, list]:
    """(record keys, log keys) of one file, or of every folder of the keys."""
    files = [named] if named else sorted(keys().glob(f"*/{PUBLIC_KEYS}"))
    if not files:
        raise NotFound(
            "cli.no_public_key",
            f"There is no public key in {keys()}.",
            {"keys": str(keys())},
            "Give the sender's public.keys with --key FILE.",
        )
    record_keys, vkeys = [], []
    for file in files:
        _parse_keys(file, record_keys, vkeys)
    return record_keys, vkeys


def keys_known(named: Path | None) -> tuple[list, list]:
    """(record keys, log keys) of this file, else of every folder of the keys; empty where there is none."""
    return _keys(named) if named or any(keys().glob(f"*/{PUBLIC_KEYS}")) else ([], [])


def _parse_keys(file: Path, record_keys: list, vkeys: list) -> None:
    try:
        found, logs = parse_public_keys(read_at_most(file, KEY_BYTES_MAX))
    except Invalid as refusal:
        raise Invalid("cli.key_malformed", f"{file}: {refusal.message}", {"file": str(file)}, refusal.remedy) from None
    record_keys += found
    vkeys += logs


def read_at_most(file: Path, most: int) -> bytes:
    """The bytes of a file. NotFound where there is none, Invalid beyond the limit."""
    if not file.is_file():
        raise NotFound("cli.no_file", f"There is no file {file}.", {"file": str(file)}, "Look at its name and place.")
    if file.stat().st_size > most:
        said = f"{file} is larger than {most // 1024**2} MiB."
        raise Invalid("cli.file_too_large", said, {"bytes": file.stat().st_size}, "Give the signed file itself.")
    return file.read_bytes()
