"""The fixtures of tests/designed: one intake alone."""

from designed.conftest import take, withdraw  # noqa: F401
