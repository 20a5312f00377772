"""An answer on the terminal. No option parser is needed here, so that `asbuilt ask` starts at once."""

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, printable

GRADES = ("certain", "possible", "unrecorded")
NOBODY = {
    "customer": "not shipped", "owner": "no owner", "order": "no order", "firmware": "no app image known", "state": "no state",
}  # fmt: skip


def answer(question: str, as_of: str | None = None, serials: bool = False, format: Format = Format.table) -> None:
    """Ask and print."""
    actor = open_record()
    from asbuilt.questions.genealogy.answering import answers

    found = answers.ask(actor, question, as_of=as_of, serials=serials)
    if format is Format.json:
        print_json(found.as_dict())
    else:
        print_answer(found.as_dict(), found.readback)


def answer_customers(question: str, as_of: str | None = None, format: Format = Format.table) -> None:
    """Ask who must be told, and print that alone."""
    actor = open_record()
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    found = customers(actor, question, as_of=as_of)
    if format is Format.json:
        print_json(found.as_dict())
    else:
        print_answer(found.as_dict(), found.readback)
        if found.gaps:
            counted = f"{found.gaps:,} gaps" if found.gaps > 1 else "1 gap"
            print(f"{counted}: the whole answer, asked without --only, says what and where")


def print_answer(said: dict, readback: str) -> None:
    """The three numbers first, then who has the units, then what the record does not know."""
    when = f" As recorded by {said['as_of']}." if said["as_of"] else ""
    print(printable(f"{readback}{when}\n"))
    print_table(("", *GRADES), [(what, *(said[what][grade] for grade in GRADES)) for what in ("affected", "finished")])
    for key, rows in said["by"].items():
        shown = [(NOBODY[key] if row[key] is None else row[key], *(row[grade] for grade in GRADES)) for row in rows]
        print_table((key, *GRADES), shown)
    if "serials" in said:
        print_table(("serial number", "certainty"), [(row["serial"], row["certainty"]) for row in said["serials"]])
    for title, lines in (("gaps", said.get("gaps", ())), ("notes", said["notes"])):
        print_table((title,), [(line,) for line in lines])
    head = said["checkpoint"]
    print(f"log of {head['size']:,} entries, root {head['root'][:16]} · {said['elapsed_ms']:,.1f} ms")
