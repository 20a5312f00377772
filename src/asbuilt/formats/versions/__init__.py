"""Versions of foreign software: which of two is older, and whether one lies in a range that an advisory names.

    order.compare(scheme, left, right)      -1, 0, 1, or None: cannot be compared
    ranges.within(scheme, version, range)   Match.YES, NO or UNSURE
    schemes.scheme_of(...)                  whose rules a package's versions follow

A version that cannot be placed is never quietly outside: the answer is UNSURE, and every gate counts that as open.
"""
