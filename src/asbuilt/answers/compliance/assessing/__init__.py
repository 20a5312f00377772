"""The risk assessment of a product, and the matrix of Annex I: whether each requirement applies, how it is met, what proves it.

Nouns: context, asset, threat, measure, residual risk, requirement, revision, review. Verbs: say, draft a revision, review it. It refuses evidence that is typed
where the record can be asked.
"""
