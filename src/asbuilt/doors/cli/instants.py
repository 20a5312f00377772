"""Instants as they are typed on the command line."""


def instant_of(field: str, text: str) -> int:
    """An instant as it was typed, in UTC microseconds; Invalid with the name of its option."""
    from asbuilt.kernel.errors import Invalid
    from asbuilt.kernel.instants import parse_instant

    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cases.time_wrong", f"{field}: {refusal}.", {"field": field}, "Write the time so.") from None
