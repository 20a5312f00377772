"""Tables of this room."""

from asbuilt.answers.compliance.filing import models as filing_models  # noqa: F401 - Django looks for tables here
