"""Test plans and their approvals as tables in which a fact is a row, word for word, so that they are withdrawn and rebuilt as others are."""

from asbuilt.built.supply.kept import KeptTable
from asbuilt.designed.catalog.events import TEST_PLAN, TEST_PLAN_APPROVAL

TEST_PLANS = {
    table.name: table
    for table in (
        KeptTable("test_plans", "catalog_test_plan", TEST_PLAN),
        KeptTable("test_plan_approvals", "catalog_test_plan_approval", TEST_PLAN_APPROVAL),
    )
}
