"""What the tests of reports share: which report is meant, and its fields by name."""

AEV = {"duty": "cra.aev", "stage": "early_warning"}
INCIDENT = {"duty": "cra.incident", "stage": "early_warning"}


def report(actor, code: str, **which) -> dict:
    """The report as it is seen."""
    from asbuilt.answers.cases.reporting.seen import report_seen

    return report_seen(actor, case=code, **which)


def cells(report: dict) -> dict[str, dict]:
    """Field -> its cell."""
    return {one["field"]: one for one in report["fields"]}
