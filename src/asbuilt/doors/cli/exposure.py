"""`asbuilt exposure`, and of `asbuilt vuln`: open, changes, decide, decisions, proposals, report, vex, watch: vulnerabilities and our units."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.answering import print_answer
from asbuilt.doors.cli.inspections import file_bytes
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.packages import instant
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.plain import plain

FORMAT = typer.Option(help="How to print.")
NAME = typer.Argument(help="The vulnerability, by any of its names.")
PRODUCT = typer.Option(help="Of a release or a hardware revision.")
FILE = typer.Option(help="Evidence: what it rests on.")


def exposure(
    vulnerability: Annotated[str, NAME],
    as_of: Annotated[str | None, typer.Option(help="As it was recorded by this day or instant.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """From a vulnerability to units and customers: each hop with its reason, and how far it can be trusted."""
    actor = open_record()
    from asbuilt.questions.exposure.exposure import exposure as followed

    found = followed(actor, vulnerability, as_of=as_of)
    if format is Format.json:
        print_json(found.as_dict())
        return
    score = "-" if found.score is None else f"{found.score:.1f}"
    named = f"{found.vulnerability} {found.title}".strip()
    say(f"{named}, score {score}{', exploited' if found.exploited else ''}")
    rows = [
        (one.component, one.place, one.state, one.verdict, f"{one.decision} {one.decided}".strip(), one.counts["certain"], one.counts["possible"], one.counts["unrecorded"], one.reason)
        for one in found.hops
    ]  # fmt: skip
    print_table(("component", "in", "finding", "verdict", "decision", "certain", "possible", "unrecorded", "why"), rows)
    print_table(
        ("decision", "made for", "about", "says", "closes", "lapsed because"),
        [(one.code, one.made_for or found.vulnerability, one.scope, one.status, "yes" if one.counts else "no", one.lapsed) for one in found.decisions],
    )  # fmt: skip
    print_answer(found.answer.as_dict(), found.answer.readback)
    print_table(
        ("country", "certain", "possible", "unrecorded"),
        [(one["country"], one["certain"], one["possible"], one["unrecorded"]) for one in found.countries],
    )
    say(f"Remediated: {tell_number(found.remediated)}. Taken out by decisions: {tell_number(found.taken_out)}.")
    print_table(("how far this can be trusted",), [(note,) for note in found.notes])


def opened(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What is open, what matters most first, and why."""
    actor = open_record()
    from asbuilt.questions.exposure.inbox import inbox

    found = inbox(actor)
    if format is Format.json:
        print_json(plain(found))
        return
    rows = [
        (one.vulnerability, ", ".join(one.priority.words), "-" if one.score is None else f"{one.score:.1f}", one.state, ", ".join(one.components), one.in_field, one.units, one.proposed or "", "; ".join(f"{code}: {why}" for code, why in one.lapsed))
        for one in found.listed
    ]  # fmt: skip
    print_table(
        ("vulnerability", "because", "score", "finding", "through", "in the field", "units", "proposed", "lapsed"), rows
    )
    print_table(
        ("report", "vulnerability", "component to report"),
        [(one.code, one.vulnerability, one.component) for one in found.upstream],
    )
    print_table(("how far this can be trusted",), [(note,) for note in found.notes])


def changes(
    since: Annotated[str, typer.Option(help="After this instant, with offset; empty: a day ago.")] = "",
    product: Annotated[str, typer.Option(help="Only what concerns this product.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What changed since yesterday: found, gone, exploited, decided, lapsed."""
    begin = instant(since)
    actor = open_record()
    from asbuilt.ledger import clock
    from asbuilt.questions.exposure.changes import changes_between

    now = clock.now()
    found = changes_between(
        actor, now - 86_400_000_000 if begin is None else begin, now, products=[product] if product else None
    )
    if format is Format.json:
        print_json({"changes": plain(found)})
        return
    print_table(
        ("when", "what", "vulnerability", ""),
        [(plain(one.at, "at")[:16], one.kind, one.vulnerability, one.words) for one in found],
    )


def decide(
    vulnerability: Annotated[str, NAME],
    status: Annotated[str, typer.Argument(help="not_affected, affected, fixed or under_investigation.")],
    product: Annotated[str, PRODUCT] = "",
    version: Annotated[str, typer.Option(help="The release.")] = "",
    role: Annotated[str, typer.Option(help="Its image role; empty: app.")] = "",
    revision: Annotated[str, typer.Option(help="The hardware revision.")] = "",
    part: Annotated[str, typer.Option(help="The bought part: its number, or MAKER/MPN.")] = "",
    question: Annotated[str, typer.Option(help="The units that this question means.")] = "",
    justification: Annotated[str, typer.Option(help="Of not_affected, as OpenVEX has it.")] = "",
    impact: Annotated[str, typer.Option(help="Why it is not affected.")] = "",
    action: Annotated[str, typer.Option(help="Of affected: what is done.")] = "",
    vector: Annotated[str, typer.Option(help="CVSS 3.1 or 4.0 with environmental metrics.")] = "",
    review_on: Annotated[str, typer.Option(help="The day of its review.")] = "",
    source: Annotated[str, typer.Option(help="The supplier's statement that is taken over.")] = "",
    file: Annotated[Path | None, FILE] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say what it is to a release, a hardware revision, a part or units. It lapses when its premise changes."""
    content = file_bytes(str(file)) if file else None
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide as decided

    found = decided(
        actor, vulnerability=vulnerability, scope=Scope(product, revision, role, version, part, question), status=status, justification=justification,
        impact=impact, action=action, vector=vector, review_on=review_on, source=source, name=file.name if file else "", content=content,
    )  # fmt: skip
    if format is Format.json:
        print_json(plain(found))
        return
    say(
        f"{found.code}: {found.vulnerability} is {found.status.replace('_', ' ')} for {found.scope.words}, entry {found.entry}."
    )


def proposals(vulnerability: Annotated[str, NAME], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What may be decided, and the evidence: by build configurations, SBOMs and suppliers; taken over with `decide --source`."""
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.proposing import proposals_of

    found = proposals_of(actor, vulnerability)
    if format is Format.json:
        print_json({"proposals": plain(found)})
        return
    rows = [
        (
            one.source, one.kind, one.scope.words if one.scope else "", one.status, one.justification, ", ".join(one.components),
            one.impact or one.action,
        )
        for one in found
    ]  # fmt: skip
    print_table(("source", "by", "of", "status", "justification", "components", "in words"), rows)


def report(
    vulnerability: Annotated[str, NAME],
    component: Annotated[str, typer.Argument(help="The component.")],
    event: Annotated[str, typer.Argument(help="found, reported, answered or not_reported.")],
    to: Annotated[str, typer.Option(help="To whom.")] = "",
    channel: Annotated[str, typer.Option(help="How: mail, form, tracker.")] = "",
    reference: Annotated[str, typer.Option(help="Their number or address.")] = "",
    said: Annotated[str, typer.Option(help="What they answered; why nobody was told.")] = "",
    file: Annotated[Path | None, FILE] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A step of telling the maker of a component."""
    content = file_bytes(str(file)) if file else None
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.stating import report_upstream

    found = report_upstream(
        actor, vulnerability=vulnerability, component=component, event=event, recipient=to, channel=channel, reference=reference,
        said=said, name=file.name if file else "", content=content,
    )  # fmt: skip
    if format is Format.json:
        print_json(plain(found))
        return
    say(f"{found.code} about {found.component}: {found.state.replace('_', ' ')}.")


def vex(
    product: Annotated[str, typer.Argument(help="The product.")],
    form: Annotated[str, typer.Option(help="openvex, csaf or cyclonedx.")] = "openvex",
    out: Annotated[Path, typer.Option("--out", help="The file to write; - is standard output.")] = Path("-"),
) -> None:
    """What we say about vulnerabilities in a product, as OpenVEX, CSAF 2.0 or CycloneDX 1.6."""
    actor = open_record()
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    _, _, document = vex_of_product(actor, product, form)
    if str(out) == "-":
        sys.stdout.buffer.write(document)
        return
    out.write_bytes(document)
    say(f"{out}: {tell_number(len(document))} bytes.")


def watch(
    product: Annotated[str, typer.Argument(help="The product; empty with --list.")] = "",
    mail_list: Annotated[str, typer.Argument(help="A list of ASBUILT_MAIL_LISTS.")] = "",
    off: Annotated[bool, typer.Option("--off", help="It is told no more.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Tell a mail list about a product once a day; without arguments: what is watched, and how it stands."""
    actor = open_record()
    from asbuilt.answers.register import watching

    if product:
        entry = (watching.unwatch if off else watching.watch)(actor, product=product, mail_list=mail_list)
        say(f"{mail_list} is told {'no more ' if off else ''}about {product}, entry {entry}.")
        return
    found = watching.watched(actor)
    if format is Format.json:
        print_json({"watched": plain(found)})
        return
    rows = [
        (one.product, one.mail_list, one.standing.open, one.standing.exploited, one.standing.worst, one.standing.in_field) for one in found
    ]  # fmt: skip
    print_table(("product", "list", "open", "exploited", "worst", "in the field"), rows)


# ---- waivers

waiver = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
WAIVER = typer.Argument(help="Code of the waiver.")


@waiver.command()
def propose(
    vulnerability: Annotated[str, NAME],
    product: Annotated[str, typer.Argument(help="Of which product.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    until: Annotated[str, typer.Option(help="Its end, with offset.")],
    version: Annotated[str, typer.Option(help="One release; empty: every one.")] = "",
    role: Annotated[str, typer.Option(help="Its image role; empty: app.")] = "",
    question: Annotated[str, typer.Option(help="Only these units; empty: all.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """Propose one, with a token: on the terminal nobody is signed in, and the system account proposes none."""
    end = instant(until)
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.waivers import propose_waiver

    code, entry = propose_waiver(
        actor, vulnerability=vulnerability, product=product, version=version, role=role, question=question, reason=reason, until_at=end or 0
    )  # fmt: skip
    say(f"{code} is proposed, entry {entry}.")


@waiver.command()
def approve(
    code: Annotated[str, WAIVER],
    party: Annotated[str, typer.Option(help="With a file: whose it is.")] = "",
    file: Annotated[Path | None, typer.Option(help="What that party signed.")] = None,
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """Agree to it, with a token; or record what the manufacturer signed."""
    content = file_bytes(str(file)) if file else None
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.waivers import approve_waiver

    entry = approve_waiver(actor, waiver=code, party=party, content=content, name=file.name if file else "")
    say(f"Recorded, entry {entry}.")


@waiver.command("end")
def end_(
    code: Annotated[str, WAIVER],
    reason: Annotated[str, typer.Option(help="Why.")],
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """It lets nothing pass any more."""
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.waivers import end_waiver

    say(f"{code} is ended, entry {end_waiver(actor, waiver=code, reason=reason)}.")


@waiver.command("list")
def list_waivers(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Waivers, the newest first."""
    actor = open_record()
    from asbuilt.questions.exposure.waivers_seen import waivers_seen

    found = waivers_seen(actor)
    if format is Format.json:
        print_json({"waivers": plain(found)})
        return
    rows = [
        (one.code, one.state, one.vulnerability, one.scope, one.question, one.reason, " ".join(one.missing))
        for one in found
    ]
    print_table(("waiver", "state", "vulnerability", "of", "units", "why", "missing"), rows)


OF_VULN = (
    ("open", opened), ("changes", changes), ("decide", decide), ("proposals", proposals), ("report", report), ("vex", vex), ("watch", watch),
)  # fmt: skip
