"""Programming: which image went onto which unit. Nouns: programming record, firmware run. Verb: record programming.
It refuses test results.
"""
