"""An order that is opened or split off names its configuration in the entry that opens it."""

from asbuilt.built.programming.configurations import configuration_of, configurations_known, row_of, words_of
from asbuilt.built.programming.preprogrammed_intakes import ConfigurationsIntake
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import Entry


def state_of_order(entry: Entry, order: str, configuration: str, badge: str, at: str, source: str) -> None:
    """An order opened, or split from `source`, names its configuration; a split one keeps that of its source where its revision has it."""
    if not configuration and source:
        kept = configuration_of(entry.tenant, source, entry.recorded_at)
        configuration = kept if kept in configurations_known(entry.tenant, *words_of(entry.tenant, order)) else ""
    if configuration:
        state_rows(
            entry, ConfigurationsIntake, checked_rows("configurations", [row_of(order, configuration, badge, at)])
        )
