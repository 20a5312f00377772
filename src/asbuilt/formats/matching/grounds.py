"""Why a criterion fits a subject or does not: kept with each finding, so that a person can follow it years later."""

import json
from dataclasses import dataclass, fields

from asbuilt.formats.matching.parts import Narrowing, read_narrowing
from asbuilt.formats.versions.matches import Match
from asbuilt.formats.versions.ranges import Bounds, in_words

IN_RANGE, OUTSIDE, EVERY_VERSION, SAME_HASH, SAME_COMMIT = (
    "in_range",
    "outside",
    "every_version",
    "same_hash",
    "same_commit",
)
LINKED = "linked"  # the record points at this component of an SBOM
SAID_SAFE = "said_safe"  # the record names this version as mended or not affected
# why it cannot be told
NO_VERSION, NOT_COMPARABLE, NO_VERSIONS_SAID, STATUS_UNKNOWN = "no_version", "not_comparable", "no_versions_said", "status_unknown"  # fmt: skip
SURROUNDINGS, ATTRIBUTES_OPEN, RELEASE_UNSAID, COMMITS, PIECES = "surroundings", "attributes_open", "release_unsaid", "commits", "pieces"  # fmt: skip
# what is known to stand beside it is what the record asks for, or plainly is not, or is so in some places only
SURROUNDINGS_NAMED, SURROUNDINGS_OTHER, SURROUNDINGS_DIFFER = "surroundings_named", "surroundings_other", "surroundings_differ"  # fmt: skip
CAUSES = (
    IN_RANGE, OUTSIDE, EVERY_VERSION, SAME_HASH, SAME_COMMIT, LINKED, SAID_SAFE, NO_VERSION, NOT_COMPARABLE, NO_VERSIONS_SAID,
    STATUS_UNKNOWN, SURROUNDINGS, ATTRIBUTES_OPEN, RELEASE_UNSAID, COMMITS, PIECES,
    SURROUNDINGS_NAMED, SURROUNDINGS_OTHER, SURROUNDINGS_DIFFER,
)  # fmt: skip
EVERY = in_words(Bounds())
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Ground:
    """One criterion's word: `record` of the feed, kind and key of the criterion, the version looked at, how it was compared
    (`scheme`) with what (`versions`, as `>= 2.0 and < 2.28.8`), and the cause. `confirmed`: the name came from an identity.
    `pieces`: of which pieces of a part alone the record speaks there; none: of the part as such. `identifier`: of a subject with
    several purls, or several CPEs, the one that was looked at."""

    record: str
    kind: str
    key: str
    match: Match
    cause: str
    version: str = ""
    versions: str = ""
    scheme: str = ""
    confirmed: bool = False
    pieces: tuple[Narrowing, ...] = ()
    identifier: str = ""

    @property
    def bounded(self) -> bool:
        """Whether it speaks of some versions rather than of all."""
        return self.versions not in ("", EVERY)


_FIELDS = tuple(one.name for one in fields(Ground))


def grounds_text(grounds) -> str:
    """The grounds as the row keeps them: a JSON list, the strongest first, alike for alike grounds."""
    ordered = sorted(grounds, key=lambda one: (-one.match, one.record, one.kind, one.key, one.versions, one.identifier))
    return _encode([_said(one) for one in ordered])


def _said(one: Ground) -> dict:
    said = {name: getattr(one, name) for name in _FIELDS}
    for name in ("pieces", "identifier"):
        if not said[name]:
            del said[name]
    return said


def read_grounds(text: str) -> tuple[Ground, ...]:
    """The grounds that a row keeps."""
    return tuple(
        Ground(**{**one, "match": Match(one["match"]), "pieces": tuple(map(read_narrowing, one.get("pieces", ())))})
        for one in json.loads(text)
    )
