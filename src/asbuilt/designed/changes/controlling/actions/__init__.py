"""Verbs of ECOs and controlled processes."""
