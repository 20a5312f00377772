"""The reference pages of errors, commands and tables, written from the code.

    .venv/bin/python tests/policy/reference_pages.py      writes them into docs/reference

`test_reference.py` compares them and refuses a model that nobody placed.
"""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

from error_codes import Said, codes

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- written from the code by tests/policy/reference_pages.py; change it there -->\n\n"

KINDS = {
    "Invalid": "not valid · 422 · exit 2",
    "NotFound": "not found · 404 · exit 3",
    "Refused": "refused · 409 · exit 4",
    "Stop": "refused · 409 · exit 4",
    "Conflict": "conflict · 409 · exit 4",
    "Sealed": "sealed · 409 · exit 4",
    "NotAllowed": "not allowed · 403 · exit 5",
    "NotSignedIn": "not signed in · 401 · exit 5",
    "Unavailable": "not available · 503 · exit 6",
    "Tampered": "tampered · 500 · exit 7",
    "TooLarge": "not valid · 413",
    "TooMany": "not available · 429",
    "MethodUnknown": "not valid · 405",
    "Broken": "our fault · 500 · exit 1",
    "AsbuiltError": "our fault · 500 · exit 1",
    "finding": "named in a report",
    "row": "named in the list of wrong rows",
}

# exchange table -> the tables of the database that its rows become
FED = {
    "parties.csv": ("parties_party",),
    "parts.csv": ("catalog_part", "catalog_manufacturer_part"),
    "bom.csv": ("catalog_product", "catalog_revision", "catalog_bom", "catalog_bom_line", "catalog_position_group",
                "catalog_group_position"),
    "documents.csv": ("catalog_document",),
    "routings.csv": ("catalog_routing_step",),
    "programs.csv": ("catalog_program_feeder",),
    "lots.csv": ("supply_lot", "supply_package"),
    "lives.csv": ("supply_life",),
    "declarations.csv": ("supply_declaration",),
    "inspection_plans.csv": ("supply_inspection_plan",),
    "inspections.csv": ("supply_inspection",),
    "inspection_checks.csv": ("supply_inspection_check",),
    "samples.csv": ("supply_sample",),
    "statuses.csv": ("supply_package_status",),
    "handling.csv": ("supply_package_handling",),
    "silicon_revisions.csv": ("supply_silicon_revision",),
    "orders.csv": ("production_order",),
    "blocks.csv": ("production_block",),
    "package_names.csv": ("supply_package_name",),
    "numberings.csv": ("production_numbering",),
    "mark_readings.csv": ("production_mark_reading",),
    "serial_rules.csv": ("catalog_serial_rule",),
    "mark_rules.csv": ("catalog_mark_rule",),
    "closings.csv": ("production_order_closing",),
    "panel_places.csv": ("catalog_panel_place",),
    "placements.csv": ("catalog_placement",),
    "record_demands.csv": ("catalog_record_demand",),
    "test_plans.csv": ("catalog_test_plan",),
    "test_plan_approvals.csv": ("catalog_test_plan_approval",),
    "units.csv": ("production_unit_state", "production_panel"),
    "panels.csv": ("production_panel",),
    "calibrations.csv": ("production_calibration",),
    "qualifications.csv": ("production_qualification",),
    "areas.csv": ("production_area",),
    "environment.csv": ("production_environment",),
    "alarm_closings.csv": ("production_alarm_closing",),
    "names.csv": ("production_unit_name",),
    "mounts.csv": ("production_mount",),
    "materials.csv": ("production_material_run",),
    "mappings.csv": ("production_file_mapping",),
    "processes.csv": ("production_process_run",),
    "replacements.csv": ("production_replacement",),
    "assemblies.csv": ("production_assembly",),
    "firmware.csv": ("firmware_release",),
    "trust_stores.csv": ("firmware_trust_store",),
    "release_drafts.csv": ("firmware_release_draft",),
    "release_signatures.csv": ("firmware_release_signature",),
    "release_states.csv": ("firmware_release_state",),
    "sboms.csv": ("components_sbom", "components_sbom_component", "components_sbom_dependency", "components_package_version"),
    "component_identities.csv": ("vulnerability_identity",),
    "firmware_demands.csv": ("programming_firmware_demand",),
    "configurations.csv": ("programming_configuration",),
    "module_firmware.csv": ("programming_module_firmware",),
    "programming_orders.csv": ("programming_package_order",),
    "programming_order_states.csv": ("programming_package_order_state",),
    "read_backs.csv": ("programming_read_back",),
    "programming.csv": ("programming_record", "programming_package"),
    "grants.csv": ("programming_grant",),
    "station_plans.csv": ("programming_plan",),
    "stations.csv": ("programming_station",),
    "permits.csv": ("programming_permit",),
    "permit_states.csv": ("programming_permit_state",),
    "station_records.csv": ("programming_station_record",),
    "alarm_releases.csv": ("programming_alarm_release",),
    "tests.csv": ("quality_test_run",),
    "sent_out.csv": ("production_sent_out",),
    "nonconformities.csv": ("quality_nonconformity",),
    "nonconformity_units.csv": ("quality_nonconformity_unit",),
    "nonconformity_causes.csv": ("quality_nonconformity_cause",),
    "dispositions.csv": ("quality_disposition",),
    "nonconformity_actions.csv": ("quality_nonconformity_action",),
    "nonconformity_states.csv": ("quality_nonconformity_state",),
    "effectiveness_checks.csv": ("quality_effectiveness_check",),
    "effectiveness_results.csv": ("quality_effectiveness_result",),
    "taken_back.csv": ("production_taken_back",),
    "outside_papers.csv": ("production_outside_paper",),
    "product_roles.csv": ("parties_product_role",),
    "concessions.csv": ("quality_concession",),
    "concession_decisions.csv": ("quality_concession_decision",),
    "waivers.csv": ("quality_waiver",),
    "waiver_decisions.csv": ("quality_waiver_decision",),
    "vex_decisions.csv": ("vulnerability_decision",),
    "own_entries.csv": ("vulnerability_feed_record", "vulnerability_advisory"),
    "upstream_reports.csv": ("vulnerability_upstream_report",),
    "build_configurations.csv": ("vulnerability_build_configuration",),
    "containers.csv": ("shipping_container",),
    "packed.csv": ("shipping_packed",),
    "placings.csv": ("shipping_placing",),
    "returns.csv": ("shipping_return",),
    "shipments.csv": ("shipping_shipment", "shipping_line", "shipping_former_address"),
    "holds.csv": ("production_hold",),
    "corrections.csv": ("ledger_withdrawal",),
}  # fmt: skip
LOG = "the log itself; it moves by `backup` and `restore`, an import writes one of its own"
DERIVED = "worked out from facts; an import works it out again"
SAID = "made of what machines sent; what it says of units stands in the tables of facts, which `export` writes"
HERE = "belongs to this installation; it moves by `backup` and `restore`"
FEEDS = "read from feeds; another installation takes the same feeds, history moves by `backup` and `restore`"
MATCHED = "worked out of SBOMs and feeds; another installation that has both works it out again, history moves by `backup` and `restore`"
CASES = "rests on frozen answers of this record, which a folder of tables does not carry; it moves by `backup`"
NOT_FED = {
    "ledger_entry": LOG, "ledger_pending": LOG, "ledger_leaf": LOG, "ledger_tile": LOG, "ledger_head": LOG,
    "ledger_checkpoint": LOG, "ledger_entry_facts": LOG, "ledger_segment": LOG, "ledger_fact_index": LOG,
    "ledger_hidden": LOG, "ledger_evidence": LOG, "ledger_entry_evidence": LOG,
    "access_tenant": "opened by `asbuilt init`",
    "access_person": "begins with the first mention as operator, or with an invitation; names are no facts",
    "access_login": "people sign in here; no table carries a password",
    "access_api_token": "a secret; no table carries one",
    "access_badge": "a secret; no table carries one",
    "access_one_time_link": "a secret; no table carries one",
    "access_attempt": "counts attempts to sign in for some minutes",
    "django_session": "who is signed in; ends within hours",
    "production_floor_name": "steps, machines, feeders, stations and plans begin with their first mention in any table",
    "production_material_hole": DERIVED,
    "production_other_part": DERIVED,
    "production_group_meeting": DERIVED,
    "firmware_image": "image bytes and their keys, encrypted; they move by `backup` or `firmware archive`",
    "programming_enrolment": "one-time codes of stations, hashed; they end after a day",
    "programming_station_contact": "visits of stations and their last bulletin; made anew at the next visit",
    "programming_fixture_count": "cycles of fixtures by station, made anew from the stations' signed test records",
    "programming_sealed_image": "images sealed for a station's key, made anew where they are missing",
    "programming_receipt": "receipts that wait for a station's next folder; the same records give the same receipt",
    "programming_firmware_run": DERIVED,
    "quality_outcome_run": DERIVED,
    "quality_defect": DERIVED,
    "quality_identity": DERIVED,
    "exchange_import_run": HERE,
    "messages_known": SAID,
    "messages_machine_count": SAID,
    "messages_dead_letter": SAID,
    "messages_file": SAID,
    "messages_file_dismissal": HERE,
    "messages_pass": SAID + "; the last thousand of each machine, so nothing rebuilds it",
    "messages_machine": HERE + "; nothing rebuilds it, the log says who named what",
    "exchange_verify_run": HERE,
    "storage_outgoing": HERE,
    "vulnerability_feed_key": HERE, "vulnerability_feed_bundle": FEEDS, "vulnerability_feed_file": FEEDS,
    "vulnerability_feed": FEEDS, "vulnerability_feed_take": FEEDS, "vulnerability_feed_segment": FEEDS,
    "vulnerability_feed_broken": FEEDS, "vulnerability_vulnerability": FEEDS,
    "vulnerability_criterion": MATCHED, "vulnerability_criteria_tree": MATCHED, "vulnerability_criterion_kind": MATCHED,
    "vulnerability_match_key": MATCHED, "vulnerability_matched_until": MATCHED, "vulnerability_finding": MATCHED,
    "vulnerability_alias": FEEDS, "vulnerability_exploit_prediction": FEEDS,
    "register_watch": "a list is a name of this installation's settings; it moves by `backup`",
    "register_watch_told": HERE,
    "changes_line": "who agreed is a signed-in person, and an approval speaks of the content's hash; a table could claim both; it moves by `backup`",
    "compliance_statement": "judgements and assessments name rule sets, people and frozen answers of this record; it moves by `backup`",
    "cases_statement": "rests on frozen answers and on files of this record, which a folder of tables does not carry; it moves by `backup`",
    "compliance_filing": "rests on files of this record, which a folder of tables does not carry; it moves by `backup`",
    "cases_contact": "addresses are kept apart so that they can be erased; it moves by `backup`",
    "cases_notice": CASES, "cases_notice_recipient": CASES, "cases_notice_delivery": CASES,
    "cases_notice_sending": HERE,
    "register_frozen_answer": "rests on the log at one size, which a folder of tables does not carry; it moves by `backup`",
}  # fmt: skip


def errors() -> str:
    """Every code under a heading of its own, with what it says and what to do."""
    lines = [
        NOTE + "# Errors",
        "",
        "A code never changes once published. Where the text says `…`, the case stands.",
        "",
    ]
    room = ""
    for code, said in sorted(codes().items()):
        if code.partition(".")[0] != room:
            room = code.partition(".")[0]
            lines += [f"## {room}", ""]
        lines += [f"### {code}", "", *_error(said), ""]
    return "\n".join(lines).rstrip() + "\n"


def _error(said: list[Said]) -> list[str]:
    kinds = dict.fromkeys(KINDS[one.kind] for one in said if one.kind in KINDS)
    messages = dict.fromkeys(one.message for one in said if one.message)
    remedies = dict.fromkeys(one.remedy for one in said if one.remedy)
    lines = [f"*{', '.join(kinds) or KINDS['row']}*"]
    lines += ["", *(f"- {_line(text)}" for text in messages)] if messages else []
    lines += ["", "To do: " + " / ".join(_line(text) for text in remedies)] if remedies else []
    return lines


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("<", "&lt;").strip()


def commands() -> str:
    """The help of every command, as `--help` prints it."""
    lines = [NOTE + "# Command line", "", "`asbuilt COMMAND --help` prints the same. What each exit code means:"]
    lines += ["[errors](errors.md).", ""]
    for path in [(), *_paths()]:
        lines += [f"## asbuilt {' '.join(path)}".rstrip(), "", "```", _help(path), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _paths():
    from asbuilt.doors.cli.commands import app

    for command in sorted(app.registered_commands, key=lambda one: one.name):
        yield (command.name,)
    for group in sorted(app.registered_groups, key=lambda one: one.name):
        yield (group.name,)
        for command in group.typer_instance.registered_commands:
            yield (group.name, command.name or command.callback.__name__)


def _help(path: tuple[str, ...]) -> str:
    from asbuilt.doors.cli.commands import app

    out, before = io.StringIO(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    try:
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            app([*path, "--help"], prog_name="asbuilt")
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def models() -> str:
    """Every table of the database with the exchange table that feeds it, or why none does."""
    from django.apps import apps

    feeds = {table: f"[{file}](exchange-tables.md)" for file, tables in FED.items() for table in tables}
    lines = [NOTE + "# Tables and models", "", "| table | what | comes from |", "|---|---|---|"]
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda one: one._meta.db_table):
        name = model._meta.db_table
        what = re.sub(r"\s+", " ", (model.__doc__ or "").strip()).replace("|", "\\|")
        if name == "django_session":
            what = "Who is signed in."
        lines.append(f"| `{name}` | {what} | {feeds.get(name) or NOT_FED.get(name, '?')} |")
    return "\n".join(lines) + "\n"


PAGES = {"errors.md": errors, "cli.md": commands, "tables-and-models.md": models}


def main() -> None:
    """Write the pages."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "asbuilt.site.web_settings"
    import django

    django.setup()
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    main()
