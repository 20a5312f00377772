"""Register: answers that were frozen. Noun: frozen answer. Verbs: freeze, mark as overtaken. It refuses a question language of
its own: it asks the rooms below.
"""
