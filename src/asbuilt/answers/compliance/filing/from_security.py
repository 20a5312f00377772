"""What the security desk shows: SBOMs, the policy for reporters, decisions about vulnerabilities, cases and field actions."""

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.answers.cases.acting.seen import actions_told
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import submissions
from asbuilt.answers.cases.handling.statements import lines_of as case_lines
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.policy_rules import rule_set as policy_rules
from asbuilt.answers.cases.publishing.publisher import gaps as policy_gaps
from asbuilt.answers.cases.publishing.publisher import publisher_of
from asbuilt.answers.compliance.filing.parts import Asking, Document, Part, Table, day_of, named, number, source
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.designed.components.gaps import NO_SBOM, missing_sboms
from asbuilt.designed.components.queries import Sbom, current_sboms, each_component
from asbuilt.questions.exposure.coverage_on_units import coverage_on
from asbuilt.questions.exposure.inbox import standing_of_products
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.storage import reading

COMPONENTS, PUBLISHING, VULNERABILITY, CASES = "components", "publishing", "vulnerability", "cases"


def sboms_of(asking: Asking) -> list[Sbom]:
    """The SBOMs in force of the product's releases and revisions."""
    return asking.once(
        "sboms", lambda file: [one for one in current_sboms(file.tenant) if one.binding.product == file.product]
    )


@source("AVII.2.b", "AVII.8")
def sboms(asking: Asking) -> Part:
    """Every SBOM in force, and what has none; of two points, read once."""
    return asking.once("sbom part", _sboms)


def _sboms(asking: Asking) -> Part:
    """Every SBOM in force with its hash; releases and revisions without one."""
    found = sboms_of(asking)
    rows = [
        (
            " ".join(part for part in (one.binding.role, one.binding.version, one.binding.revision) if part), f"{one.format} {one.spec_version}",
            number(one.components), day_of(one.happened_at), one.file, one.sha256,
        )
        for one in found
    ]  # fmt: skip
    columns = (_("of"), _("format"), _("components"), _("recorded"), _("file"), "SHA-256")
    mine = [one for one in missing_sboms(asking.tenant) if one.binding.product == asking.product]
    gaps = []
    for kind, text in (
        (True, _("Without an SBOM: %(names)s.")),
        (False, _("The bill of material changed after the SBOM: %(names)s.")),
    ):
        names = [" ".join(part for part in (one.binding.role, one.binding.version, one.binding.revision) if part) for one in mine if (one.kind == NO_SBOM) == kind]  # fmt: skip
        if names:
            gaps.append(text % {"names": named(names)})
    if not found and not mine:
        gaps.append(_("No SBOM of this product is recorded."))
    documents = tuple(Document(one.file, one.sha256, "SBOM") for one in found)
    tables = (Table(_("SBOMs in force"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(COMPONENTS, (), tables, documents, tuple(gaps))


@source("AVII.2.a")
def software_components(asking: Asking) -> Part:
    """How the software is put together: every component of the SBOMs in force."""
    found = sboms_of(asking)
    total = sum(one.components for one in found)

    def rows():
        for one in found:
            of = " ".join(part for part in (one.binding.role, one.binding.version, one.binding.revision) if part)
            for listed in each_component(asking.tenant, one.number):
                held = listed.package
                yield of, held.name, held.version, listed.supplier or held.maker, held.purl or held.cpe

    columns = (_("of"), _("component"), _("version"), _("supplier"), _("identifier"))
    tables = (Table(_("Components of the software"), columns, total, rows),) if total else ()
    gaps = () if total else (_("No SBOM says what the software is made of."),)
    return Part(COMPONENTS, (), tables, (), gaps)


@source("AVII.2.b")
def policy(asking: Asking) -> Part:
    """The policy for reporters and the address for reports, by its checklist."""
    publisher, today = publisher_of(asking.tenant), day_of(asking.now)
    words = ()
    if publisher is not None:
        words = (
            _("Policy for reporters, version %(version)s of %(day)s, SHA-256 %(sha256)s.") % {"version": publisher.version, "day": day_of(publisher.said_at), "sha256": publisher.sha256},
            _("Address for reports: %(mail)s; other than by mail: %(other)s.") % {"mail": publisher.psirt_mail, "other": publisher.other_channel or "–"},
            _("Checklist: %(rules)s.") % {"rules": policy_rules()},
        )  # fmt: skip
    return Part(PUBLISHING, words, (), (), tuple(policy_gaps(publisher, bool(public_keys(asking.tenant)), today)))


@source("AVII.2.b")
def vulnerabilities(asking: Asking) -> Part:
    """Decisions about vulnerabilities of the product, reports to makers of components, and what is open."""
    standing = standing_of_products(local_system(asking.tenant), [asking.product])[asking.product]
    sql = (
        "SELECT vulnerability, role, version, revision, status, justification, decided_at, review_on FROM vulnerability_decision "
        "WHERE tenant = %s AND product = %s AND until_entry IS NULL ORDER BY vulnerability, decided_at"
    )
    rows = [
        (name, " ".join(filter(None, (role, version, revision))), status, justification, day_of(at), review)
        for name, role, version, revision, status, justification, at, review in reading.fetch(sql, (asking.tenant, asking.product))
    ]  # fmt: skip
    columns = (_("vulnerability"), _("of"), _("status"), _("justification"), _("decided"), _("review"))
    reach, gaps = _reach(asking)
    # that nothing is open is said only where somebody looked
    words = [_("%(n)s vulnerabilities are open, %(exploited)s of them exploited.") % {"n": number(standing.open), "exploited": number(standing.exploited)}] if standing.open or reach else []  # fmt: skip
    gaps = ([_("Open: %(names)s.") % {"names": named(standing.names)}] if standing.open else []) + gaps
    tables = (Table(_("Decisions about vulnerabilities"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(VULNERABILITY, tuple(words), tables, (), tuple(gaps))


def _reach(asking: Asking) -> tuple[int, list[str]]:
    """In how many units of the product an open vulnerability would be found, and what stands against it in the others."""
    units = BitMap(asking.units)
    if not units:
        return 0, []
    known = coverage_on(asking.view, units, runs_over(asking.view, units))
    reach = len(known.reached & units)
    if not known.fed:
        return reach, [_("No feed was ever taken.")]
    if known.behind:
        return reach, [_("Matching has not come to the newest records.")]
    if reach == len(units):
        return reach, []
    said = _(
        "Vulnerabilities can be found in %(n)s of %(of)s units: the others have no SBOM, or components that no feed can name."
    )
    return reach, [said % {"n": number(reach), "of": number(len(units))}]


@source("AVII.2.b")
def upstream(asking: Asking) -> Part:
    """What was reported to makers of components of this product."""
    names = sorted({component for one in sboms_of(asking) for component in _names(asking, one)}) if _any_upstream(asking.tenant) else []  # fmt: skip
    if not names:
        return Part(VULNERABILITY)
    sql = (
        "SELECT component, vulnerability, event, recipient, channel, happened_at FROM vulnerability_upstream_report WHERE tenant = %s "
        "AND until_entry IS NULL ORDER BY component, happened_at"
    )
    known = set(names)
    rows = [
        (*row[:5], day_of(row[5]))
        for row in reading.fetch(sql, (asking.tenant,))
        if row[0].partition("@")[0] in known or row[0] in known
    ]
    columns = (_("component"), _("vulnerability"), _("what happened"), _("to whom"), _("how"), _("day"))
    tables = (Table(_("Reports to makers of components"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(VULNERABILITY, (), tables)


def _any_upstream(tenant: int) -> bool:
    return reading.fetch_one("SELECT 1 FROM vulnerability_upstream_report WHERE tenant = %s LIMIT 1", (tenant,)) is not None  # fmt: skip


def _names(asking: Asking, one: Sbom) -> set[str]:
    sql = (
        "SELECT DISTINCT v.name FROM components_sbom_component c JOIN components_package_version v ON v.tenant = c.tenant "
        "AND v.number = c.package_version WHERE c.tenant = %s AND c.sbom = %s"
    )
    return {name for (name,) in reading.fetch(sql, (asking.tenant, one.number))}


def cases_of(asking: Asking) -> dict[str, list]:
    """Code -> lines of each case that is about the product now."""
    sql = "SELECT DISTINCT about FROM cases_statement WHERE tenant = %s AND kind = %s AND name = %s"
    codes = [code for (code,) in reading.fetch(sql, (asking.tenant, kinds.PRODUCT, asking.product))]
    found = {}
    for code, lines in case_lines(asking.tenant, codes).items():
        last = [line for line in lines if line.kind == kinds.PRODUCT and line.name == asking.product][-1]
        if last.said["role"] != "none":
            found[code] = lines
    return found


@source("corrective")
def cases(asking: Asking) -> Part:
    """Cases about the product, and how far its field actions are."""
    found = cases_of(asking)
    rows = []
    for code, lines in sorted(found.items()):
        closed = [line.kind for line in lines if line.kind in (kinds.CLOSED, kinds.REOPENED)]
        said = lines[0].said
        sent = len(submissions(lines))
        state = _("closed") if closed and closed[-1] == kinds.CLOSED else _("open")
        rows.append((code, said["kind"], said["title"], day_of(lines[0].happened_at), state, number(sent)))
    actions = [one for code in found for one in actions_told(local_system(asking.tenant), case=code)]
    acted = [
        (one["action"], one["case"], one["kind"], one["title"], spoken(one["state"]), number(one["accounted"] or 0), number(one["units"] or 0))
        for one in actions
    ]  # fmt: skip
    left = [one["action"] for one in actions if one["state"] == "open"]
    gaps = (_("Field actions that are not closed: %(names)s.") % {"names": named(left)},) if left else ()
    tables = []
    if rows:
        columns = (_("case"), _("kind"), _("title"), _("opened"), _("state"), _("reports submitted"))
        tables.append(Table(_("Cases"), columns, len(rows), lambda: rows))
    if acted:
        columns = (_("field action"), _("case"), _("kind"), _("title"), _("state"), _("accounted for"), _("of"))
        tables.append(Table(_("Field actions"), columns, len(acted), lambda: acted))
    silent = () if rows else (_("No case is about this product."),)
    return Part(CASES, (), tuple(tables), (), gaps, silent)
