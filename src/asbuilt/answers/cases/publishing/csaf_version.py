"""Which CSAF the house writes: `ASBUILT_CSAF`, 2.0 where nothing is said. 2.1 is a draft: who sets it also has documents of 2.1 judged by it."""

import os

from asbuilt.formats.csaf import draft_2_1


def csaf_version() -> str:
    """2.0 or 2.1; Invalid for another one."""
    return draft_2_1.refuse_other(os.environ.get("ASBUILT_CSAF", "") or "2.0")


def takes_draft() -> bool:
    """Whether documents of the draft are taken too."""
    return csaf_version() == draft_2_1.VERSION
