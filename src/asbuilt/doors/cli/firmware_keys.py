"""`asbuilt firmware keygen`, `sign-file`, `trust …`: keys and signed documents, most of it without a record.

A private key is a file or stands in a token; it is never printed, kept or put on a command line.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import DOCUMENT_BYTES_MAX, FileKey, InToken, read_file, signer_of
from asbuilt.kernel import envelope, keys, sealing, trust, trust_drafts
from asbuilt.kernel.errors import NotFound, Refused

trusts = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
KEY = typer.Option("--key", help="Private key: a PEM file, or a pkcs11: URI.")


def add_signatures(document: bytes, signers: Sequence[FileKey | InToken]) -> bytes:
    """The envelope with a signature of each; who signed it before is passed over."""
    found = parse_unsigned(document)
    for signer in signers:
        if signer.public.key_id not in {key_id for key_id, _ in found.signatures}:
            signature = signer.sign(envelope.pae(found.payload_type, found.payload))
            found = envelope.with_signature(found, signer.public, signature)
    return envelope.envelope_bytes(found)


def parse_unsigned(document: bytes) -> envelope.Envelope:
    """The envelope of these bytes; one without signatures is a draft, as only this command takes it."""
    return envelope.parse(document, bytes_max=DOCUMENT_BYTES_MAX, unsigned=True)


def write_file(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a new file; Refused where one is there."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise Refused(
            "cli.file_there", f"{file} is there already.", {"file": str(file)}, "Give another name."
        ) from None
    except OSError as error:
        raise NotFound(
            "cli.no_folder", f"{file} cannot be written: {error.strerror}.", {"file": str(file)}, ""
        ) from None
    with os.fdopen(handle, "wb") as out:
        out.write(content)


def keygen(
    file: Annotated[Path, typer.Argument(help="File for the private key; FILE.pub gets the public one.")],
    sealing_key: Annotated[
        bool, typer.Option("--sealing", help="A key that opens what is sealed (recovery, station).")
    ] = False,
) -> None:
    """Make a key pair: Ed25519, or X25519 with --sealing. Keep the private key where it belongs, not here."""
    if sealing_key:
        made = sealing.SealingKey.new()
        private, public = made.to_pem(), made.public
    else:
        raw = secrets.token_bytes(keys.PRIVATE_KEY_BYTES)
        private, public = keys.private_to_pem(raw), keys.PublicKey(keys.ED25519, keys.public_of(raw))
    write_file(file, private.encode(), 0o600)
    write_file(file.with_name(file.name + ".pub"), keys.public_to_pem(public).encode())
    say(f"{file} holds the private key, {file}.pub the public one; its id is {public.key_id}.")


def sign_file(
    file: Annotated[Path, typer.Argument(help="A release statement or trust store, as an envelope.")],
    key: Annotated[str, KEY],
) -> None:
    """Add a signature to an envelope; needs no record. The file is replaced whole."""
    signer = signer_of(key)
    signed = add_signatures(read_file(file), [signer])
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    write_file(beside, signed)
    os.replace(beside, file)
    say(f"{file} carries a signature of key {signer.public.key_id}.")


@trusts.command()
def make(
    description: Annotated[Path, typer.Argument(help="JSON: store, roles with threshold and keys, perhaps revoked.")],
    out: Annotated[Path, typer.Argument(help="File for the envelope, not signed yet.")],
    after: Annotated[Path | None, typer.Option(help="The version before; without it this is the first.")] = None,
) -> None:
    """Make the next version of a trust store from a description; the roots sign it with sign-file. Needs no record."""
    import time

    before = trust.parse(envelope.parse(read_file(after)).payload) if after else None
    folder = description.parent

    def public_key(name: str, sealed_for: bool) -> keys.PublicKey:
        return keys.public_from_pem(read_file(folder / name).decode("utf-8", "replace"), sealing=sealed_for)

    now = time.time_ns() // 1_000_000 * 1_000
    store = trust_drafts.next_version(read_file(description), public_key, now, before)
    write_file(out, envelope.envelope_bytes(envelope.Envelope(trust.TRUST_TYPE, store.payload, ())))
    say(f"{out} is version {store.version}, SHA-256 {store.sha256}.")


@trusts.command("set")
def set_store(
    file: Annotated[Path, typer.Argument(help="The signed envelope.")],
    pin: Annotated[str, typer.Option(help="Of version 1: its SHA-256, as its issuer told you on another way.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Take the next version of the trust store into the record."""
    document = read_file(file)
    from asbuilt.doors.cli.opening import open_record

    actor = open_record()
    from asbuilt.designed.firmware.actions import set_trust_store
    from asbuilt.designed.firmware.recovery import waiting

    store = set_trust_store(actor, document=document, pin=pin)
    if format is Format.json:
        print_json({"version": store.version, "sha256": store.sha256, "epoch": store.epoch})
    else:
        say(f"Version {store.version} of the trust store is in force.")
        if others := waiting(actor.tenant):
            say(f"{others} images are sealed for other recovery keys: asbuilt firmware archive reseal")


@trusts.command("list")
def list_stores(format: Annotated[Format, typer.Option(help="How to print.")] = Format.table) -> None:
    """The versions of the trust store, whose keys count for what."""
    from asbuilt.doors.cli.opening import open_record

    actor = open_record()
    from asbuilt.designed.firmware.telling import trust_seen

    found = trust_seen(actor)
    if format is Format.json:
        print_json({"versions": found})
        return
    rows = [
        (one["version"], role["role"], role["threshold"], key["key_id"], key["holder"])
        for one in found
        for role in one["roles"]
        for key in role["keys"]
    ]
    print_table(("version", "role", "threshold", "key", "holder"), rows)
