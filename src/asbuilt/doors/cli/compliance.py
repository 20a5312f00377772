"""`asbuilt compliance`: what products are in the sense of the law, support periods, clocks, the retention report of a year."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.filing import read_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
PRODUCT = typer.Argument(help="Code of the product.")
WHY = typer.Option(help="Why; it stands for good.")
YEARS = typer.Option(help="For how many years it is expected to be used.")


@app.command("list")
def list_products(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Products with class, scope and routes; what newer rules change."""
    actor = open_record()
    from asbuilt.answers.compliance.judging.seen import products_told

    found = products_told(actor)
    if format is Format.json:
        print_json({"products": found})
        return
    rows = [
        (
            one["product"],
            one["scope"],
            one["class"],
            _routes(one["routes"]),
            one["rule_set"],
            _changed(one["difference"]),
        )
        for one in found
    ]
    print_table(("product", "scope", "class", "routes", "rule set", "today differs"), rows)


@app.command()
def changes(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Products whose result is another one under today's rules; the judgements themselves stay."""
    actor = open_record()
    from asbuilt.answers.compliance.judging.seen import changes_told

    found = changes_told(actor)
    if format is Format.json:
        print_json({"changes": found})
        return
    print_table(
        ("product", "judged under", "now", "differs"),
        [(one["product"], one["rule_set"], one["now"], _changed(one)) for one in found],
    )
    if not found:
        say("No result is another one today.")


@app.command()
def rules(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Keys of functions, exclusions, facts about parties and requirements in force; duties of other operators; fines."""
    actor = open_record()
    from asbuilt.answers.compliance.judging.seen import rules_told

    found = rules_told(actor)
    if format is Format.json:
        print_json(found)
        return
    print_table(("from", "what"), [(one["on"], one["name"]) for one in found["dates"]], "dates")
    for part in ("functions", "edges", "facts", "requirements"):
        print_table(("key", "name"), [(one["key"], one["name"]) for one in found[part]], part)
    operators = found["operators"]
    print_table(
        ("role", "duty", "asks"), [(one["role"], one["duty"], one["asks"]) for one in operators["duties"]], "duties of others than the manufacturer"
    )  # fmt: skip
    fines = [(one["penalty"], one["law"], one["of"], one["eur_max"] or "", one["turnover_percent_max"] or "") for one in operators["penalties"]]  # fmt: skip
    print_table(("key", "law", "of", "EUR", "% of turnover"), fines, f"fines from {operators['applies_from']} on")
    say(f"{operators['penalties_note']} {operators['applies_source']}.")
    say(f"Rules {found['rule_set']}.")


@app.command()
def judge(
    product: Annotated[str, PRODUCT],
    digital_elements: Annotated[str, typer.Option(help="yes or no; empty leaves it open.")] = "",
    connection: Annotated[str, typer.Option(help="direct, indirect or none; empty leaves it open.")] = "",
    market: Annotated[str, typer.Option(help="On the EU market in a commercial activity: yes or no.")] = "",
    function: Annotated[list[str] | None, typer.Option(help="Key of a core function; several times.")] = None,
    because: Annotated[
        list[str] | None,
        typer.Option(help="Evidence of an exclusion or allowance: KEY.FIELD=TEXT, such as x-own-use.used_at=line 2."),
    ] = None,
    foss: Annotated[bool, typer.Option("--foss", help="Open source with public technical documentation.")] = False,
    standard: Annotated[
        list[str] | None,
        typer.Option(help="REFERENCE=full or REFERENCE=part, with :I.2.a,I.2.b for some requirements."),
    ] = None,
    on: Annotated[str, typer.Option(help="For which day; empty: today.")] = "",
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Judge scope and class of a product."""
    actor = open_record()
    from asbuilt.answers.compliance.judging.actions import judge as judged
    from asbuilt.answers.compliance.judging.decision import Answers

    answers = Answers(
        digital_elements, connection, market, _edges(because or ()), tuple(function or ()), foss, [_standard(one) for one in standard or ()]
    )  # fmt: skip
    judged(actor, product=product, answers=answers, on=on, why=why)
    _show(actor, product, format)


@app.command()
def role(
    product: Annotated[str, PRODUCT],
    party: Annotated[str, typer.Argument(help="Code or name of the party.")],
    fact: Annotated[
        list[str] | None, typer.Option(help="What it does, such as makes or own_name; several times.")
    ] = None,
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Judge the role of a party towards a product by what it does."""
    actor = open_record()
    from asbuilt.answers.compliance.judging.actions import judge_role

    judge_role(actor, product=product, party=party, facts=fact or (), why=why)
    _show(actor, product, format)


@app.command()
def show(product: Annotated[str, PRODUCT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """A product's judgement, roles and gaps."""
    _show(open_record(), product, format)


@app.command()
def support(
    product: Annotated[str, PRODUCT],
    start: Annotated[str, typer.Option(help="First day of a new period, such as 2028-01-15.")] = "",
    end: Annotated[str, typer.Option(help="Its last day.")] = "",
    years: Annotated[int | None, YEARS] = None,
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Support and clocks of a product; with --start and --end a period is set first."""
    actor = open_record()
    from asbuilt.answers.compliance.keeping.actions import set_support
    from asbuilt.answers.compliance.keeping.seen import support_told

    if start or end:
        set_support(actor, product=product, start_on=start, end_on=end, expected_years=years, why=why)
    found = support_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    periods = [
        (one["start_on"], one["end_on"], one["expected_years"] or "", one["set_on"], one["why"])
        for one in found["periods"]
    ]
    print_table(("from", "until", "years of use", "set on", "why"), periods, "support periods")
    if terms := found["terms"]:
        columns = ("free", "until_on", "file", "manufacturer", "said_on", "by", "why")
        print_table(columns, [[terms[name] for name in columns]], "security updates")
    columns = ("placed_on", "units", "regime", "modified_on", "eco", "support_end_on", "short")
    print_table(columns, [[one[name] for name in columns] for one in found["by_day"]])
    if found["documents"]:
        say(f"Papers are kept until {found['documents']['until']}: {found['documents']['source']}.")
    for one in found["updates"]:
        say(f"{one['release']} stays available until {one['until']}.")
    say_gaps(found["gaps"])


@app.command("update-terms")
def update_terms(
    product: Annotated[str, PRODUCT],
    free: Annotated[str, typer.Option(help="yes, agreed (tailor-made, with a business user) or no.")],
    file: Annotated[Path, typer.Option(help="The paper that shows it, such as the terms that users get.")],
    why: Annotated[str, WHY],
    until: Annotated[str, typer.Option(help="Until when, such as 2035-12-31; of no left out.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """Whether security updates are free of charge, and until when; with a token, as the system account is no person."""
    content, name = read_file(file)
    actor = open_record_as(token)
    from asbuilt.answers.compliance.keeping.terms import state_update_terms

    entry = state_update_terms(actor, product=product, free=free, until_on=until, why=why, content=content, name=name)
    say(f"Recorded, entry {entry}.")


@app.command()
def unit(
    serial: Annotated[str, typer.Argument(help="Serial number, or ORDER#17.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """When a unit was placed on the market, under which law, until when it is supported."""
    actor = open_record()
    from asbuilt.answers.compliance.keeping.seen import unit_clocks

    found = unit_clocks(actor, serial)
    if format is Format.json:
        print_json(found)
        return
    columns = ("serial", "product", "placed_on", "regime", "modified_on", "eco", "support_end_on")
    print_table(columns, [[found.get(name) for name in columns]])


@app.command()
def retention(
    year: Annotated[int, typer.Option(help="Which year.")], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """The retention report of a year: clocks, supplies, what was erased, what ends."""
    actor = open_record()
    from asbuilt.answers.compliance.keeping.report import retention_report

    found = retention_report(actor, year)
    if format is Format.json:
        print_json(found)
        return
    for part, columns in (
        (
            "products",
            ("product", "placed", "placed_in_year", "first_on", "last_on", "support_end_on", "documents_until"),
        ),
        ("updates", ("product", "release", "issued_on", "until")),
        ("supplies", ("way", "party", "count", "last_on", "until")),
        ("erased", ("entry", "what", "rule", "on")),
        ("ending", ("clock", "of", "on")),
    ):
        print_table(columns, [[one[name] for name in columns] for one in found[part]], part)
    say_gaps(found["gaps"])


def _show(actor, product: str, format: Format) -> None:
    from asbuilt.answers.compliance.judging.seen import judgement_told

    found = judgement_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    one = found["judgement"]
    if one:
        say(f"{product}: scope {one['scope']}, class {one['class'] or '-'}, rules {one['rule_set']}, for {one['on']}.")
        say_gaps([*one["rests_on"], *([one["why"]] if one["why"] else [])])
        columns = ("route", "allowed", "available")
        print_table(columns, [[each[name] for name in columns] for each in one["routes"]])
        if one["requirements"].get("open_routes"):
            say(f"{', '.join(one['requirements']['open'])}: {' or '.join(one['requirements']['open_routes'])}.")
    print_table(("party", "role", "source"), [(each["party"], each["role"], each["source"]) for each in found["roles"]])
    asked = [(each["party"], one["duty"], one["asks"]) for each in found["roles"] for one in each["duties"]]
    if asked:
        print_table(("party", "duty", "asks"), asked, "duties of these roles")
    if found["changed"]:
        say(f"Under {found['changed']['now']} it differs: {_changed(found['changed'])}.")
    say_gaps(found["gaps"])


def say_gaps(gaps: Sequence[str]) -> None:
    """What is missing, a line each."""
    for gap in gaps:
        say(gap)


def _routes(routes: Sequence[dict]) -> str:
    """Routes that the law allows; those that cannot be had yet in brackets."""
    return " ".join(one["route"] if one["available"] else f"({one['route']})" for one in routes if one["allowed"])


def _changed(difference: dict | None) -> str:
    return ", ".join(difference["changed"]) if difference else ""


def _edges(said: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in said:
        name, there, words = one.partition("=")
        key, dot, field = name.partition(".")
        if not there or not dot:
            reason = f"because: {one[:60]!a} names no field."
            raise Invalid("cli.because", reason, {"field": "because"}, "Write it as KEY.FIELD=TEXT.")
        found.setdefault(key, {})[field] = words
    return found


def _standard(said: str) -> dict:
    reference, _, rest = said.rpartition("=")
    extent, _, keys = rest.partition(":")
    return {"reference": reference, "extent": extent, "requirements": [key for key in keys.split(",") if key]}
