"""Records of feeds that tests take, and what a take brought in four numbers."""


def counts(taken) -> tuple[int, int, int, int]:
    """(new, changed, as before, broken)."""
    return taken.fresh, taken.changed, taken.unchanged, taken.broken


def osv(record: str, modified: str = "2024-01-01T00:00:00Z", **more) -> dict:
    """A record of OSV that can be read."""
    return {"id": record, "modified": modified, "summary": f"about {record}", **more}
