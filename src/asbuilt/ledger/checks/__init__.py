"""Checks: what `ledger verify` looks at, one file for each thing that can be wrong.

`report` holds findings, `chain` the entries, leaves, tiles and heads, `rows` the facts, `kept` evidence and hidden
values. Each reads within the snapshot of the caller, in pages, so that memory stays flat.
"""
