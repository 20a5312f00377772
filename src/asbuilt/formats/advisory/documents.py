"""Documents that are not JSON: XML and YAML, each as one record. YAML without aliases, all of its scalars as text."""

from asbuilt.formats.advisory.cells import fit
from asbuilt.formats.advisory.records import RecordBroken
from asbuilt.formats.advisory.splitting import NESTING_MAX

XML_BYTES_MAX = 32 << 20
YAML_BYTES_MAX = 2 << 20


def yaml_document(raw: bytes) -> dict:
    """The structure of a YAML document; RecordBroken where it is none, has aliases, or is too large or deep."""
    import yaml

    if len(raw) > YAML_BYTES_MAX:
        raise RecordBroken("", f"is YAML of more than {YAML_BYTES_MAX >> 20} MiB")
    try:
        text = raw.decode()
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise RecordBroken(f"line {event.start_mark.line + 1}", "has an alias")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > NESTING_MAX:
                raise RecordBroken("", f"is nested deeper than {NESTING_MAX}")
        found = yaml.load(text, Loader=yaml.CBaseLoader)
    except UnicodeDecodeError:
        raise RecordBroken("", "is not UTF-8") from None
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise RecordBroken(
            place, f"is not YAML: {fit(str(getattr(broken, 'problem', '') or 'not read'))}"[:200]
        ) from None
    except (ValueError, TypeError, RecursionError):
        raise RecordBroken("", "is not YAML") from None
    if not isinstance(found, dict):
        raise RecordBroken("", "is no structure")
    return found
