"""Filing: the technical file, declarations, user information, what authorities and brand owners asked and were sent.

Nouns: statement (one line of what people said for a file), part (what one source shows for a point of the file), baseline, plan. It refuses to fill a
gap: a point without evidence is missing, in those words.
"""
