"""How the journeys read an answer beside the independent count."""

GRADES = ("certain", "possible", "unrecorded")


def numbers(row: dict) -> tuple[int, int, int]:
    """(certain, possible, unrecorded) of a row of an answer."""
    return tuple(row[grade] for grade in GRADES)


def nulls_last(rows: list[dict], key: str) -> list[tuple]:
    """[(key, certain, possible, unrecorded)] in the order of the keys, None last."""
    found = [(row[key], *numbers(row)) for row in rows]
    return sorted(found, key=lambda row: (row[0] is None, row[0] or ""))


def compare(said: dict, counted: dict) -> None:
    """Every number of an answer that the independent count has too."""
    assert said["affected"] == counted["affected"]
    assert said["finished"] == counted["finished"]
    expected = [{"customer": customer, **row} for customer, row in counted["by_customer"].items()]
    assert nulls_last(said["by"]["customer"], "customer") == nulls_last(expected, "customer")
    spans = {grade: sum(until - first for first, until, told in said["spans"] if told == grade) for grade in GRADES}
    assert spans == counted["affected"]
    told = [row["certainty"] for row in said["serials"]]
    assert {grade: told.count(grade) for grade in GRADES} == counted["affected"]
