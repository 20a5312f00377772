"""What a request may bring: strict JSON of limited size and depth, and texts that every engine can keep."""

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from asbuilt.doors.api import errors
from asbuilt.doors.api.limits import limit
from asbuilt.kernel.canonical import parse_strict


class StrictParser(Parser):
    """Refuses what two readers could understand differently, and the NUL character, which PostgreSQL cannot keep."""

    def parse_body(self, request: HttpRequest) -> dict:
        """The JSON object of the body."""
        kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind not in ("", "application/json"):
            raise errors.bad_request(f"The body is {ascii(kind)[1:41]}, not application/json.")
        bytes_max, nesting_max = limit("API_BODY_BYTES_MAX"), limit("API_BODY_NESTING_MAX")
        said = parse_strict(request.body, bytes_max=bytes_max, nesting_max=nesting_max)
        refuse_nul("body", said)
        return said

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> dict:
        """The fields of a query or form; a field that is no list comes once."""
        for name, values in data.lists():
            if len(values) > 1 and name not in list_fields:
                raise errors.field_wrong(name[:40], "stands more than once", "Say it once.")
            refuse_nul(name, values)
        return super().parse_querydict(data, list_fields, request)


def refuse_nul(where: str, value: object) -> None:
    """Invalid where a text inside the value holds the character NUL."""
    if isinstance(value, str):
        if "\x00" in value:
            raise errors.field_wrong(where[:40].replace("\x00", ""), "holds the character NUL", "Leave it out.")
    elif isinstance(value, dict):
        for name, part in value.items():
            refuse_nul(where, name)
            refuse_nul(name, part)
    elif isinstance(value, list):
        for part in value:
            refuse_nul(where, part)
