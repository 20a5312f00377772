"""Tables of this room."""

from asbuilt.designed.changes.controlling import models as controlling_models  # noqa: F401 - Django looks for tables here
