"""`asbuilt sbom built-with` and `builds`: with what a firmware release was built, as evidence for VEX decisions."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import read_file
from asbuilt.formats.build_configurations import BYTES_MAX
from asbuilt.kernel.plain import plain

FORMAT = typer.Option(help="How to print.")
SHOWN = ("kind", "project", "name", "sha256", "happened_at", "counts")


def built_with(
    file: Annotated[Path, typer.Argument(help="A .config, compile_commands.json, a linker map or a list of files.")],
    product: Annotated[str, typer.Option(help="Product.")],
    version: Annotated[str, typer.Option(help="Firmware version.")],
    role: Annotated[str, typer.Option(help="Image role: boot, app, radio, factory; app where none is given.")] = "",
    kind: Annotated[str, typer.Option(help="kconfig, compiled or excluded, where the file does not say it.")] = "",
    project: Annotated[
        str, typer.Option(help="Whose tree it is of: zephyr, linux, u-boot, …, where the file does not say it.")
    ] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say with what a release was built. What is not in the build is proposed for VEX decisions, never assumed."""
    content = read_file(file, BYTES_MAX)
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.building import add_build_configuration

    made = add_build_configuration(
        actor, product=product, version=version, role=role, kind=kind, project=project, content=content, name=file.name
    )
    if format is Format.json:
        print_json({**plain(made), "name": made.name})
        return
    of = f" of {made.project}" if made.project else ""
    say(f"{product} {version} has a build configuration: {made.kind}{of}, {made.name}, entry {made.entry}.")


def builds(
    product: Annotated[str, typer.Option(help="Product.")],
    version: Annotated[str, typer.Option(help="Firmware version.")],
    role: Annotated[str, typer.Option(help="Image role; app where none is given.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The build configurations of a release, the newest first."""
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.builds import builds_seen

    found = [
        {**plain(one), "name": one.name} for one in builds_seen(actor, product=product, version=version, role=role)
    ]
    if format is Format.json:
        print_json({"builds": found})
        return
    print_table(SHOWN, [[one[name] for name in SHOWN] for one in found])


OF_SBOM = (("built-with", built_with), ("builds", builds))
