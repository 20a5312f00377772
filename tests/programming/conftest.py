"""What the tests of programming share."""

from elsewhere import another_home  # noqa: F401
from preprogrammed_line import floor  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401
