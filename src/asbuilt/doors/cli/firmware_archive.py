"""`asbuilt firmware archive`: write it, check it, take one in, seal images anew, open an image with the recovery key, erase after the retention."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.firmware_keys import write_file
from asbuilt.doors.cli.opening import open_record, start_django
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.doors.cli.signing import read_file
from asbuilt.kernel.instants import parse_date

archives = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FOLDER = typer.Argument(help="Folder of the archive.")
FORMAT = typer.Option(help="How to print.")
RECOVERY = typer.Option("--recovery-key", help="File of the recovery key (PEM); with it images are opened too.")


@archives.command()
def write(folder: Annotated[Path, FOLDER], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Write every release into an empty folder: images encrypted, envelopes, trust store, proofs, how to check them."""
    actor = open_record()
    from asbuilt.designed.firmware.archive import write_archive

    index = write_archive(actor, folder)
    if format is Format.json:
        print_json(index)
        return
    say(f"{folder} holds {tell_number(len(index['releases']))} releases in {tell_number(len(index['files']))} files.")
    print_table(
        ("release", "released at", "keep until"),
        [(one["name"], one["released_at"], one["keep_until"]) for one in index["releases"]],
    )


@archives.command()
def verify(
    folder: Annotated[Path | None, typer.Argument(help="Folder of an archive; without it the register itself.")] = None,
    at: Annotated[
        str, typer.Option("--at", help="As known at the end of this day, such as 2031-05-01; else now.")
    ] = "",
    pin: Annotated[str, typer.Option(help="SHA-256 of version 1 of the trust store, from another way.")] = "",
    recovery_key: Annotated[Path | None, RECOVERY] = None,
    log_key: Annotated[
        list[str] | None,
        typer.Option(help="A key of its log, from another way: a line `NAME+ID+KEY` of `asbuilt ledger keys`."),
    ] = None,
    record_key: Annotated[
        list[str] | None,
        typer.Option(help="The key that signed its index, from another way: base64, as keys.txt writes it."),
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Check that what was released is what is there. A folder needs no record. Exit 7 where something differs."""
    day = _day(at)
    recovery = _recovery(recovery_key)
    if folder is None:
        actor = open_record()
        from asbuilt.designed.firmware.archive import verify_register

        found = verify_register(actor, at=day)
    else:
        start_django()
        from asbuilt.designed.firmware.archive import verify_folder

        found = verify_folder(
            folder, pin=pin, at=day, recovery=recovery, log_keys=log_key or (), record_keys=record_key or ()
        )
    if format is Format.json:
        print_json(
            {**vars(found), "findings": [vars(finding) for finding in found.findings], "holds": not found.findings}
        )
    else:
        say(
            f"{tell_number(found.releases)} releases, {tell_number(found.signatures)} signatures, "
            f"{tell_number(found.images)} images opened: {'all hold.' if not found.findings else 'not all hold.'}"
        )
        for text in found.not_checked:
            say(f"Not checked: {text}")
        print_table(("of", "code", "what"), [(one.of, one.code, one.what) for one in found.findings])
    if found.findings:
        raise typer.Exit(7)


@archives.command("import")
def import_folder(
    folder: Annotated[Path, FOLDER],
    recovery_key: Annotated[Path, RECOVERY],
    pin: Annotated[
        str,
        typer.Option(help="SHA-256 of version 1 of its trust store, from another way; needed where none is set here."),
    ] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take an archive of another home into this one, once it is checked. Twice is once; what differs is refused by name."""
    recovery = _recovery(recovery_key)
    actor = open_record()
    from asbuilt.designed.firmware.archive_import import import_archive

    taken = import_archive(actor, folder, recovery=recovery, pin=pin)
    if format is Format.json:
        print_json(vars(taken))
        return
    say(
        f"Taken from {taken.origin}: {tell_number(taken.releases)} releases, {tell_number(taken.images)} images, "
        f"{tell_number(taken.trust_versions)} versions of the trust store; {tell_number(taken.known)} releases were here."
    )
    for text in taken.left:
        say(f"Not taken: {text}")


@archives.command()
def reseal(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Seal every kept image for the recovery keys that the trust store names now."""
    actor = open_record()
    from asbuilt.designed.firmware.recovery import reseal_images

    done = reseal_images(actor)
    if format is Format.json:
        print_json(vars(done))
        return
    say(
        f"{tell_number(done.sealed)} images are sealed anew, {tell_number(done.known)} were sealed so. "
        f"They open with {', '.join(done.keys)}."
    )


@archives.command("open")
def open_image(
    folder: Annotated[Path, FOLDER],
    sha256: Annotated[str, typer.Argument(help="SHA-256 of the image.")],
    out: Annotated[Path, typer.Argument(help="File for the clear image.")],
    recovery_key: Annotated[Path, RECOVERY],
) -> None:
    """Open an image of an archive with the recovery key and the files alone."""
    recovery = _recovery(recovery_key)
    start_django()
    from asbuilt.designed.firmware.archive import open_archived

    write_file(out, open_archived(folder, sha256, recovery), 0o600)
    say(f"{out} is the image.")


@archives.command()
def erase(
    product: Annotated[str, typer.Argument(help="Code of the product.")],
    version: Annotated[str, typer.Argument(help="Version of the release.")],
    role: Annotated[str, typer.Option(help="Image role: boot, app, radio, factory.")] = "app",
) -> None:
    """Destroy the keys of an image for good; refused until its retention is over."""
    actor = open_record()
    from asbuilt.designed.firmware.actions import erase_image

    say(f"Erased by entry {tell_number(erase_image(actor, product=product, role=role, version=version))}.")


def _day(text: str) -> date | None:
    from asbuilt.kernel.errors import Invalid

    try:
        return parse_date(text) if text else None
    except ValueError as refusal:
        raise Invalid("cli.day_wrong", f"--at: {refusal}.", {"value": text[:40]}, "Write it as 2031-05-01.") from None


def _recovery(file: Path | None):
    from asbuilt.kernel.sealing import SealingKey

    return SealingKey.from_pem(read_file(file).decode("utf-8", "replace")) if file else None
