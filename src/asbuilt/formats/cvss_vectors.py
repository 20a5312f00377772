"""CVSS vectors: what they score, with the environmental metrics of whoever looks at his own product.

    rate("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P")   -> Rating(base 9.8, score 6.8, "medium")

Standard: CVSS 3.0, 3.1 and 4.0 (FIRST). A vector of another version, or one that is wrong, is refused.
"""

from dataclasses import dataclass
from functools import lru_cache

from asbuilt.kernel.errors import Invalid

VECTOR_CHARACTERS_MAX = 400
_PREFIXES = {"CVSS:3.0/": "3.0", "CVSS:3.1/": "3.1", "CVSS:4.0/": "4.0"}
_ENVIRONMENTAL = ("CR", "IR", "AR", "MAV", "MAC", "MAT", "MPR", "MUI", "MS", "MC", "MI", "MA", "MVC", "MVI", "MVA", "MSC", "MSI", "MSA")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rating:
    """What a vector scores: `base` without, `score` with its threat and environmental metrics, 0.0 to 10.0, and the severity of `score`."""

    version: str
    vector: str
    base: float
    score: float
    severity: str
    environmental: bool


@lru_cache(4_096)
def rate(vector: str) -> Rating:
    """What this vector scores. Invalid: no CVSS 3.0, 3.1 or 4.0 vector."""
    # loaded when a vector is read: the command line counts milliseconds
    from cvss import CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    version = next((found for prefix, found in _PREFIXES.items() if vector.startswith(prefix)), "")
    metrics = dict(part.split(":", 1) for part in vector.split("/")[1:] if ":" in part)
    kept = [part for part in vector.split("/") if part.split(":", 1)[0] not in _LEFT_OUT]
    try:
        if not version or len(vector) > VECTOR_CHARACTERS_MAX:
            raise ValueError
        if version == "4.0":
            score, base = float(CVSS4(vector).base_score), float(CVSS4("/".join(kept)).base_score)
        else:
            base, _, score = map(float, CVSS3(vector).scores())
    except (CVSSError, ValueError, KeyError):
        said = f"{vector[:80]!a} is no CVSS 3.0, 3.1 or 4.0 vector."
        remedy = "Write it as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H, environmental metrics after it."
        raise Invalid("vulnerability.cvss_wrong", said, {"field": "vector"}, remedy) from None
    environmental = any(metrics.get(name, "X") != "X" for name in _ENVIRONMENTAL)
    return Rating(version, vector, base, score, severity_of(score), environmental)


_LEFT_OUT = frozenset({*_ENVIRONMENTAL, "E"})


def severity_of(score: float) -> str:
    """none, low, medium, high or critical, by the qualitative scale that 3.1 and 4.0 share."""
    for limit, word in ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")):
        if score >= limit:
            return word
    return "none"


def csaf_score(rating: Rating) -> dict | None:
    """The `cvss_v3` of a CSAF 2.0 score; None for CVSS 4.0, which CSAF 2.0 has no field for."""
    from cvss import CVSS3

    if rating.version == "4.0":
        return None
    # only what the vector itself says, so that no metric contradicts it
    said = CVSS3(rating.vector).as_json(minimal=True)
    kept = {"version", "vectorString", "baseScore", "baseSeverity"}
    score = {name: said[name] for name in kept}
    if rating.environmental:
        score["environmentalScore"] = rating.score
        score["environmentalSeverity"] = rating.severity.upper()
    return {"cvss_v3": score}


@lru_cache(20_000)
def base_of(vector: str) -> float | None:
    """The base score of a vector that came without one, as OSV gives all of its; None where it is none."""
    try:
        return rate(vector).base if vector else None
    except Invalid:
        return None
