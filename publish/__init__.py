"""What leaves the house: the analysts' file, the MI pack and the table that ends a run.

Nothing here measures: it formats, copies and swaps what the marts say.
"""
