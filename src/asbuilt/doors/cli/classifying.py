"""`asbuilt classify`: class and conformity routes of a product by its core functions; nothing is stored and no record is needed."""

from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format, print_json, print_table, say


def classify(
    function: Annotated[
        list[str],
        typer.Option(help="Keys of core functions, with commas or several times; default: no listed function."),
    ],
    on: Annotated[str, typer.Option(help="On which day, such as 2027-12-11.")],
    foss: Annotated[
        bool, typer.Option("--foss", help="Open source, its technical documentation public when placed on the market.")
    ] = False,
    standards: Annotated[
        str, typer.Option(help="Harmonised standards, specifications or schemes applied: full, part or none.")
    ] = "none",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Class of a product and its conformity routes on a day: allowed by the law, available in fact."""
    from asbuilt.answers.compliance.judging.classes import classify as classified

    keys = [key for said in function for key in said.split(",")]
    found = classified(functions=keys, foss=foss, standards=standards, on=on)
    if format is Format.json:
        print_json(found)
        return
    print_table(("route", "allowed", "available"), [list(one.values()) for one in found["routes"]], found["class"])
    for source in found["sources"]:
        say(source)
    say(f"Rules {found['rule_set']}.")
