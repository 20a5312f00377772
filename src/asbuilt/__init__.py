"""Asbuilt: the as-built record of electronics."""

__version__ = "2026.11.0"
