"""Which commands there are: their names, their words, their help."""

from copy import copy

import typer
from typer.main import get_command_name, get_group

from asbuilt.doors.cli import (
    asking,
    badges,
    boms,
    builds,
    case_reports,  # noqa: F401 - its commands stand with those of cases
    cases,
    changes,
    classifying,
    compliance,
    compliance_assessing,  # noqa: F401 - its commands stand with those of compliance
    csaf,
    drills,
    ems,
    evidence,
    exposure,
    facts,
    feed_bundles,  # noqa: F401
    feed_keys,  # noqa: F401
    filing,
    firmware,
    firmware_archive,
    firmware_keys,
    holds,
    inspections,
    leaving,
    log,
    machines,
    matching,
    nonconformities,
    orders,
    outside,
    packages,
    papers,  # noqa: F401 - its commands stand with those of filing
    people,
    permissions,
    permits,  # noqa: F401
    portal,
    process_control,
    process_record,
    programming,
    publishing,
    qualifying,
    receiving,
    record,
    result_files,
    sboms,
    settings,
    setups,
    sourcing,
    stations,
    tables,
    test_plans,
    verifying,
    vulnerabilities,
)

app = typer.Typer(
    name="asbuilt",
    help="The as-built record of electronics: which units, which customers, with proof.",
    epilog="ASBUILT_HOME names the folder of database and blobs, ASBUILT_KEYS that of the keys, "
    "ASBUILT_DATABASE_URL a PostgreSQL database. Exit codes: 0 done, 2 not valid, 3 not found, 4 refused, "
    "5 not allowed, 6 not available, 7 tampered.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, command in (
    ("init", record.init),
    ("serve", record.serve),
    ("demo", record.demo),
    ("import", tables.import_tables),
    ("export", tables.export),
    ("receive", receiving.receive),
    ("declare", inspections.declare),
    ("place", setups.place),
    ("ask", asking.ask),
    ("unit", asking.unit),
    ("unit-tests", result_files.unit_tests),
    ("lot", asking.lot),
    ("exposure", exposure.exposure),
    ("portal", portal.portal),
    ("factors", nonconformities.factors),
    ("yield", process_control.yields),
    ("defects", process_control.defects),
    ("spc", process_control.spc),
    ("classify", classifying.classify),
    ("evidence", evidence.evidence),
    ("facts", facts.find),
    ("withdraw", facts.withdraw),
    ("correct", facts.correct),
    ("verify", verifying.verify),
    ("dossier", filing.dossier),
    ("backup", record.backup),
    ("restore", record.restore),
    ("check", record.check),
):
    app.command(name)(command)
app.add_typer(orders.app, name="order", help="Work orders: open, grow, split, close; serial numbers, panels, marks.")
app.add_typer(packages.app, name="package", help="Packages: status, floor life, what happened to them.")
app.add_typer(setups.app, name="setup", help="Machines: programs, what is mounted, spliced and taken off at feeders.")
app.add_typer(
    sboms.app, name="sbom", help="SBOMs: add, show, compare, check; what has none; where a component is used."
)
for name, command in builds.OF_SBOM:
    sboms.app.command(name)(command)
for name, command in (
    ("match", matching.match),
    ("findings", matching.findings),
    ("coverage", matching.coverage),
    ("suggest", matching.suggest),
    ("identify", matching.identify),
    *exposure.OF_VULN,
):
    vulnerabilities.app.command(name)(command)
app.add_typer(
    vulnerabilities.app,
    name="vuln",
    help="Vulnerabilities: feeds, what they say of one, components they concern, what is open, decisions, VEX.",
)
app.add_typer(
    csaf.app, name="csaf", help="CSAF security advisories: check, write from a description, publish a folder."
)
app.add_typer(
    cases.app, name="case", help="Cases: what happened, who must be told by when, what was decided and submitted."
)
app.add_typer(
    filing.app, name="filing", help="What is stated for technical files: points, baseline, revisions, the plan."
)
app.add_typer(
    compliance.app,
    name="compliance",
    help="Products in the sense of the law: scope, class, risks, the matrix of Annex I, support, retention.",
)
app.add_typer(
    ems.app, name="ems", help="What an EMS is asked: our answers, certificates, signed reports, others beside us."
)
app.add_typer(drills.app, name="drill", help="Exercise a case on a copy of the record; how long each answer took.")
app.add_typer(
    publishing.advisories, name="advisory", help="Advisories out of the record: draft, edit, approve, publish."
)
app.add_typer(
    publishing.publisher,
    name="publisher",
    help="Who publishes: policy, OpenPGP key, security.txt, and what is missing.",
)
app.add_typer(publishing.tips, name="tip", help="Tips of strangers: list, read, answer, erase.")
app.add_typer(
    changes.app,
    name="change",
    help="BOM versions compared; ECOs up to the unit from which they hold; processes under control.",
)
app.add_typer(test_plans.app, name="plan", help="Test plans: propose a version, approve it, see what it changes.")
app.add_typer(inspections.app, name="inspection", help="Incoming inspection: plans, what is asked, the record.")
app.add_typer(leaving.pack, name="pack", help="May it leave; boxes, pallets and shipments: open, fill, close, label.")
app.add_typer(
    leaving.shipment, name="shipment", help="Shipments: list, ship, place on the market, as-built package, certificate."
)
app.add_typer(
    boms.app, name="bom", help="As-built BOMs of a unit, an order, a shipment: what they say, and signed files."
)
app.add_typer(
    leaving.returns, name="return", help="Returns: receive, what was found and done, which unit stands for which."
)
app.add_typer(leaving.concession, name="concession", help="Concessions: propose, approve, end, list.")
app.add_typer(
    exposure.waiver, name="waiver", help="Waivers: what may go with a known vulnerability: propose, approve, end, list."
)
app.add_typer(outside.app, name="outside", help="Units at subcontractors: send out, take back, delivery notes.")
app.add_typer(
    permissions.app,
    name="permit",
    help="Grants and permits to program units: sign them, also offline; issue, revoke, close, watch.",
)
app.add_typer(stations.app, name="station", help="Programming stations: enrol, list, alarms, folders on a stick.")
app.add_typer(holds.app, name="hold", help="Holds on lots, units and answers: place, lift, list.")
app.add_typer(nonconformities.app, name="ncr", help="Nonconformities: raise, contain, decide, act, measure, close.")
app.add_typer(
    process_record.instruments,
    name="instrument",
    help="Instruments and testers: calibrations, and what a bad one puts in doubt.",
)
app.add_typer(
    process_record.qualifications, name="qualification", help="Qualifications of people: who holds what until when."
)
app.add_typer(
    process_record.areas, name="area", help="Areas of the factory: which machines stand there, the air in them."
)
app.add_typer(process_record.alarms, name="alarm", help="Process runs out of limits: list, hold, dismiss.")
firmware.app.command("keygen")(firmware_keys.keygen)
firmware.app.command("sign-file")(firmware_keys.sign_file)
firmware.app.add_typer(firmware_keys.trusts, name="trust", help="The trust store: whose keys count for what.")
firmware.app.add_typer(
    firmware_archive.archives,
    name="archive",
    help="The archive of releases: write, verify, open, erase after its time.",
)
app.add_typer(firmware.app, name="firmware", help="Firmware: drafts, signatures, releases, matrix, archive.")
app.add_typer(
    programming.app,
    name="programming",
    help="Programmed before placement: orders for reels and trays, demanded versions, makers' modules.",
)
app.add_typer(log.app, name="ledger", help="The log: its signed head, proofs, and the check of the whole record.")
app.add_typer(
    machines.app, name="machines", help="Machines that speak CFX: who speaks, and what could not be recorded."
)
app.add_typer(badges.app, name="badge", help="Badges for programming stations: issue one, end one.")
app.add_typer(people.app, name="person", help="People who sign in, and where they are told.")
app.add_typer(
    settings.app, name="settings", help="What holds for the whole house: its time zone, questions by operator."
)
app.add_typer(facts.erasing, name="erase", help="Erase a person, a hidden value or a piece of evidence for good.")


def group_for(word: str) -> typer.core.TyperGroup:
    """The commands as they are asked for by this first word: it and what stands below it, where it is one.

    Where it is none, or an option, all of them, for help and for the name that comes nearest. Making all three hundred takes as long
    as most of them run.
    """
    groups = [group for group in app.registered_groups if group.name == word]
    commands = [one for one in app.registered_commands if (one.name or get_command_name(one.callback.__name__)) == word]
    if not groups and not commands:
        return get_group(app)
    asked = copy(app)
    asked.registered_groups, asked.registered_commands = groups, commands
    return get_group(asked)


app.add_typer(
    sourcing.notices,
    name="change-notice",
    help="What makers tell of their parts: PCN and PDN, where they are used, what was decided.",
)
app.add_typer(sourcing.cycles, name="life-cycle", help="Life cycle states of makers' parts, from distributors' files.")
app.add_typer(qualifying.alternates, name="alternate", help="Alternates of parts, compared by what they can do.")
app.add_typer(qualifying.runs, name="qualification-run", help="Qualification runs: start, take results, judge.")
app.add_typer(qualifying.deviations, name="deviation", help="Building otherwise than planned: propose, agree, end.")
app.add_typer(qualifying.reviews, name="design-review", help="Design reviews: points, findings, actions, a report.")
