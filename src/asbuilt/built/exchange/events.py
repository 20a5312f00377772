"""What this room's verbs are called in the log. Withdrawals themselves are facts of the shape in `ledger.withdrawals`."""

WITHDRAWN = "exchange.facts_withdrawn"
CORRECTED = "exchange.fact_corrected"
