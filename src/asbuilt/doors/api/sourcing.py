"""Change notices of makers and life cycles of their parts. The twin of the pages Change notices and Life cycles."""

from typing import Annotated

from django.http import HttpRequest
from ninja import File, Form, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import RECORD_READ, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.changes.controlling.actions.answering import decide_notice
from asbuilt.designed.changes.sourcing import actions as verbs
from asbuilt.designed.changes.sourcing.notice_file import NoticePart
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.genealogy.seen.sourcing import life_cycles_seen, notice_seen, notices_seen

router = Router(tags=["Changes"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Its code.")]
Key = IdempotencyKey
Day = Annotated[str, Field(max_length=20, description="A day, as 2027-03-15; empty: not said.")]


class PartIn(Shape):
    """A maker's part that a notice is about."""

    mpn: str = Field(max_length=200, description="Its order code.")
    revision: str = Field("", max_length=200, description="Its revision.")
    replacement: str = Field("", max_length=200, description="What the maker offers for it.")
    replacement_maker: str = Field("", max_length=200, description="Who makes that.")


class IdentificationIn(Shape):
    """How changed product is told from unchanged."""

    date_code_from: str = Field("", max_length=20, description="From this date code on.")
    date_code_until: str = Field("", max_length=20, description="Up to this one.")
    lots: list[Annotated[str, Field(max_length=200)]] = Field(
        [], max_length=verbs.LOTS_MAX, description="These lots alone."
    )
    words: str = Field("", max_length=4_000, description="In the maker's words.")


class DatesIn(Shape):
    """Days of a notice."""

    first_made: Day = ""
    first_ship: Day = ""
    last_buy: Day = ""
    last_made: Day = ""
    last_ship: Day = ""
    last_service: Day = ""
    answer_by: Day = ""


class ChangeNoticeIn(Shape):
    """A notice as a person read it."""

    kind: str = Field(max_length=10, description="pcn (change) or pdn (end of life).")
    number: str = Field(max_length=200, description="The maker's number of it.")
    maker: str = Field(max_length=200, description="Who makes the parts.")
    title: str = Field(max_length=400, description="What it is about, in a line.")
    parts: list[PartIn] = Field(max_length=verbs.PARTS_MAX, description="The maker's parts.")
    issued_on: Day = ""
    supplier: str = Field("", max_length=200, description="Which party sent it; empty: not said.")
    changes: list[Annotated[str, Field(max_length=20)]] = Field([], max_length=20, description="design, process, material, test, site, package, datasheet, marking, firmware, end_of_life, other.")  # fmt: skip
    detail: str = Field("", max_length=4_000, description="What changes, in the maker's words.")
    identification: IdentificationIn = Field(IdentificationIn(), description="How changed product is told apart.")
    dates: DatesIn = Field(DatesIn(), description="Its days.")


class AmendIn(Shape):
    """What is new; what is empty stays."""

    identification: IdentificationIn = Field(IdentificationIn(), description="How changed product is told apart.")
    dates: DatesIn = Field(DatesIn(), description="Its days.")
    why: str = Field(max_length=4_000, description="Who said so; it stands there for good.")


class DecideIn(Shape):
    """What is done about a notice."""

    decision: str = Field(max_length=20, description="not_affected, accepted, change_order, last_buy, alternate, objected, or reopened.")  # fmt: skip
    why: str = Field(max_length=4_000, description="Why; it stands there for good.")
    eco: str = Field("", max_length=20, description="By which change order; needed for change_order.")


class ChangeNoticeHead(Shape):
    """A notice in a line."""

    notice: str = Field(description="Its code.")
    kind: str = Field(description="pcn or pdn.")
    number: str = Field(description="The maker's number.")
    maker: str = Field(description="Who makes the parts.")
    title: str = Field(description="What it is about.")
    issued_on: str = Field(description="When the maker issued it; empty: not said.")
    taken_at: str = Field(description="When it was taken.")
    parts: list[str] = Field(description="Order codes.")
    dates: dict = Field(description="first_made, first_ship, last_buy, last_made, last_ship, last_service, answer_by, as far as said.")  # fmt: skip
    state: str = Field(description="open or decided.")
    decision: str = Field(description="What was decided; empty while it is open.")
    eco: str = Field(description="The change order; empty where there is none.")


class ChangeNoticeShape(ChangeNoticeHead):
    """A notice with where its parts are used."""

    supplier: str | None = Field(description="Which party sent it.")
    source: str = Field(description="form or smartpcn.")
    words: str = Field(description="What changes, in the maker's words.")
    changes: list[str] = Field(description="Kinds of change.")
    identification: dict = Field(description="date_code_from, date_code_until, lots, words.")
    suggested_date_code: str = Field(description="A date code that the maker's words name; used only once a person said so.")  # fmt: skip
    attachments: list[str] = Field(description="Names of files in the maker's archive.")
    file: str = Field(description="The file that it came as; empty: none.")
    sha256: str = Field(description="Of that file.")
    used: dict = Field(description="parts, products, stock (not to a party), orders, questions (all, changed), units: affected, finished, by customer and state.")  # fmt: skip
    alternates: list[dict] = Field(
        description="Alternates sheets that were opened for it: sheet, part, title; none to a party."
    )
    timeline: list[dict] = Field(description="Everything that was said, the earliest first.")


class ChangeNoticeList(Shape):
    """Notices, the newest first."""

    notices: list[ChangeNoticeHead] = Field(description="The newest 1,000.")


class CyclesTaken(Shape):
    """A file of life cycles that was taken."""

    taken: str = Field(description="Its code.")
    rows: int = Field(description="Rows in it.")
    kept: int = Field(description="Of them about parts that parts.csv approves.")
    changed: list[dict] = Field(description="mpn, before, now.")


class CycleList(Shape):
    """Life cycles of makers' parts."""

    parts: list[dict] = Field(description="mpn, maker, state, said, last_buy, source, file, sha256, taken, at.")


@router.get("/change-notices", response=ChangeNoticeList, auth=needs(RECORD_READ), operation_id="list_change_notices", summary="Change notices")  # fmt: skip
def list_notices(request: HttpRequest):
    """To a party's person those that touch products of its own."""
    return {"notices": notices_seen(request.actor)}


@router.post("/change-notices", response={201: ChangeNoticeShape}, auth=needs(SOURCING_WORK), operation_id="take_change_notice", summary="Take a change notice")  # fmt: skip
def take(request: HttpRequest, said: ChangeNoticeIn, idempotency_key: Key = None):
    """As a person read it."""
    cells = said.model_dump(include=set(ChangeNoticeIn.model_fields))
    cells["parts"] = [NoticePart(**one) for one in cells["parts"]]
    code = verbs.take_notice(request.actor, **_given(cells), request_key=request_key(request, idempotency_key))
    return Status(201, notice_seen(request.actor, code))


@router.post("/change-notice-files", response={201: ChangeNoticeShape}, auth=needs(SOURCING_WORK, "API_IMPORT_BYTES_MAX"), operation_id="take_smart_pcn", summary="Take a smartPCN archive")  # fmt: skip
def take_file(
    request: HttpRequest,
    file: UploadedFile = File(..., description="The .pcn file as it came."),  # noqa: B008
    supplier: str = Form("", max_length=200, description="Which party sent it; empty: not said."),
    idempotency_key: Key = None,
):
    """Nothing of it is unpacked; archives that would harm are refused."""
    key = request_key(request, idempotency_key)
    code = verbs.take_smart_pcn(
        request.actor, content=file.read(), name=named_file(file), supplier=supplier, request_key=key
    )
    return Status(201, notice_seen(request.actor, code))


@router.get("/change-notices/{code}", response=ChangeNoticeShape, auth=needs(RECORD_READ), operation_id="get_change_notice", summary="A change notice")  # fmt: skip
def one_notice(request: HttpRequest, code: Code):
    """With products, stock, orders and units as they stand now."""
    return notice_seen(request.actor, code)


@router.post("/change-notices/{code}/amendments", response=ChangeNoticeShape, auth=needs(SOURCING_WORK), operation_id="amend_change_notice", summary="Amend a change notice")  # fmt: skip
def amend(request: HttpRequest, code: Code, said: AmendIn, idempotency_key: Key = None):
    """What is empty stays as it was."""
    cells = _given(said.model_dump(include=set(AmendIn.model_fields)))
    verbs.amend_notice(request.actor, notice=code, **cells, request_key=request_key(request, idempotency_key))
    return notice_seen(request.actor, code)


@router.post("/change-notices/{code}/decisions", response=ChangeNoticeShape, auth=needs(SOURCING_DECIDE), operation_id="decide_change_notice", summary="Decide about a change notice")  # fmt: skip
def decide(request: HttpRequest, code: Code, said: DecideIn, idempotency_key: Key = None):
    """A later decision supersedes an earlier one."""
    cells = said.model_dump(include=set(DecideIn.model_fields))
    decide_notice(request.actor, notice=code, **cells, request_key=request_key(request, idempotency_key))
    return notice_seen(request.actor, code)


@router.get("/life-cycles", response=CycleList, auth=needs(RECORD_READ), operation_id="list_life_cycles", summary="Life cycles of parts")  # fmt: skip
def list_cycles(request: HttpRequest):
    """Of each maker's part what a file said last."""
    return {"parts": life_cycles_seen(request.actor)}


@router.post("/life-cycle-files", response={201: CyclesTaken}, auth=needs(SOURCING_WORK, "API_IMPORT_BYTES_MAX"), operation_id="take_life_cycles", summary="Take a file of life cycles")  # fmt: skip
def take_cycles(
    request: HttpRequest,
    file: UploadedFile = File(..., description="CSV with columns for MPN and state."),  # noqa: B008
    source: str = Form(max_length=200, description="Whose it is."),
    idempotency_key: Key = None,
):
    """Rows about parts that parts.csv does not approve are counted, not kept."""
    found = verbs.take_life_cycles(
        request.actor,
        content=file.read(),
        name=named_file(file),
        source=source,
        request_key=request_key(request, idempotency_key),
    )
    changed = [{"mpn": mpn, "before": before, "now": now} for mpn, before, now in found.changed]
    return Status(201, {"taken": found.code, "rows": found.rows, "kept": found.kept, "changed": changed})


def _given(cells: dict) -> dict:
    """Without what was not said."""
    for name in ("identification", "dates"):
        cells[name] = {key: value for key, value in cells[name].items() if value}
    return cells


def named_file(file: UploadedFile) -> str:
    """The name of a file without what cannot be printed."""
    return "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "file"
