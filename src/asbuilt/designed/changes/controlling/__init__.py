"""Controlling: ECOs, from what is asked to the unit from which on it holds; and process revisions that were approved.

Nouns: ECO, change, security question, approval, boundary, process revision. What is said of an ECO are lines; a later one supersedes, none is changed.
"""
