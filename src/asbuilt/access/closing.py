"""Closing the record, when a command is done: the counterpart of `opening`."""

from asbuilt.storage.transactions import leave


def close_record() -> None:
    """Close the connections of this thread, so that what was written stands in the file and not beside it."""
    leave()
