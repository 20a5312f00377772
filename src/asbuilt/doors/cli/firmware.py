"""`asbuilt firmware`: the release register: add, sign, release, withdraw, list, matrix, compare, seal."""

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.firmware_keys import write_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import FILE_BYTES_MAX, read_file, signer_of

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
PRODUCT = typer.Argument(help="Code of the product.")
VERSION = typer.Argument(help="Version of the release.")
ROLE = typer.Option(help="Image role: boot, app, radio, factory.")
FORMAT = typer.Option(help="How to print.")
COLUMNS = ("product", "role", "version", "state", "security_relevant", "released_at", "sha256")
MATRIX = (
    "product", "revision", "role", "version", "state", "security_relevant", "released_at", "signed", "unsaid", "sha256",
)  # fmt: skip


@app.command()
def add(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    image: Annotated[Path, typer.Argument(help="The image as it is programmed.")],
    role: Annotated[str, ROLE] = "app",
    revision: Annotated[list[str] | None, typer.Option(help="Hardware revision it is for; repeat for several.")] = None,
    change_log: Annotated[Path | None, typer.Option(help="Text file: what changed.")] = None,
    security: Annotated[bool, typer.Option(help="It mends a security fault.")] = False,
    built_by: Annotated[str, typer.Option(help="Who or what built it.")] = "",
    supported_until: Annotated[str, typer.Option(help="Last day of its support, such as 2033-12-31.")] = "",
    provenance: Annotated[
        Path | None, typer.Option(help="SLSA provenance statement of the build; kept, not judged.")
    ] = None,
    boot: Annotated[str, typer.Option(help="Boot signature to check: mcuboot or esp-v2.")] = "",
    boot_key: Annotated[Path | None, typer.Option(help="The public key (PEM) in the device.")] = None,
    encrypted_as: Annotated[
        str, typer.Option(help="Encrypted for the device itself by this scheme; passes unopened.")
    ] = "",
    clear_sha256: Annotated[str, typer.Option(help="SHA-256 of what it decrypts to.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Add a draft with its image, which is kept encrypted."""
    content = read_file(image, FILE_BYTES_MAX)
    log = read_file(change_log).decode("utf-8", "replace").rstrip("\n") if change_log else ""
    build = read_file(provenance) if provenance else None
    key = read_file(boot_key).decode("utf-8", "replace") if boot_key else ""
    actor = open_record_as(token)
    from asbuilt.designed.firmware import actions, telling
    from asbuilt.kernel.releases import DeviceEncrypted

    draft = actions.Draft(product, role, version, tuple(revision or ()), log, security, built_by, supported_until)
    made = actions.add_release(
        actor, draft=draft, image=content, boot=actions.Boot(boot, key) if boot else None, provenance=build,
        device_encrypted=DeviceEncrypted(encrypted_as, clear_sha256) if encrypted_as else None,
    )  # fmt: skip
    _said(
        telling.told(made), format, f"{made.name} is a draft. Have it signed: asbuilt firmware sign {product} {version}"
    )


@app.command()
def statement(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    out: Annotated[Path, typer.Argument(help="File for the envelope with the signatures it has.")],
    role: Annotated[str, ROLE] = "app",
) -> None:
    """Write the statement that signers sign, where their keys are not on this machine."""
    actor = open_record()
    from asbuilt.designed.firmware.telling import statement_bytes

    write_file(out, statement_bytes(actor, product, role, version))
    say(f"{out} is written. Sign it there with: asbuilt firmware sign-file {out} --key KEY")


@app.command()
def sign(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    role: Annotated[str, ROLE] = "app",
    key: Annotated[
        list[str] | None, typer.Option(help="Private key: a PEM file, or a pkcs11: URI. Repeat for several.")
    ] = None,
    envelope: Annotated[Path | None, typer.Option(help="An envelope that was signed elsewhere.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record signatures of release signers: by keys named here, or in an envelope signed elsewhere."""
    given = read_file(envelope) if envelope else None
    signers = [signer_of(name) for name in key or ()]
    actor = open_record()
    from asbuilt.designed.firmware import actions, telling
    from asbuilt.doors.cli.firmware_keys import add_signatures

    of = {"product": product, "role": role, "version": version}
    document = given or telling.statement_bytes(actor, product, role, version)
    made = actions.sign_release(actor, **of, document=add_signatures(document, signers))
    _said(telling.told(made), format, f"{made.name} has {len(made.signatures)} signatures.")


@app.command()
def release(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    role: Annotated[str, ROLE] = "app",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Release a signed draft: from now on it may be permitted. Where one holder signed it, with a token: two people stand behind it."""
    actor = open_record_as(token)
    from asbuilt.answers.gate import releasing
    from asbuilt.answers.gate.unrecorded import release_gaps
    from asbuilt.designed.firmware import telling

    made = releasing.release(actor, product=product, role=role, version=version)
    _said(telling.told(made), format, f"{made.name} is released.")
    if format is Format.table:
        for gap in release_gaps(actor, product, role, version):
            say(gap.words)


@app.command()
def withdraw(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    reason: Annotated[str, typer.Option(help="Why.")],
    role: Annotated[str, ROLE] = "app",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Withdraw a release for good: it cannot be permitted any more."""
    actor = open_record()
    from asbuilt.designed.firmware import actions, telling

    made = actions.withdraw_release(actor, product=product, role=role, version=version, reason=reason)
    said = telling.told(made)
    _said(said, format, f"{made.name} is withdrawn. Which units run it: asbuilt ask '{said['question']}'")


@app.command("list")
def list_releases(
    product: Annotated[str | None, typer.Argument(help="Only this product.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Drafts, releases and withdrawn releases, the newest first."""
    actor = open_record()
    from asbuilt.designed.firmware.telling import releases_seen

    found = releases_seen(actor, product)
    if format is Format.json:
        print_json({"releases": found})
        return
    print_table(COLUMNS, [[one[name] for name in COLUMNS] for one in found])


@app.command()
def matrix(
    product: Annotated[str | None, typer.Argument(help="Only this product.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only what is wrong; exit 4 where something is.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV on standard output.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Which versions are for which hardware revisions, and what is wrong with that."""
    actor = open_record()
    from asbuilt.designed.firmware import matrix as reads
    from asbuilt.designed.firmware.telling import line_told

    faults = [vars(fault) for fault in reads.faults(actor, product)]
    found = [line_told(line) for line in reads.lines(actor, product)]
    if format is Format.json:
        print_json({"faults": faults} if check else {"lines": found, "faults": faults})
    elif as_csv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(MATRIX)
        # a spreadsheet would run a cell that begins so
        out.writerows([_escaped(_cell(line[name])) for name in MATRIX] for line in found)
    else:
        if not check:
            print_table(MATRIX, [[line[name] for name in MATRIX] for line in found])
        print_table(("what", "sentence"), [(fault["code"], fault["what"]) for fault in faults])
    if check and faults:
        raise typer.Exit(4)


@app.command()
def compare(
    product: Annotated[str, PRODUCT],
    first: Annotated[str, VERSION],
    second: Annotated[str, typer.Argument(help="Another version.")],
    role: Annotated[str, ROLE] = "app",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What changed between two releases: change logs, security flag, hardware revisions."""
    actor = open_record()
    from asbuilt.designed.firmware import matrix as reads
    from asbuilt.designed.firmware.telling import compared_told

    said = compared_told(reads.compared(actor, product=product, role=role, first=first, second=second))
    if format is Format.json:
        print_json(said)
        return
    say(
        f"From {said['older']} to {said['newer']}: "
        + ("a security update." if said["security_relevant"] else "no security update.")
    )
    rows = [
        (one["version"], one["security_relevant"], line)
        for one in said["changes"]
        for line in one["change_log"].split("\n")
    ]
    print_table(("version", "security", "change"), rows)


@app.command()
def seal(
    product: Annotated[str, PRODUCT],
    version: Annotated[str, VERSION],
    out: Annotated[Path, typer.Argument(help="File for the sealed image.")],
    station_key: Annotated[Path, typer.Option(help="The station's public key (PEM, X25519 or P-256).")],
    role: Annotated[str, ROLE] = "app",
) -> None:
    """Write an image sealed for a station's key: it opens it in memory, nobody else does."""
    pem = read_file(station_key).decode("utf-8", "replace")
    actor = open_record()
    from asbuilt.designed.firmware.transfer import sealed_image
    from asbuilt.kernel.keys import public_from_pem

    recipient = public_from_pem(pem, sealing=True)
    write_file(out, sealed_image(actor, product=product, role=role, version=version, recipient=recipient))
    say(f"{out} is sealed for key {recipient.key_id}.")


def _said(said: dict, format: Format, sentence: str) -> None:
    if format is Format.json:
        print_json(said)
    else:
        say(sentence)
        print_table(
            ("what", "value"), [(name, str(value)) for name, value in said.items() if value not in (None, "", [])]
        )


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _escaped(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
