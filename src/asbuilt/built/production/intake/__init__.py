"""Tables of this room -> facts: one file a table."""
