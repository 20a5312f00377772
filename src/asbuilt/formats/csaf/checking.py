"""Whether a document is a valid CSAF 2.0 document: the schema, then every mandatory test of the standard.

    report = check(content)      report.valid, report.failed == ("6.1.1", "6.1.27.9"), report.findings
    check(content, draft=True)   a document of CSAF 2.1 by that draft

Standard: OASIS CSAF 2.0, section 6.1. Where the schema fails the tests are not run: they speak of parts that may not be there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from asbuilt.formats.csaf import draft_2_1, head, product_tree, profiles, revisions, scores, vulnerabilities
from asbuilt.formats.csaf.document import CsafDocument
from asbuilt.formats.csaf.findings import SCHEMA, Finding, Findings
from asbuilt.formats.csaf.limits import FINDINGS_TOLD_MAX, Limits
from asbuilt.formats.csaf.official import schema
from asbuilt.kernel.errors import Invalid

REMEDY = "Ask whoever made the document to write it by CSAF 2.0."
_MARK = b"\xef\xbb\xbf"

TESTS: dict[str, Callable[[CsafDocument, Findings], None]] = {
    "6.1.1": product_tree.products_are_defined,
    "6.1.2": product_tree.products_are_defined_once,
    "6.1.3": product_tree.products_are_no_circle,
    "6.1.4": product_tree.groups_are_defined,
    "6.1.5": product_tree.groups_are_defined_once,
    "6.1.6": vulnerabilities.statuses_do_not_contradict,
    "6.1.7": scores.products_are_scored_once_a_version,
    "6.1.8": scores.ratings_are_valid,
    "6.1.9": scores.scores_are_computed,
    "6.1.10": scores.metrics_agree_with_the_vector,
    "6.1.11": vulnerabilities.weaknesses_exist,
    "6.1.12": head.languages_exist,
    "6.1.13": product_tree.purls_are_valid,
    "6.1.14": revisions.history_is_sorted,
    "6.1.15": head.translators_name_the_source,
    "6.1.16": revisions.version_is_the_latest,
    "6.1.17": revisions.early_versions_are_drafts,
    "6.1.18": revisions.released_history_is_released,
    "6.1.19": revisions.history_has_no_pre_releases,
    "6.1.20": revisions.version_is_no_pre_release,
    "6.1.21": revisions.history_has_no_gaps,
    "6.1.22": revisions.revisions_are_listed_once,
    "6.1.23": vulnerabilities.cves_stand_once,
    "6.1.24": vulnerabilities.parties_are_involved_once_a_date,
    "6.1.25": product_tree.hashes_are_one_an_algorithm,
    "6.1.26": head.category_is_no_other_profile,
    "6.1.27.1": profiles.notes_tell,
    "6.1.27.2": profiles.references_lead_out,
    "6.1.27.3": profiles.informational_names_no_vulnerability,
    "6.1.27.4": profiles.product_tree_exists,
    "6.1.27.5": profiles.vulnerabilities_have_notes,
    "6.1.27.6": profiles.vulnerabilities_have_a_status,
    "6.1.27.7": profiles.vex_says_a_status,
    "6.1.27.8": profiles.vex_names_the_vulnerability,
    "6.1.27.9": profiles.not_affected_has_an_impact_statement,
    "6.1.27.10": profiles.affected_has_an_action_statement,
    "6.1.27.11": profiles.vulnerabilities_exist,
    "6.1.28": head.translation_changes_the_language,
    "6.1.29": vulnerabilities.remediations_name_products,
    "6.1.30": revisions.versions_are_of_one_kind,
    "6.1.31": product_tree.versions_are_no_ranges,
    "6.1.32": vulnerabilities.flags_name_products,
    "6.1.33": vulnerabilities.justifications_are_one_a_product,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `failed` names tests in the order of the standard, "schema" alone where the schema fails; `findings` holds
    their places, of `total` that there are. What the document calls itself is empty where it could not be read."""

    failed: tuple[str, ...]
    findings: tuple[Finding, ...]
    total: int
    identity: str = ""
    version: str = ""
    category: str = ""
    csaf_version: str = "2.0"
    tests: int = len(TESTS)

    @property
    def valid(self) -> bool:
        """Whether this is a valid document of its version of CSAF."""
        return not self.failed

    def as_dict(self) -> dict:
        """For JSON."""
        return {
            "valid": self.valid,
            "csaf_version": self.csaf_version,
            "tracking_id": self.identity,
            "version": self.version,
            "category": self.category,
            "failed": list(self.failed),
            "tests_run": 0 if SCHEMA in self.failed else self.tests,
            "findings": [one.as_dict() for one in self.findings],
            "findings_total": self.total,
        }


def check(content: bytes, *, limits: Limits | None = None, draft: bool = False) -> Report:
    """Check a document. Invalid: it is larger or deeper than the limits, or no JSON."""
    limits = limits or Limits()
    return check_document(read(content, limits), limits=limits, draft=draft)


def check_document(whole: dict, *, limits: Limits | None = None, draft: bool = False) -> Report:
    """Check a document that is parsed already. `draft`: one that says it is CSAF 2.1 is judged by that draft; else by 2.0, which it fails."""
    if draft and draft_2_1.is_2_1(whole):
        return _check_draft(whole)
    found = Findings()
    _check_schema(whole, found)
    if found.total:
        return Report(found.failed, tuple(found.told), found.total)
    document = CsafDocument(whole, limits or Limits())
    for test in TESTS.values():
        test(document, found)
    tracking = document.tracking
    return Report(found.failed, tuple(found.told), found.total, tracking["id"], tracking["version"], document.category)


def _check_draft(whole: dict) -> Report:
    found, ran = draft_2_1.check_2_1(whole)
    head = whole["document"] if SCHEMA not in found.failed else {"tracking": {"id": "", "version": ""}, "category": ""}
    tracking = head["tracking"]
    return Report(
        found.failed, tuple(found.told), found.total, tracking["id"], tracking["version"], head["category"], draft_2_1.VERSION, ran
    )  # fmt: skip


def read(content: bytes, limits: Limits) -> object:
    """The JSON that the bytes hold. Invalid with line and column where they hold none."""
    if len(content) > limits.bytes:
        said = f"The document has {len(content):,} bytes, the most is {limits.bytes:,}."
        facts = {"count": len(content), "most": limits.bytes}
        raise Invalid("csaf.too_large", said, facts, "Split the document by product line.")
    try:
        whole = orjson.loads(content.removeprefix(_MARK))
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):
            raise _too_deep(limits) from None
        place = f"line {error.lineno}, column {error.colno}"
        raise Invalid("csaf.not_json", f"{place}: {error.msg}.", {"place": place}, REMEDY) from None
    _refuse_deep(whole, limits)
    return whole


def _too_deep(limits: Limits) -> Invalid:
    said = f"The document nests more than {limits.nesting:,} levels."
    return Invalid("csaf.nested_too_deep", said, {"most": limits.nesting}, "Write branches side by side.")


def _refuse_deep(whole: object, limits: Limits) -> None:
    level = [whole] if isinstance(whole, dict | list) else []
    for _ in range(limits.nesting):
        level = [
            each
            for one in level
            for each in (one.values() if isinstance(one, dict) else one)
            if isinstance(each, dict | list)
        ]
        if not level:
            return
    raise _too_deep(limits)


def _check_schema(whole: object, found: Findings) -> None:
    validator = schema()
    if validator.is_valid(whole):
        return
    for number, error in enumerate(validator.iter_errors(whole)):
        if number >= FINDINGS_TOLD_MAX:
            break
        found.add(SCHEMA, list(error.instance_path), error.message)
