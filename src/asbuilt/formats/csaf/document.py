"""A CSAF document that its schema has passed, as the tests walk through it: each part with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.formats.csaf.limits import Limits
from asbuilt.kernel.errors import Invalid

Path = tuple[str | int, ...]
BY_PRODUCTS = ("flags", "remediations", "threats")
"""Parts of a vulnerability that name products and groups of products."""


@dataclass
class CsafDocument:
    """The parsed document; what several tests need is gathered once."""

    whole: dict
    limits: Limits = field(default_factory=Limits)
    _expanded: int = 0

    @property
    def head(self) -> dict:
        """/document."""
        return self.whole["document"]

    @property
    def tracking(self) -> dict:
        """/document/tracking."""
        return self.head["tracking"]

    @property
    def category(self) -> str:
        """/document/category."""
        return self.head["category"]

    @property
    def tree(self) -> dict:
        """/product_tree, empty where there is none."""
        return self.whole.get("product_tree", {})

    @property
    def vulnerabilities(self) -> list[dict]:
        """/vulnerabilities, empty where there are none."""
        return self.whole.get("vulnerabilities", [])

    @cached_property
    def branches(self) -> list[tuple[Path, dict]]:
        """Every branch of any depth."""
        found: list[tuple[Path, dict]] = []
        open_: list[tuple[Path, dict]] = [(("product_tree",), self.tree)]
        while open_:
            place, node = open_.pop()
            for number, branch in enumerate(node.get("branches", ())):
                here = (*place, "branches", number)
                found.append((here, branch))
                open_.append((here, branch))
        return sorted(found, key=lambda one: [part for part in one[0] if isinstance(part, int)])

    @cached_property
    def products(self) -> list[tuple[Path, dict]]:
        """Every full product name: of branches, of the list, of relationships."""
        found = [((*place, "product"), branch["product"]) for place, branch in self.branches if "product" in branch]
        for number, one in enumerate(self.tree.get("full_product_names", ())):
            found.append((("product_tree", "full_product_names", number), one))
        for number, one in enumerate(self.tree.get("relationships", ())):
            place = ("product_tree", "relationships", number, "full_product_name")
            found.append((place, one["full_product_name"]))
        return found

    @cached_property
    def groups(self) -> dict[str, frozenset[str]]:
        """Product ids by the id of their group; one that is defined twice has the products of both."""
        found: dict[str, frozenset[str]] = {}
        for one in self.tree.get("product_groups", ()):
            found[one["group_id"]] = found.get(one["group_id"], frozenset()) | frozenset(one["product_ids"])
        return found

    def parts(self, *names: str) -> Iterator[tuple[Path, dict]]:
        """Each entry of these lists of each vulnerability, with its place."""
        for number, vulnerability in enumerate(self.vulnerabilities):
            for name in names:
                for at, one in enumerate(vulnerability.get(name, ())):
                    yield ("vulnerabilities", number, name, at), one

    def named_by(self, part: dict) -> set[str]:
        """Products that a flag, remediation or threat names, itself or through groups. Invalid past the limit."""
        found = set(part.get("product_ids", ()))
        for group in part.get("group_ids", ()):
            listed = self.groups.get(group, frozenset())
            self._expanded += len(listed)
            if self._expanded > self.limits.expanded:
                said = f"Groups name more than {self.limits.expanded:,} products in all."
                raise Invalid(
                    "csaf.too_large", said, {"most": self.limits.expanded}, "Split the document by product line."
                )
            found |= listed
        return found
