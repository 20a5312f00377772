"""What the tests of questions share."""

from supply.conftest import person, stranger  # noqa: F401
