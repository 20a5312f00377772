"""`asbuilt csaf`: CSAF documents: check one, write one from a description."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format, print_json, say
from asbuilt.doors.cli.signing import read_file
from asbuilt.formats.csaf.limits import BYTES_MAX
from asbuilt.kernel.errors import Invalid, RowError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The CSAF document: 2.0; with ASBUILT_CSAF=2.1 also that draft.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Whether it is a valid CSAF 2.0 document, by the schema and every mandatory test: exit 0, or 2 with the numbers of the tests that
    fail and their places. Stores nothing and needs no record."""
    content = read_file(file, BYTES_MAX)
    from asbuilt.answers.cases.publishing.csaf_version import takes_draft
    from asbuilt.formats.csaf.checking import REMEDY
    from asbuilt.formats.csaf.checking import check as checked

    try:
        report = checked(content, draft=takes_draft())
    except Invalid as refusal:
        refusal.done = {"valid": False, "failed": ["schema"], "findings": [], "findings_total": 0}
        raise
    if not report.valid:
        first = report.findings[0]
        said = f"{file.name} is no valid CSAF {report.csaf_version} document: {', '.join(report.failed)}."
        rows = [
            RowError("csaf.not_valid", file.name, None, f"{one.test} {one.place or '/'}", "", one.sentence)
            for one in report.findings
        ]
        refusal = Invalid(
            "csaf.not_valid", said, {"place": first.place, "test": first.test}, REMEDY, rows=rows, total=report.total
        )
        refusal.done = report.as_dict()
        raise refusal
    if format is Format.json:
        print_json(report.as_dict())
        return
    said = report.as_dict()
    say(
        f"{file} is a valid CSAF {said['csaf_version']} document: {said['tracking_id']} {said['version']}, {said['tests_run']} tests."
    )


@app.command()
def draft(
    description: Annotated[
        Path, typer.Argument(help="The description, JSON: docs/work/advisories.md shows its fields.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder to write into; - writes to standard output.")] = Path(
        "."
    ),
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write an advisory, VEX or informational document from a description. It passes its own check before it is written."""
    import sys

    from asbuilt.answers.cases.publishing.csaf_version import csaf_version
    from asbuilt.formats.csaf import writing
    from asbuilt.formats.csaf.description import read_description

    advisory = read_description(read_file(description, BYTES_MAX))
    content = writing.write(advisory, csaf_version())
    if str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    place = out / writing.file_name(advisory.identity)
    place.write_bytes(content)
    if format is Format.json:
        print_json({"file": str(place), "tracking_id": advisory.identity, "bytes": len(content), "valid": True})
        return
    say(f"{place}: {len(content):,} bytes, a valid CSAF {csaf_version()} document.")


@app.command()
def export(
    documents: Annotated[
        Path,
        typer.Argument(help="The folder of CSAF documents (*.json) to publish; with --published, the folder to write."),
    ],
    folder: Annotated[
        Path | None, typer.Argument(help="The folder that a web server shows under /.well-known/csaf/.")
    ] = None,
    base: Annotated[str, typer.Option(help="Its address, such as https://brand.example/.well-known/csaf.")] = "",
    key: Annotated[
        Path | None, typer.Option(help="File of the OpenPGP secret key that signs, readable by its owner alone.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="What the record published, with the signatures of then.")
    ] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write a provider's public folder: documents by year, hashes, signatures, index, changes, feed, metadata. Only final and interim
    documents of TLP:WHITE are public; the others are named. Nothing is written where one document is not valid."""
    if published:
        _refuse_mixed(folder, key)
        files, left_out, fingerprint = _of_record(base.rstrip("/"))
        folder = documents
    else:
        if folder is None or key is None or not base:
            said = "Give the folder to write, --base and --key, or --published."
            raise Invalid("csaf.export_incomplete", said, {}, "`asbuilt csaf export --help` shows them.")
        files, left_out, fingerprint = _of_folder(documents, base.rstrip("/"), key)
    for path, content in files.items():  # the metadata last: until then readers see the folder before
        _replace(folder / path, content)
    if format is Format.json:
        listed = [{"file": name, "reason": why} for name, why in left_out]
        print_json({"folder": str(folder), "files": list(files), "left_out": listed, "fingerprint": fingerprint})
        return
    say(f"{folder}: {len(files)} files, signed by {fingerprint}.")
    for name, why in left_out:
        say(f"Not public: {name}, {why}.")


def _refuse_mixed(folder: Path | None, key: Path | None) -> None:
    if folder is not None or key is not None:
        said = "--published takes one folder and no key: what was signed stays as it was."
        raise Invalid("csaf.export_incomplete", said, {}, "Leave the others out.")


def _of_folder(documents: Path, base: str, key: Path):
    from asbuilt.answers.cases.publishing.csaf_version import takes_draft
    from asbuilt.formats.csaf.provider import Place, provider_tree
    from asbuilt.tokens.openpgp import OpenPgpKey

    signing = OpenPgpKey.read(key)
    given = ((path.name, read_file(path, BYTES_MAX)) for path in sorted(documents.glob("*.json")))
    place = Place(base, signing.fingerprint, signing.public)
    return *provider_tree(given, place, signing.sign, draft=takes_draft()), signing.fingerprint


def _of_record(base: str):
    from asbuilt.doors.cli.opening import open_record

    actor = open_record()
    from asbuilt.answers.cases.publishing.hosts import csaf_base
    from asbuilt.answers.cases.publishing.public import provider_files
    from asbuilt.answers.cases.publishing.seen import publisher_seen

    files, left_out = provider_files(actor.tenant, base or csaf_base(actor.tenant))
    return files, left_out, publisher_seen(actor)["keys"][0]


def _replace(path: Path, content: bytes) -> None:
    """The whole file or the one before, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)
