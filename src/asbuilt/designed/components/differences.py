"""What changed between two SBOMs: components that came, went, changed version, or are described otherwise.

A component is the same one in both where type, namespace and name of the purl are, or, where one of the two has no purl,
group and name without regard to case. Several versions of one component in an SBOM are paired in their order; what is
left over came or went.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from packageurl import PackageURL

from asbuilt.designed.components import queries
from asbuilt.designed.components.queries import ListedComponent, Sbom

NAMED = ("version", "purl", "cpe", "further", "maker", "supplier", "licences", "hashes")


@dataclass(frozen=True, slots=True)
class Changed:
    """A component that is in both and not the same; `what` names what differs, version first."""

    before: ListedComponent
    after: ListedComponent
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two SBOMs, the earlier and the later. `same` counts the components that are alike in both."""

    before: Sbom
    after: Sbom
    added: tuple[ListedComponent, ...]
    removed: tuple[ListedComponent, ...]
    changed: tuple[Changed, ...]
    same: int

    @property
    def versions(self) -> int:
        """How many components changed their version."""
        return sum(one.what[0] == "version" for one in self.changed)


def compared(tenant: int, before: Sbom, after: Sbom) -> Difference:
    """The difference of two SBOMs; the subject of each is left out, as it is what they are of."""
    first = [one for one in queries.each_component(tenant, before.number) if one.place > 0]
    second = [one for one in queries.each_component(tenant, after.number) if one.place > 0]
    pairs, gone, come = _paired(first, second, _identity)
    more, gone, come = _paired(gone, come, _bare_name, only=_one_has_no_purl)
    changed, same = [], 0
    for old, new in [*pairs, *more]:
        what = tuple(name for name in NAMED if _said(old, name) != _said(new, name))
        if what:
            changed.append(Changed(old, new, what))
        else:
            same += 1
    changed.sort(key=lambda one: one.after.place)
    return Difference(before, after, tuple(come), tuple(gone), tuple(changed), same)


def _identity(one: ListedComponent) -> tuple:
    if one.package.purl_canonical:
        purl = PackageURL.from_string(one.package.purl_canonical)
        return (purl.type, purl.namespace or "", purl.name)
    return _bare_name(one)


def _bare_name(one: ListedComponent) -> tuple:
    return ("", one.package.group.lower(), one.package.name.lower())


def _one_has_no_purl(old: ListedComponent, new: ListedComponent) -> bool:
    return not (old.package.purl_canonical and new.package.purl_canonical)


def _said(one: ListedComponent, name: str):
    if name in ("licences", "hashes"):
        return frozenset(getattr(one, name))
    return getattr(one, name) if name == "supplier" else getattr(one.package, name)


def _paired(
    first: Iterable[ListedComponent], second: Iterable[ListedComponent], key, only=None
) -> tuple[list, list, list]:
    """(pairs, left of the first, left of the second); of one key equal versions are paired first, then in their order."""
    of_key: dict[tuple, list[ListedComponent]] = defaultdict(list)
    for one in second:
        of_key[key(one)].append(one)
    pairs, waiting = [], []
    for one in first:
        fits = of_key.get(key(one), [])
        at = next((at for at, other in enumerate(fits) if other.package.version == one.package.version), None)
        if at is not None and (only is None or only(one, fits[at])):
            pairs.append((one, fits.pop(at)))
        else:
            waiting.append(one)
    left = []
    for one in waiting:
        fits = of_key.get(key(one), [])
        if fits and (only is None or only(one, fits[0])):
            pairs.append((one, fits.pop(0)))
        else:
            left.append(one)
    come = sorted((one for fits in of_key.values() for one in fits), key=lambda one: one.place)
    return pairs, left, come
