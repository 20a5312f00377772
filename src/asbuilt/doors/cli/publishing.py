"""`asbuilt advisory`, `publisher`, `tip`: advisories out of the record, who publishes, what strangers reported."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import read_file

advisories = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
publisher = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
tips = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CODE = typer.Argument(help="Code of the advisory, such as A-1.")
TIP = typer.Argument(help="Reference of the tip, such as TIP-1.")
BYTES_MAX = 16 * 1024**2


@advisories.command()
def draft(
    kind: Annotated[str, typer.Option(help="advisory, vex or informational.")] = "advisory",
    case: Annotated[str, typer.Option(help="The case whose frozen answers name the units.")] = "",
    vulnerability: Annotated[
        list[str] | None, typer.Option(help="Which one; several times. Empty: those that the case asks for.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or de.")] = "en",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Draft an advisory, VEX or informational document out of a case, or of vulnerabilities as they are today."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.advising import draft_advisory

    code = draft_advisory(
        actor, kind=kind, case=case, vulnerabilities=tuple(vulnerability or ()), language=language
    )  # fmt: skip
    _show(actor, code, format)


@advisories.command("list")
def list_advisories(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Advisories, the newest first."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.seen import advisories_told

    found = advisories_told(actor)
    if format is Format.json:
        print_json({"advisories": found})
        return
    columns = ("advisory", "identity", "kind", "state", "version", "case", "published_at")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("There is none.")


@advisories.command()
def show(code: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """One advisory: its state, what is not known, which mandatory tests its draft would fail."""
    _show(open_record(), code, format)


def _show(actor, code: str, format: Format) -> None:
    from dataclasses import asdict

    from asbuilt.answers.cases.publishing.seen import advisory_seen, failing

    found = advisory_seen(actor, code)
    wrong = failing(actor, code)
    if format is Format.json:
        print_json({**found, "description": asdict(found["description"]), "failing": wrong})
        return
    say(f"{found['advisory']} {found['identity']}: {found['state']}. {found['description'].title}")
    columns = ("key", "name", "version", "serials")
    rows = [
        (one.key, one.name, one.version, ", ".join(f"{span.first}..{span.last}" for span in one.serial_ranges[:5]))
        for one in found["description"].products
    ]
    print_table(columns, rows)
    for one in found["gaps"]:
        say(f"Not known: {one}")
    for one in wrong:
        say(f"Would fail {one['place']}: {one['reason']}")


@advisories.command()
def edit(
    code: Annotated[str, CODE],
    file: Annotated[Path, typer.Argument(help="The whole description, JSON, as `show --format json` gives it.")],
) -> None:
    """Keep a description as a person wrote it; it asks for a new approval."""
    content = read_file(file, BYTES_MAX)
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.advising import edit_advisory

    edit_advisory(actor, advisory=code, content=content)
    say(f"{code} is a draft again.")


@advisories.command()
def redraft(code: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Draft it anew: units, statuses, remedies as the record has them now; words that people wrote stay."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.advising import redraft_advisory

    redraft_advisory(actor, advisory=code)
    _show(actor, code, format)


@advisories.command()
def approve(
    code: Annotated[str, CODE],
    why: Annotated[str, typer.Option(help="A remark; it stays with the advisory.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """The draft as it is now may be published."""
    actor = open_record_as(token)
    from asbuilt.answers.cases.publishing.actions.advising import approve_advisory
    from asbuilt.answers.cases.publishing.seen import advisory_seen

    approve_advisory(actor, advisory=code, draft=advisory_seen(actor, code)["draft"], why=why)
    say(f"{code} is approved.")


@advisories.command()
def publish(
    code: Annotated[str, CODE],
    summary: Annotated[str, typer.Option(help="What this version brings; it stands in the revision history.")],
    why: Annotated[
        str,
        typer.Option(help="Why it is published although a notice of the same flaw is held; it stays with the version."),
    ] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write, check, sign and publish the approved draft."""
    actor = open_record_as(token)
    from asbuilt.answers.cases.publishing.actions.advising import publish_advisory

    version = publish_advisory(actor, advisory=code, summary=summary, why=why)
    if format is Format.json:
        print_json({"advisory": code, "version": version})
    else:
        say(f"{code} is published, version {version}.")


@advisories.command()
def document(
    code: Annotated[str, CODE],
    version: Annotated[int, typer.Option(help="Which version; 0: what the draft would be.")] = 0,
) -> None:
    """Write the CSAF document to standard output."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.advising import preview
    from asbuilt.answers.cases.publishing.seen import document_of

    sys.stdout.buffer.write(document_of(actor, code, version)[1] if version else preview(actor, code))


@publisher.command("show")
def show_publisher(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Who publishes, what policy and security.txt lack, which fixed vulnerabilities nobody was told of."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.seen import publisher_seen

    found = publisher_seen(actor)
    if format is Format.json:
        print_json(found)
        return
    said = found["publisher"] or {}
    rows = [("name", said.get("name", "")), ("address", found["address"]), ("key", " ".join(found["keys"][:1]))]
    expires = (found["security_txt"] or {}).get("expires_at", "")
    print_table(("what", "said"), [*rows, ("security.txt until", expires), ("policy, version", str(found["version"]))])
    for one in (*found["warnings"], *found["gaps"]):
        say(one)
    for one in found["untold"]:
        say(f"{one} is fixed, and no published advisory says so.")


@publisher.command("set")
def set_publisher(
    file: Annotated[Path, typer.Argument(help="The publisher, JSON: docs/work/publishing.md shows the fields.")],
) -> None:
    """Say who publishes; a later one supersedes it."""
    content = read_file(file, BYTES_MAX)
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.presenting import say_publisher
    from asbuilt.answers.cases.publishing.seen import publisher_seen

    say_publisher(actor, content=content)
    for one in publisher_seen(actor)["gaps"]:
        say(one)
    say("The publisher is said.")


@publisher.command()
def key(
    file: Annotated[
        Path | None,
        typer.Argument(help="An exported OpenPGP secret key without a passphrase; without one a key is made."),
    ] = None,
) -> None:
    """Take or make the OpenPGP key that signs from now on: the secret in the keys folder, the public one in the record."""
    content = None if file is None else read_file(file, BYTES_MAX)
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.presenting import make_key, take_key

    say(f"{make_key(actor) if content is None else take_key(actor, secret=content)} signs from now on.")


@publisher.command("security-txt")
def renew_security_txt() -> None:
    """Write and sign security.txt anew."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.presenting import renew_security_txt as renewed
    from asbuilt.answers.cases.publishing.seen import publisher_seen

    renewed(actor)
    say(f"security.txt is good until {publisher_seen(actor)['security_txt']['expires_at']}.")


@publisher.command("check-security-txt")
def check_security_txt(
    file: Annotated[Path, typer.Argument(help="The file as the address gives it.")],
    key: Annotated[Path | None, typer.Option(help="The public OpenPGP key that has to have signed it.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Whether a security.txt keeps to RFC 9116 and to the profile of BSI TR-03183-3: exit 0, or 2 with what is wrong. Needs no record."""
    from asbuilt.kernel.errors import Invalid, RowError

    content = read_file(file, BYTES_MAX)
    public = None if key is None else read_file(key, BYTES_MAX)
    from asbuilt.answers.cases.publishing.checking_text import findings

    found = findings(content, public)
    told = [{"rule": one.rule, "field": one.field, "sentence": one.sentence} for one in found]
    if found:
        rows = [
            RowError("cases.security_txt_wrong", file.name, None, one.field or None, "", f"{one.sentence} ({one.rule})")
            for one in found
        ]
        refusal = Invalid(
            "cases.security_txt_wrong", f"{file.name} is no good security.txt.", {"rules": sorted({one.rule for one in found})},
            "Mend what is named, sign it anew.", rows=rows, total=len(rows),
        )  # fmt: skip
        refusal.done = {"valid": False, "findings": told}
        raise refusal
    if format is Format.json:
        print_json({"valid": True, "findings": []})
    else:
        say(f"{file} keeps to RFC 9116 and TR-03183-3.")


@tips.command("list")
def list_tips(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Tips of strangers, those that wait first, with the clock of the acknowledgement."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.tips import tips_told

    found = tips_told(actor)
    if format is Format.json:
        print_json({"tips": found})
        return
    columns = ("tip", "signal", "state", "received_at", "ack_due_at", "late", "files")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("There is none.")


@tips.command("show")
def show_tip(code: Annotated[str, TIP]) -> None:
    """One tip with what was sent, as JSON: text of a stranger."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.tips import tip_seen

    sys.stdout.write(json.dumps(tip_seen(actor, code), ensure_ascii=True, indent=1) + "\n")


@tips.command("file")
def tip_file(
    code: Annotated[str, TIP],
    number: Annotated[int, typer.Argument(help="Which file, from 1.")],
    out: Annotated[Path, typer.Option(help="The file to write, which must not be there.")],
) -> None:
    """Write a file that a stranger sent, as it came. Nobody has looked into it."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.tips import attached

    _, pieces = attached(actor, code, number)
    with open(out, "xb") as written:
        written.writelines(pieces)
    say(f"{out} is as it came.")


@tips.command()
def answer(
    code: Annotated[str, TIP], words: Annotated[str, typer.Argument(help="What the reporter finds under his code.")]
) -> None:
    """Tell the reporter something; the first time acknowledges."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.taking_tips import answer_tip

    answer_tip(actor, tip=code, words=words)
    say(f"{code} is answered.")


@tips.command()
def erase(
    code: Annotated[str, TIP],
    rule: Annotated[str, typer.Option(help="The rule it is erased under.")] = "gdpr.17-1",
) -> None:
    """Erase all that the reporter sent, for good."""
    actor = open_record()
    from asbuilt.answers.cases.publishing.actions.taking_tips import erase_tip

    erase_tip(actor, tip=code, rule=rule)
    say(f"What came with {code} is erased.")
