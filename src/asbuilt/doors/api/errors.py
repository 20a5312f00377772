"""Why the API refuses before a room is asked: one function a reason."""

from asbuilt.kernel.errors import (
    AsbuiltError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    RowError,
    Unavailable,
)


class TooMany(Unavailable):
    """More requests than the rate allows."""

    http_status = 429
    title = "Too many requests"


class TooLarge(Invalid):
    """The request brings more than the limit."""

    http_status = 413
    title = "Too large"


class MethodUnknown(Refused):
    """The address knows other methods."""

    http_status = 405
    title = "Method not allowed"


class Broken(AsbuiltError):
    """What nobody foresaw."""

    title = "Broken"


def too_many(seconds: int) -> TooMany:
    """The caller's requests of this minute are used up."""
    facts = {"retry_after_seconds": seconds}
    return TooMany("api.too_many_requests", "Too many requests.", facts, f"Wait {seconds} s, then go on.", seconds)


def not_signed_by_station() -> NotSignedIn:
    """No enrolled station's key signed this request."""
    said = "No station of this name signed the request."
    return NotSignedIn("api.station_signature", said, remedy="Enrol the station, or look at its name and key.")


def clock_differs() -> NotSignedIn:
    """The request was signed too long ago, or by a clock that is wrong."""
    said = "The station's clock differs from the server's by over ten minutes."
    return NotSignedIn("api.station_clock", said, remedy="Set the station's clock, then sync again.")


def too_large(bytes_max: int, remedy: str = "Send less at once.") -> TooLarge:
    """The body is larger than the limit."""
    return TooLarge("api.too_large", f"A body has at most {bytes_max:,} bytes here.", {"bytes_max": bytes_max}, remedy)


def not_found() -> NotFound:
    """No such address, or nothing there for this reader."""
    return NotFound("api.not_found", "Nothing here for you.", remedy="Addresses stand in /api/v1/openapi.json.")


def method_unknown(method: str, allowed: list[str]) -> MethodUnknown:
    """The address is there, the method is not."""
    facts = {"allowed": allowed}
    return MethodUnknown("api.method", f"{method[:20]} is not possible here.", facts, f"Use {' or '.join(allowed)}.")


def not_signed_in() -> NotSignedIn:
    """Neither a token nor a session."""
    remedy = "Send `Authorization: Bearer TOKEN`. Tokens are made on your own page."
    return NotSignedIn("api.not_signed_in", "This request says not who asks.", remedy=remedy)


def forged() -> NotAllowed:
    """A session's write without the secret of its pages."""
    remedy = "Send the secret of the page as X-CSRFToken, or use a token."
    return NotAllowed("api.form_secret", "This session's request comes without its form secret.", remedy=remedy)


def fields_wrong(rows: list[RowError], total: int) -> Invalid:
    """Parts of the request that are missing or wrong, each named."""
    message = f"{rows[0].column}: {rows[0].reason}." if total == 1 else f"{total} parts of the request are wrong."
    return Invalid("api.fields_wrong", message, {}, "Mend what `errors` names.", rows=rows, total=total)


def field_wrong(column: str, reason: str, remedy: str = "", value: str = "") -> Invalid:
    """One wrong part of the request."""
    row = RowError("api.fields_wrong", "request", None, column, value, reason, remedy)
    return Invalid("api.fields_wrong", f"{column}: {reason}.", {}, remedy or "Mend what `errors` names.", rows=[row])


def bad_request(reason: str) -> Invalid:
    """No proper request."""
    refusal = Invalid("api.bad_request", reason, remedy="Look at the request that the description asks for.")
    refusal.http_status = 400
    return refusal


def broken(request_id: str) -> Broken:
    """What nobody foresaw; its particulars stand in the log under the request's id."""
    remedy = f"Tell support: request {request_id}."
    return Broken("api.broken", "Something broke on our side. Nothing was recorded.", remedy=remedy)


def too_many_serials(found: int, serials_max: int) -> Refused:
    """More serial numbers than one answer holds."""
    facts = {"units": found, "units_max": serials_max}
    message = f"{found:,} serial numbers do not go into one answer; the limit is {serials_max:,}."
    return Refused("api.too_many_serials", message, facts, "Take them page by page from /api/v1/ask/serials.")


def code_unknown(code: str, nearest: list[str]) -> NotFound:
    """Nothing has this code that the reader may see."""
    remedy = f"Nearest: {', '.join(nearest)}." if nearest else "Look at its spelling."
    return NotFound(
        "api.code_unknown", f"Nothing has the code {code[:80]}.", {"code": code[:80], "near": nearest}, remedy
    )
