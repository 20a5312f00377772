"""Programming: which image went onto which unit. Nouns: programming record, firmware run, programming order, read-back,
firmware demand, module firmware. Verbs: record programming, order packages to be programmed, say what is demanded and how modules come.
It refuses test results.
"""
