"""Uploads: to files on disk while they arrive, no further than the limits, and only from who may record what is in them.

The right is looked at here because a form is read, with its files, before its page is asked.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from asbuilt.access.rights import (
    ADVISORY_PUBLISH,
    CALIBRATE,
    CASE_DECIDE,
    CASE_WORK,
    COMPLIANCE_DECIDE,
    CONCESSION_APPROVE,
    FACT_WITHDRAW,
    FEED_TAKE,
    FIELD_REPORT,
    FILING_DECIDE,
    FILING_WRITE,
    FIRMWARE_DRAFT,
    FIRMWARE_RELEASE,
    HISTORY_IMPORT,
    MACHINE_MAP,
    MARK_READ,
    MARKET_PLACE,
    MESSAGE_RECORD,
    NOTICE_WRITE,
    ORDER_PLAN,
    OUTSIDE_TAKE_BACK,
    PACKAGE_INSPECT,
    PACKAGE_PROGRAM,
    PACKAGE_RECEIVE,
    PERMIT_ISSUE,
    QUALIFY,
    SBOM_ADD,
    SOURCING_DECIDE,
    SOURCING_WORK,
    TEST_PLAN_PROPOSE,
    TRUST_SET,
    VEX_DECIDE,
    WAIVER_APPROVE,
)
from asbuilt.answers.cases.publishing.hosts import tenant_of_host

STRANGERS = "/report-vulnerability/"  # the one address that takes files of who is not signed in, small ones
# addresses that take pictures and papers, by how they end, and the right that sends them there
PAPERS = {
    "/correct/": FACT_WITHDRAW,
    "/deliveries/": PACKAGE_RECEIVE,
    "/inspection/": PACKAGE_INSPECT,
    "/api/v1/declarations": PACKAGE_RECEIVE,
    "/api/v1/inspections": PACKAGE_INSPECT,
    "/instruments/": CALIBRATE,
    "/api/v1/calibrations": CALIBRATE,
    "/test-plans/": TEST_PLAN_PROPOSE,
    "/decisions/": VEX_DECIDE,
    "/decisions": VEX_DECIDE,
    "/agreements/": WAIVER_APPROVE,
    "/results/": MESSAGE_RECORD,
    "/qualifications/": QUALIFY,
    "/api/v1/qualifications": QUALIFY,
    "/mark-reading/": MARK_READ,
    "/placement/": ORDER_PLAN,
    "/placement": ORDER_PLAN,
    "/mark-picture": MARK_READ,
    "/returns": OUTSIDE_TAKE_BACK,
    "/back/": OUTSIDE_TAKE_BACK,
    "/releases/": FIRMWARE_DRAFT,
    "/api/v1/firmware-releases": FIRMWARE_DRAFT,
    "/sboms/": SBOM_ADD,
    "/api/v1/sboms": SBOM_ADD,
    "/api/v1/sbom-checks": SBOM_ADD,
    "/signatures/": FIRMWARE_RELEASE,
    "/trust/": TRUST_SET,
    "/permits/": PERMIT_ISSUE,
    "/permits/grant/": PERMIT_ISSUE,
    "/permits/plan/": PERMIT_ISSUE,
    "/close/": PERMIT_ISSUE,
    "/programming/": PACKAGE_PROGRAM,
    "/done": PACKAGE_PROGRAM,
    "/field-reports/": FIELD_REPORT,
    "/field-reports": FIELD_REPORT,
    "/report-file/": CASE_WORK,
    "/report-files": CASE_WORK,
    "/vulnerability-notes": FEED_TAKE,
    "/vulnerability-note/": FEED_TAKE,
    "/contacts/reports/": NOTICE_WRITE,
    "/takes/": FEED_TAKE,
    "/takes": FEED_TAKE,
    "/feed-bundles/": FEED_TAKE,
    "/vulnerability-bundles": FEED_TAKE,
    "/feed-keys/": FEED_TAKE,
    "/vulnerability-feed-keys": FEED_TAKE,
    "/vulnerability-feed-keys/proposals": FEED_TAKE,
    "/change-notices/": SOURCING_WORK,
    "/change-notices/archive/": SOURCING_WORK,
    "/change-notice-files": SOURCING_WORK,
    "/life-cycles/": SOURCING_WORK,
    "/life-cycle-files": SOURCING_WORK,
    "/submission": CASE_WORK,
    "/submission/": CASE_WORK,
    "/decision/": CASE_DECIDE,
    "/publisher/key/": ADVISORY_PUBLISH,
    "/requests/": FILING_WRITE,
    "/requests": FILING_WRITE,
    "/answers": FILING_WRITE,
    "/certificates": FILING_WRITE,
    "/ems/": FILING_WRITE,
    "/ems/reports": FILING_DECIDE,
    "/conformity-declarations": FILING_DECIDE,
    "/place/": MARKET_PLACE,
    "/placings": MARKET_PLACE,
    "/builds/": SBOM_ADD,
    "/build-configurations": SBOM_ADD,
    "/mappings/": MACHINE_MAP,
    "/machine-files/try": MACHINE_MAP,
    "/serial-list/": ORDER_PLAN,
    "/serial-list": ORDER_PLAN,
}
# the same for addresses that end in a code
PAPERS_WITHIN = {
    "/alternates/": SOURCING_WORK,
    "/qualification-run/": SOURCING_WORK,
    "/qualification-runs/": SOURCING_WORK,
    "/deviations/": SOURCING_DECIDE,
    "/design-reviews/": SOURCING_WORK,
    "/technical-file/": FILING_WRITE,
    "/technical-files/": FILING_WRITE,
    "/compliance/": COMPLIANCE_DECIDE,
    "/waivers/": WAIVER_APPROVE,
    "/concessions/": CONCESSION_APPROVE,
}


def rights_to_send(path: str) -> set[str]:
    """The rights of which one is enough to send files to this address."""
    by_end = {right for end, right in PAPERS.items() if path.endswith(end)}
    return {HISTORY_IMPORT} | by_end | {right for part, right in PAPERS_WITHIN.items() if part in path}


class LimitedUpload(TemporaryFileUploadHandler):
    """Refuses a file or a request as soon as it is larger than its limit; what came so far is removed."""

    taken = taken_of_file = 0
    file_bytes_max = request_bytes_max = 0

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        """Before the first byte: the size the request says it has."""
        most = settings.UPLOAD_TIPS_BYTES_MAX if self._of_a_stranger() else settings.UPLOAD_REQUEST_BYTES_MAX
        if content_length > most:
            raise RequestDataTooBig("a request is larger than the limit")

    def _of_a_stranger(self) -> bool:
        """Whether it is the form for reports, on a host that shows one."""
        return self.request.path == STRANGERS and tenant_of_host(self.request.get_host()) is not None

    def new_file(self, *args, **kwargs):
        """Before each file: the right."""
        if self._of_a_stranger():
            self.file_bytes_max = settings.UPLOAD_TIP_BYTES_MAX
            self.request_bytes_max = settings.UPLOAD_TIPS_BYTES_MAX
            self.taken_of_file = 0
            return super().new_file(*args, **kwargs)
        actor = getattr(self.request, "actor", None)
        if actor is None or not any(map(actor.may, rights_to_send(self.request.path))):
            raise PermissionDenied("files are taken only from who may record what is in them")
        # pictures and papers are small: who may not import sends no table of two gigabytes
        small = not actor.may(HISTORY_IMPORT)
        self.file_bytes_max = settings.UPLOAD_PAPER_BYTES_MAX if small else settings.UPLOAD_FILE_BYTES_MAX
        self.request_bytes_max = settings.UPLOAD_PAPERS_BYTES_MAX if small else settings.UPLOAD_REQUEST_BYTES_MAX
        self.taken_of_file = 0
        return super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        self.taken += len(raw_data)
        self.taken_of_file += len(raw_data)
        if self.taken_of_file > self.file_bytes_max or self.taken > self.request_bytes_max:
            self.upload_interrupted()
            raise RequestDataTooBig("a file is larger than the limit")
        super().receive_data_chunk(raw_data, start)
