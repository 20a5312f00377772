"""`asbuilt sbom`: SBOMs of releases, hardware revisions and parts: add, show, check, export."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.boms import print_quality
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signed_boms import opened
from asbuilt.doors.cli.signing import read_file
from asbuilt.formats.sbom.limits import BYTES_MAX

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
LISTED = ("ulid", "of", "bound_by", "place", "format", "spec_version", "components", "added_at")
BOUND_BY = {"name": "the release", "image": "its SHA-256", "document": "the document's own hash"}
COMPONENTS = ("place", "parent", "kind", "name", "version", "purl", "licences")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="The SBOM as its maker wrote it.")],
    product: Annotated[str, typer.Option(help="Product, of a release or a hardware revision.")] = "",
    version: Annotated[str, typer.Option(help="Firmware version.")] = "",
    role: Annotated[str, typer.Option(help="Image role: boot, app, radio, factory; app where none is given.")] = "",
    image: Annotated[
        str, typer.Option(help="SHA-256 of the image: names the release that has it, alone or beside its name.")
    ] = "",
    revision: Annotated[str, typer.Option(help="Hardware revision.")] = "",
    part: Annotated[str, typer.Option(help="Purchased part, such as a module.")] = "",
    lot: Annotated[str, typer.Option(help="Lot code of that part, where the SBOM is of one lot.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Add an SBOM. It supersedes the one before of the same release, revision or part; the bytes are kept as they are.

    Where nothing is named, the SHA-256 of the document's main component names the release.
    """
    content = read_file(file, BYTES_MAX)
    actor = open_record()
    from asbuilt.designed.components import actions, bindings, telling

    binding = bindings.Binding(product, role, version, revision, part, lot)
    made = actions.add_sbom(actor, binding=binding, image=image, content=content, file_name=file.name)
    said = telling.told(made, current=True)
    if format is Format.json:
        print_json(said)
        return
    print_table(LISTED, [[said[name] for name in LISTED]])
    _doubts(said)
    if made.image:
        say(f"Of the image {made.image[:16]}…, named by {BOUND_BY[made.bound_by]}.")
    say(f"{made.binding.name} has SBOM {made.place}: {made.components} components.")


@app.command()
def show(
    sbom: Annotated[
        str | None, typer.Argument(help="ULID of an SBOM, or its beginning; without one: which there are.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The SBOMs in force, or one of them with its components."""
    actor = open_record()
    from asbuilt.designed.components import telling

    if sbom is None:
        found = telling.sboms_seen(actor)
        if format is Format.json:
            print_json({"sboms": found})
        else:
            print_table(LISTED, [[one[name] for name in LISTED] for one in found])
        return
    said = telling.sbom_seen(actor, sbom)
    if format is Format.json:
        print_json(said)
        return
    print_table(LISTED, [[said[name] for name in LISTED]])
    print_table(COMPONENTS, [[_cell(one[name]) for name in COMPONENTS] for one in said["listed"]])
    _doubts(said)


@app.command()
def diff(
    sbom: Annotated[str, typer.Argument(help="ULID of the later SBOM, or its beginning.")],
    before: Annotated[
        str,
        typer.Option(help="The earlier one; where none is named the one before of the same release, revision or part."),
    ] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What changed between two SBOMs: what came, what went, what is another version or described otherwise."""
    actor = open_record()
    from asbuilt.designed.components import telling

    said = telling.difference_seen(actor, sbom, before)
    if format is Format.json:
        print_json(said)
        return
    rows = [("added", one["name"], "", one["version"], "") for one in said["added"]]
    rows += [("removed", one["name"], one["version"], "", "") for one in said["removed"]]
    for one in said["changed"]:
        rows.append(("changed", one["name"], one["before"]["version"], one["after"]["version"], ", ".join(one["what"])))
    print_table(("what", "component", "before", "after", "differs"), rows)
    say(f"{said['same']} components are the same.")


@app.command()
def gaps(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Releases and hardware revisions without an SBOM, or with one that is older than their BOM."""
    actor = open_record()
    from asbuilt.designed.components import telling

    found = telling.gaps_seen(actor)
    if format is Format.json:
        print_json({"gaps": found})
        return
    print_table(("gap", "of", "bom_version"), [(one["gap"], one["of"], one["bom_version"]) for one in found])


@app.command()
def find(
    name: Annotated[str, typer.Argument(help="Name of a component, such as mbedtls.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Where a component is used: in which versions, in which releases, hardware revisions and parts."""
    actor = open_record()
    from asbuilt.designed.components import telling

    said = telling.where_used(actor, name)
    if format is Format.json:
        print_json(said)
        return
    rows = [
        (one["name"], one["version"], place["of"], place["sbom"])
        for one in said["components"]
        for place in one["places"]
    ]
    print_table(("component", "version", "of", "sbom"), rows)
    if not rows:
        say(f"No current SBOM lists a component called {name}.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The SBOM.")],
    profile: Annotated[
        str,
        typer.Option(help="Hold it against: bsi-tr-03183-2-2.1.0, cisa-2026, ntia-2021, cra-minimum; changes no exit."),
    ] = "",
    key: Annotated[
        Path | None, typer.Option(help="Of a signed BOM: the public.keys of who signed; else those in ASBUILT_KEYS.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Whether the file would be taken in: exit 0, or 2 with the place; a signed BOM of Asbuilt is opened first. Needs no record."""
    content, signature = opened(read_file(file, BYTES_MAX), key)
    import time

    from asbuilt.designed.components.checking import document_told
    from asbuilt.formats.sbom.quality import evaluate, profile_named
    from asbuilt.formats.sbom.read import read_sbom

    if profile:
        profile_named(profile)
    document = read_sbom(content)
    said = document_told(document, time.time_ns() // 1_000)
    quality = evaluate(document, profile) if profile else None
    if quality:
        said["quality"] = quality.as_dict()
    if signature:
        said["signature"] = signature
    if format is Format.json:
        print_json(said)
        return
    if signature:
        _signature(signature)
    columns = ("format", "spec_version", "serialisation", "components", "dependencies", "vulnerabilities")
    print_table(columns, [[said[name] for name in columns]])
    _doubts(said)
    if quality:
        print_quality(quality)


@app.command()
def export(
    product: Annotated[str, typer.Argument(help="Code of the product.")],
    version: Annotated[str, typer.Argument(help="Version of the firmware release.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; - is standard output.")],
    role: Annotated[str, typer.Option(help="Image role: boot, app, radio, factory.")] = "app",
    form: Annotated[
        str, typer.Option(help="cyclonedx-1.6, cyclonedx-1.7, cyclonedx-1.6-xml or spdx-3.0.1.")
    ] = "cyclonedx-1.6",
    signed: Annotated[
        bool, typer.Option("--signed", help="With signature and the log's proof, as `asbuilt verify` checks it.")
    ] = False,
) -> None:
    """Write the SBOM of a release in a form of ours; the kept file itself is given by `evidence`."""
    actor = open_record()
    from asbuilt.questions.boms.release import release_sbom

    found = release_sbom(actor, product=product, role=role, version=version, form=form, signed=signed)
    if str(out) == "-":
        sys.stdout.buffer.write(found.content)
        return
    out.write_bytes(found.content)
    say(f"{out}: {len(found.content):,} bytes, {found.media_type}.")


def _signature(found: dict) -> None:
    if not found["checked"]:
        say("A signed BOM. Its signature was not checked, for there is no public key here: give --key FILE.")
        return
    head = found["checkpoint"]
    say(f"A signed BOM that holds: {head['size']:,} entries of {head['origin']}.")
    print(found["proves"])
    print(found["cannot_prove"])


def _doubts(said: dict) -> None:
    print_table(("place", "doubt"), [(one["place"], one["what"]) for one in said["doubts"]])


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
