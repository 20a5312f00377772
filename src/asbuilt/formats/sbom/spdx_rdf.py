def is_rdf(root): return False
def parse(root): return {}, {}
