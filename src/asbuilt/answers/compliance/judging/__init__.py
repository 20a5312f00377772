"""What a product is in the sense of the law: in scope or not, whose product, which class, which conformity routes at a date.

Nouns: judgement, rule set, class, route, exclusion, role, standard. Verb: judge. It refuses rules in its code: they are dated files, one a date.
"""
