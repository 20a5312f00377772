"""Tests of the scores: 6.1.7 to 6.1.10.

Standard: CVSS 2.0, 3.0 and 3.1 (FIRST), computed by the package `cvss`. Metrics that a vector leaves out are not defined: a temporal
score is then the base score, an environmental score the temporal one, as the formulas give it.
"""

from collections.abc import Iterator
from functools import lru_cache

from asbuilt.formats.csaf.document import CsafDocument, Path
from asbuilt.formats.csaf.findings import Findings, pointer, quoted
from asbuilt.formats.csaf.official import cvss
from asbuilt.formats.cvss_vectors import severity_of

KINDS = ("cvss_v2", "cvss_v3")
SCORES = ("baseScore", "temporalScore", "environmentalScore")
SEVERITIES = {"baseSeverity": "baseScore", "temporalSeverity": "temporalScore", "environmentalSeverity": "environmentalScore"}  # fmt: skip
_SCHEMA_ERRORS_MAX = 20


def _ratings(document: CsafDocument) -> Iterator[tuple[Path, dict, str]]:
    """Each CVSS part with its place and its version."""
    for place, one in document.parts("scores"):
        for kind in KINDS:
            if kind in one:
                given = one[kind].get("version")
                yield (*place, kind), one[kind], "2.0" if kind == "cvss_v2" else "3.0" if given == "3.0" else "3.1"


def products_are_scored_once_a_version(document: CsafDocument, found: Findings) -> None:
    """6.1.7 Multiple Scores with same Version per Product."""
    seen: dict[tuple, set[str]] = {}
    for place, _, version in _ratings(document):
        listed = document.vulnerabilities[place[1]]["scores"][place[3]]["products"]
        before = seen.setdefault((place[1], version), set())
        for at, product in enumerate(listed):
            if product in before:
                said = f"The product {quoted(product)} has a second CVSS {version} score."
                found.add("6.1.7", (*place[:4], "products", at), said)
        before.update(listed)


def ratings_are_valid(document: CsafDocument, found: Findings) -> None:
    """6.1.8 Invalid CVSS."""
    for place, rating, version in _ratings(document):
        validator = cvss(version)
        if validator.is_valid(rating):
            continue
        for number, error in enumerate(validator.iter_errors(rating)):
            if number >= _SCHEMA_ERRORS_MAX:
                break
            found.add("6.1.8", pointer(place) + pointer(error.instance_path), error.message)


def scores_are_computed(document: CsafDocument, found: Findings) -> None:
    """6.1.9 Invalid CVSS computation."""
    for place, rating, version in _ratings(document):
        if not cvss(version).is_valid(rating):
            continue  # 6.1.8 speaks of it
        computed = _computed(version, rating["vectorString"])
        if computed is None:
            found.add("6.1.9", (*place, "vectorString"), "The vector gives no score: it lacks or repeats a metric.")
            continue
        for name in SCORES:
            if name in rating and float(rating[name]) != computed[name]:
                said = f"{name} is {rating[name]}, the vector gives {computed[name]}."
                found.add("6.1.9", (*place, name), said)
        for name, score in SEVERITIES.items():
            if name in rating and rating[name] != severity_of(computed[score]).upper():
                said = f"{name} is {rating[name]}, the vector gives {severity_of(computed[score]).upper()}."
                found.add("6.1.9", (*place, name), said)


def metrics_agree_with_the_vector(document: CsafDocument, found: Findings) -> None:
    """6.1.10 Inconsistent CVSS. A metric that the vector leaves out contradicts nothing, as the standard's own examples have it."""
    for place, rating, version in _ratings(document):
        computed = _computed(version, rating["vectorString"]) if cvss(version).is_valid(rating) else None
        for name, value in (computed or {}).items():
            if name not in SCORES and name not in SEVERITIES and rating.get(name, value) != value:
                said = f"{name} is {quoted(rating[name])}, the vector says {value}."
                found.add("6.1.10", (*place, name), said)


@lru_cache(4_096)
def _computed(version: str, vector: str) -> dict | None:
    """The metrics that the vector states, by the names of their properties, and what it scores. None where it gives no score."""
    # loaded when a score is checked: the command line counts milliseconds
    from cvss import CVSS2, CVSS3
    from cvss.exceptions import CVSSError

    try:
        found = (CVSS2 if version == "2.0" else CVSS3)(vector)
    except (CVSSError, ValueError, KeyError):
        return None
    base, temporal, environmental = found.scores()
    temporal = base if temporal is None else temporal
    environmental = temporal if environmental is None else environmental
    said = {name: float(score) for name, score in zip(SCORES, (base, temporal, environmental), strict=True)}
    stated = {part.split(":", 1)[0] for part in vector.split("/")}
    metrics = METRICS_2 if version == "2.0" else METRICS_3
    named = found.as_json()
    return said | {name: named[name] for short, name in metrics.items() if short in stated}


METRICS_2 = {
    "AV": "accessVector", "AC": "accessComplexity", "Au": "authentication", "C": "confidentialityImpact", "I": "integrityImpact",
    "A": "availabilityImpact", "E": "exploitability", "RL": "remediationLevel", "RC": "reportConfidence",
    "CDP": "collateralDamagePotential", "TD": "targetDistribution", "CR": "confidentialityRequirement",
    "IR": "integrityRequirement", "AR": "availabilityRequirement",
}  # fmt: skip
METRICS_3 = {
    "AV": "attackVector", "AC": "attackComplexity", "PR": "privilegesRequired", "UI": "userInteraction", "S": "scope",
    "C": "confidentialityImpact", "I": "integrityImpact", "A": "availabilityImpact", "E": "exploitCodeMaturity",
    "RL": "remediationLevel", "RC": "reportConfidence", "CR": "confidentialityRequirement", "IR": "integrityRequirement",
    "AR": "availabilityRequirement", "MAV": "modifiedAttackVector", "MAC": "modifiedAttackComplexity",
    "MPR": "modifiedPrivilegesRequired", "MUI": "modifiedUserInteraction", "MS": "modifiedScope",
    "MC": "modifiedConfidentialityImpact", "MI": "modifiedIntegrityImpact", "MA": "modifiedAvailabilityImpact",
}  # fmt: skip
