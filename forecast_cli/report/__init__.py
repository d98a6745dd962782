"""Results in, words and pictures out. A leaf: it could be deleted and nothing else would break.

It knows the results and nothing that made them; only the command line and the run folder's
report call it.
"""
