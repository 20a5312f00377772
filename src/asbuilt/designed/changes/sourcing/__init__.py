"""What makers tell of their parts.

Nouns: change notice (PCN, PDN; code CN-1), identification (date codes, lots), dates (last buy, last ship), decision; life cycle of a maker's part.
Verbs: take (by hand, from a smartPCN archive), amend, decide, note a warning; take life cycles from a distributor's file.
It refuses a notice about no part, one taken before, a decision without a reason, dates that are none.
"""
