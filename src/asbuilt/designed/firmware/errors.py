"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound


def unknown_version(version: str, remedy: str = "") -> NotFound:
    """No product has a release of this version."""
    return NotFound("firmware.version_unknown", f"No firmware has the version {version}.", {"version": version}, remedy)
