"""A label as read: nine fields, each as printed or None, and a warning for each that is missing or doubtful.

`Reading` gathers the fields while a notation is read. What must be a number of pieces, a country or a date is checked
here, so that a value that slid into the wrong field shows. Texts are marked with `gettext_noop` and translated where they
are shown.
"""

import re
from dataclasses import dataclass, field

from asbuilt.formats.labels.countries import COUNTRIES
from asbuilt.formats.labels.date_codes import DateCode, read_date_code

QUANTITY_MAX = 2_147_483_647
SHOWN_CHARACTERS = 80

FIELDS = (
    "vendor", "mpn", "customer_part", "order_code", "manufacturer", "lot_code", "date_code", "quantity", "country",
)  # fmt: skip

# pieces in words that labels carry behind the number; another unit (metres, grams) is not a number of pieces
_QUANTITY = re.compile(r"(\d{1,12}) ?(?:EA|PCS?|PCE|ST|STK)?", re.ASCII | re.IGNORECASE)


def gettext_noop(text: str) -> str:
    """Mark a text for the translators and leave it as it is."""
    return text


_ = gettext_noop

MISSING = _("not on the label")
PRINTER_UNKNOWN = _("the label does not tell who printed it")
DATE_UNREADABLE = _("{value} is no date code that can be read")
DATE_UNSURE = _("{value} can be read in more than one way")
DATES_DIFFER = _("the label carries dates that differ: {value}")
NO_QUANTITY = _("{value} is no number of pieces")
NO_COUNTRY = _("{value} is no country code")
RAN_TOGETHER = _("not read, two fields ran together: {value}")
DIFFERENT_TWICE = _("not read, the label carries it twice: {value}")
OWN_IDENTIFIER = _("doubtful, {value} begins with its own identifier {identifier}")
NOT_OF_LAYOUT = _("doubtful, this kind of label has no field {identifier}")
INCOMPLETE = _("doubtful, the label lacks {identifier}")
NO_NAME = _("doubtful, {value} is no name")
END_CHANGED = _("doubtful, the end of the label was changed: {value}")
SEVERAL_LOTS = _("{value} may be several lots")
CHECK_DIGIT = _("not read, the check digit of {value} is wrong")
IMPOSSIBLE_DATE = _("doubtful, the label carries an impossible date: ({identifier}) {value}")
BY_POSITION = _("doubtful, {value} was read by its position alone")
MANUFACTURERS_NUMBER = _("doubtful, {value} is the manufacturer's number and may be more than the part number")


@dataclass(frozen=True, slots=True)
class LabelWarning:
    """One field that is missing or doubtful: its name, a text with names in braces, what stands for them."""

    field: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.text.format(**self.facts)}"


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says. `printed` holds every field of it by its identifier, also those that have no name here."""

    vendor: str | None
    mpn: str | None
    customer_part: str | None
    order_code: str | None
    manufacturer: str | None
    lot_code: str | None
    date_code: DateCode | None
    quantity: int | None
    country: str | None
    warnings: tuple[LabelWarning, ...]
    printed: tuple[tuple[str, str], ...]

    def as_document(self) -> dict:
        """The label as JSON values: the nine fields, then `warnings` as sentences that begin with the field's name."""
        said = {name: getattr(self, name) for name in FIELDS}
        if self.date_code is not None:
            date = self.date_code
            said["date_code"] = {"raw": date.raw, "year": date.year, "week": date.week, "sure": date.sure}
        warnings = sorted(self.warnings, key=lambda warning: FIELDS.index(warning.field))
        return {**said, "warnings": [str(warning) for warning in warnings]}


# made once: most labels lack some field
_LACKING = {name: LabelWarning(name, PRINTER_UNKNOWN if name == "vendor" else MISSING) for name in FIELDS}


class Reading:
    """The fields of one label while it is read."""

    def __init__(self, vendor: str | None = None):
        self.values: dict[str, object] = {"vendor": vendor}
        self.warnings: list[LabelWarning] = []
        self.printed: tuple[tuple[str, str], ...] = ()

    def warn(self, name: str, text: str, **facts: str) -> None:
        """Keep the field and say what is doubtful about it."""
        self.warnings.append(LabelWarning(name, text, {key: _shown(value) for key, value in facts.items()}))

    def drop(self, name: str, text: str, **facts: str) -> None:
        """Leave the field empty and say why."""
        self.values[name] = None
        self.warn(name, text, **facts)

    def take(self, name: str, value: str) -> None:
        """A text as printed, without blanks around it; an empty one is missing."""
        self.values[name] = value.strip() or None

    def take_quantity(self, value: str) -> None:
        """A number of pieces; anything else is left empty with a warning."""
        found = _QUANTITY.fullmatch(value)
        if found and int(found[1]) <= QUANTITY_MAX:
            self.values["quantity"] = int(found[1])
        elif value.strip():
            self.drop("quantity", NO_QUANTITY, value=value)

    def take_country(self, value: str) -> None:
        """An ISO 3166-1 alpha-2 code; anything else is left empty with a warning."""
        value = value.strip()
        if value in COUNTRIES:
            self.values["country"] = value
        elif value:
            self.drop("country", NO_COUNTRY, value=value)

    def take_date(self, value: str, form: str = "") -> None:
        """A date code as printed with how it reads, see `read_date_code`."""
        value = value.strip()
        if not value:
            return
        date = read_date_code(value, form)
        self.values["date_code"] = date
        if not date.sure:
            self.warn("date_code", DATE_UNREADABLE if date.year is None else DATE_UNSURE, value=value)

    def take_lot(self, value: str) -> None:
        """A lot code; makers join the lots of a mixed reel with a slash."""
        self.take("lot_code", value)
        if "/" in value:
            self.warn("lot_code", SEVERAL_LOTS, value=value)

    def label(self) -> Label:
        """The label; every field that is still empty is named."""
        values = self.values
        warned = {warning.field for warning in self.warnings}
        for name in FIELDS:
            if values.get(name) is None and name not in warned:
                self.warnings.append(_LACKING[name])
        return Label(*(values.get(name) for name in FIELDS), tuple(self.warnings), self.printed)


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
