"""`asbuilt vuln match|findings|coverage|suggest|identify`: components against what feeds say, and what they are called there."""

from dataclasses import asdict
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.vulnerabilities import when
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.plain import plain

FORMAT = typer.Option(help="How to print.")


def match(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Match what is new: components, parts, what feeds changed. Goes on where it was cut short; usually nothing is left."""
    actor = open_record()
    from asbuilt.designed.vulnerability.matching.evaluating import match_now

    counts = match_now(actor)
    if format is Format.json:
        print_json(asdict(counts))
    else:
        say(f"{counts.new:,} findings new, {counts.replaced:,} with other grounds, {counts.retracted:,} retracted.")


def findings(
    vulnerability: Annotated[str, typer.Argument(help="A CVE id, or any other name of it.")],
    history: Annotated[bool, typer.Option("--history", help="Also those that stand no more.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The components and parts that a vulnerability concerns: affected or unsure, and why."""
    actor = open_record()
    from asbuilt.designed.vulnerability.matching.seen import findings_seen, unresolved_seen

    found = findings_seen(actor, vulnerability, history=history)
    elsewhere = unresolved_seen(actor, vulnerability)
    if format is Format.json:
        unresolved = [plain(asdict(one)) for one in elsewhere]
        print_json({"findings": [plain(asdict(one)) for one in found], "unresolved": unresolved})
        return
    at = when(actor)
    rows = [(one.component, one.version, one.state, at(one.first_seen_at), one.ended or "stands") for one in found]
    print_table(("component", "version", "state", "since", "until"), rows)
    for one in found:
        say(f"{one.component} {one.version}".strip())
        for place in one.places:
            say(f"  The flaw is in {place}, as the record says.")
        for ground in one.grounds:
            against = (
                f"{ground.version or 'no version'} against {ground.versions}" if ground.versions else ground.version
            )
            called = f" (it is {ground.identifier})" if ground.identifier else ""
            say(
                f"  {ground.match}: {ground.record} names {ground.kind} {ground.name}{called}; {against}; {ground.words}."
            )
    for one in elsewhere:
        say(f"{one.record} points at {one.link}: {one.words}.")
    if not found:
        say(
            "No component or part here is called as its records say. `asbuilt vuln coverage` says how much that is worth."
        )


def coverage(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """How many components could be matched, with feeds how old: what no finding is worth."""
    actor = open_record()
    from asbuilt.designed.vulnerability.matching.seen import coverage_seen, coverage_words

    found = coverage_seen(actor)
    if format is Format.json:
        print_json(plain(asdict(found)))
        return
    said = (f"{found.package_versions:,} components", f"{found.matchable:,} with a name that feeds use", f"{found.covered:,} of a kind that a feed speaks of")  # fmt: skip
    say(", ".join(said) + ".")
    for code in found.silent:
        say(f"{coverage_words(code)}")
    for name in (*found.not_matchable[:20], *found.not_covered[:20]):
        say(f"  {name}")
    for one in found.unresolved[:20]:
        say(f"  {one.record}, {one.vulnerability}, points at {one.link}: {one.words}.")
    at = when(actor)
    rows = [
        (one.feed, one.kind, at(one.taken_at), one.records)
        for one in found.feeds
    ]  # fmt: skip
    print_table(("feed", "kind", "taken", "records"), rows)


def suggest(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Names under which feeds may know components and parts that nobody decided about. A person confirms them."""
    actor = open_record()
    from asbuilt.designed.vulnerability.matching.seen import aliases_table, suggestions_seen

    found = suggestions_seen(actor)
    if format is Format.json:
        print_json({"aliases": aliases_table(), "suggestions": [plain(asdict(one)) for one in found]})
        return
    rows = [
        (one.name, one.of, " ".join(one.versions[:5]), value.kind, value.value, value.source)
        for one in found
        for value in one.values
    ]
    print_table(("name", "of", "versions", "kind", "value", "from"), rows)
    if rows:
        say("`asbuilt vuln identify NAME --confirm KIND=VALUE` says that it is so.")


def identify(
    name: Annotated[str, typer.Argument(help="The name of the components, or the number of the part.")],
    confirm: Annotated[list[str] | None, typer.Option(help="KIND=VALUE: cpe, purl, git or name. It is that.")] = None,
    reject: Annotated[list[str] | None, typer.Option(help="KIND=VALUE. It is not that.")] = None,
    maker: Annotated[str, typer.Option(help="Only of this maker.")] = "",
    basis: Annotated[str, typer.Option(help="How it is known.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say what feeds call components of a name. It counts for all of them, now and later; findings follow at once."""
    actor = open_record()
    from asbuilt.designed.vulnerability.matching.naming import Decision, decide_identities

    decisions = [Decision(*_pair(text), confirmed) for texts, confirmed in ((confirm, True), (reject, False)) for text in texts or ()]  # fmt: skip
    counts = decide_identities(actor, name=name, decisions=decisions, maker=maker, basis=basis)
    if format is Format.json:
        print_json(asdict(counts))
    else:
        say(f"Said of {name}. {counts.new:,} findings new, {counts.retracted:,} retracted.")


def _pair(text: str) -> tuple[str, str]:
    kind, sign, value = text.partition("=")
    if not sign:
        raise Invalid(
            "cli.identity_form", f"{text[:80]} is not KIND=VALUE.", {}, "Such as cpe=cpe:2.3:a:arm:mbed_tls:*"
        )
    return kind.strip(), value.strip()
