"""References inside a document: each component gets one that is its own; a doubled or dangling one is a doubt, not a refusal."""

PLACES_TOLD_MAX = 100
MADE_UP = "place:"
"""What a reference begins with that the document has not."""
ELSEWHERE = ("urn:cdx:", "DocumentRef-", "NONE", "NOASSERTION")
"""References that lead out of the document, or that say that there is none."""


class Refs:
    """The references of one document. `doubts` names at most 100 places, then how many more there are."""

    def __init__(self):
        self._known: set[str] = set()
        self._used: list[tuple[str, str]] = []
        self._doubled: list[tuple[str, str]] = []

    def take(self, ref: str | None, place: str) -> str:
        """The reference of the component at this place; one made up where there is none or it is taken."""
        if ref and ref not in self._known:
            self._known.add(ref)
            return ref
        if ref:
            self._doubled.append((place, f"The reference {ref[:80]} stands in the document already."))
        made = f"{MADE_UP}{place}"
        self._known.add(made)
        return made

    def also_known(self, ref: str | None) -> None:
        """Something else in the document, such as a service, has this reference."""
        if ref:
            self._known.add(ref)

    def use(self, ref: str, place: str) -> None:
        """The document speaks of this reference here."""
        if ref not in self._known:
            self._used.append((ref, place))

    @property
    def doubts(self) -> list[tuple[str, str]]:
        """Doubled and dangling references with their places."""
        dangling = [
            (place, f"The reference {ref[:80]} leads nowhere in the document.")
            for ref, place in self._used
            if ref not in self._known and not ref.startswith(ELSEWHERE)
        ]
        return shortened(self._doubled) + shortened(dangling)


def shortened(doubts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first 100, and a line that counts the rest."""
    if len(doubts) <= PLACES_TOLD_MAX:
        return doubts
    more = len(doubts) - PLACES_TOLD_MAX
    return [*doubts[:PLACES_TOLD_MAX], ("/", f"{more:,} more places are like these.")]
