"""`asbuilt evidence`: how good the record of a unit, an order or a product is, against what is demanded."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import load_shapes, open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.errors import Invalid

KINDS = ("unit", "order", "product")


def evidence(
    code: Annotated[str, typer.Argument(help="A unit by any of its names, a work order, or a product.")],
    kind: Annotated[str, typer.Option(help="unit, order or product, where the code is several.")] = "",
    as_of: Annotated[str | None, typer.Option(help="As it was recorded by this day or instant.")] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """How good the record is: levels after IPC-1782 against what is demanded, the gaps, and what is in doubt."""
    if kind not in ("", *KINDS):
        said = f"There is no kind {kind}."
        raise Invalid("cli.kind_unknown", said, {"kind": kind}, f"It is one of {', '.join(KINDS)}.")
    actor = open_record()
    load_shapes()
    from asbuilt.questions.evidence.record import record_of

    found = record_of(actor, code, kind=kind, as_of=as_of).as_dict()
    if format is Format.json:
        print_json(found)
        return
    columns = ("product", "revision", "record", "demanded", "reached by all", "units", "short", "by level")
    print_table(columns, [_row(one, side) for one in found["of"] for side in ("material", "process")])
    print_table(("order", "units", "material", "process"), [tuple(one.values()) for one in found["orders"]])
    print_table(("gap", "allows", "short"), [(one["text"], one["allows"], one["short"]) for one in found["gaps"]])
    print_table(("in doubt",), [(text,) for text in found["doubts"] or ()])
    for more, what in ((found["gaps_more"], "gaps"), (found["orders_more"], "older orders")):
        if more:
            say(f"And {tell_number(more)} more {what}.")
    say(f"Levels by {found['rule_set']}: evidence and gaps, no statement of conformity.")


def _row(one: dict, side: str) -> tuple:
    said = one[side]
    levels = " ".join(f"{level} {tell_number(count)}" for level, count in said["units"].items() if count)
    return (
        one["product"], one["revision"], side, said["demanded"] or "not demanded", said["reached"] or "no unit", one["units"],
        said["short"], levels,
    )  # fmt: skip
