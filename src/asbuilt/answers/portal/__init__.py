"""What a party's own person sees first: its products, its orders, what waits for it, what it may take away; and the mails that say that it does.

Nouns: portal, wait. Verbs: ask for approval of an ECO, tell that something waits. Everything here is of the reader's party alone, whoever built it; what the house has not told the party is not in it, not
even as a count. Refused: a reader of no party, to whom there is no portal.
"""
