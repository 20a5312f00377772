"""SPDX 2.2 and 2.3 YAML -> the names of its JSON.

Only plain YAML: aliases are refused, so nothing can grow; text stays text (`1.10` is a version and no number), but for the
numbers and truth values that SPDX has.
"""

import yaml

from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.refusing import refused, too_large

_NUMBERS = frozenset(["offset", "lineNumber"])
_TRUTHS = {"true": True, "false": False}


def parse(text: str, limits: Limits) -> tuple[dict, dict[str, int]]:
    """The document and the lines of the parts of its lists by JSON pointer. Invalid with the line where it is no plain YAML."""
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        builder = _Builder(limits)
        for event in events:
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise refused("sbom.not_yaml", f"line {line}", f"{getattr(error, 'problem', None) or 'Is no YAML'}.") from None
    if not isinstance(builder.document, dict):
        raise refused("sbom.not_yaml", "line 1", "Is no mapping.")
    return builder.document, builder.lines


class _Builder:
    """Builds dicts and lists from events, without tags, anchors and aliases."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.values = 0
        self.document = None
        self.lines: dict[str, int] = {}
        self.open: list[tuple[object, str]] = []
        self.keys: list[str | None] = []

    def take(self, event) -> None:
        line = event.start_mark.line + 1
        self.values += 1
        if self.values > self.limits.values:
            raise too_large("values or more", self.values, self.limits.values, f"line {line}")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refused("sbom.yaml_alias", f"line {line}", "Has an anchor or alias.", "Write everything out.")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.open.pop()
            self.keys.pop()

    def _scalar(self, event, line: int) -> None:
        if self.open and isinstance(self.open[-1][0], dict) and self.keys[-1] is None:
            if event.value in self.open[-1][0]:
                raise refused("sbom.not_yaml", f"line {line}", f"{event.value[:60]} stands twice.")
            self.keys[-1] = event.value
            return
        key = self.keys[-1] if self.keys else None
        self._put(_value(event, key), line)

    def _begin(self, one, line: int) -> None:
        if len(self.open) >= self.limits.nesting:
            raise refused("sbom.nested_too_deep", f"line {line}", f"Nests more than {self.limits.nesting:,} levels.")
        if self.open and isinstance(self.open[-1][0], dict) and self.keys[-1] is None:
            raise refused("sbom.not_yaml", f"line {line}", "A name is a list or mapping.")
        pointer = self._put(one, line)
        self.open.append((one, pointer))
        self.keys.append(None)

    def _put(self, one, line: int) -> str:
        if not self.open:
            if self.document is not None:
                raise refused("sbom.not_yaml", f"line {line}", "Holds several documents.")
            self.document = one
            return ""
        into, pointer = self.open[-1]
        if isinstance(into, dict):
            key = self.keys[-1]
            into[key] = one
            self.keys[-1] = None
            return f"{pointer}/{key}"
        place = f"{pointer}/{len(into)}"
        into.append(one)
        if pointer.count("/") <= 1:
            self.lines[place] = line
        return place


def _value(event, key: str | None):
    if not event.implicit[0]:
        return event.value
    if key == "filesAnalyzed" and event.value.lower() in _TRUTHS:
        return _TRUTHS[event.value.lower()]
    if key in _NUMBERS and event.value.isdigit() and len(event.value) < 20:
        return int(event.value)
    if event.value in ("", "~", "null"):
        return None
    return event.value
