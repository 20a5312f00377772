"""Compliance: the file of a product that an authority may ask for, put together from the record, with its gaps in plain sight.

Nouns: technical file, statement of it, declaration, user information, request, questionnaire. It makes no facts of the floor of its own, and it refuses
to say that something complies: it shows evidence, decisions and gaps.
"""
