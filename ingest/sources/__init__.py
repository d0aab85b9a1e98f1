"""Sources: one module each, from a landed file to records (CloudEvents as JSON text) or refusals.

A source is recognised by the file's content; `--source NAME` forces it.
"""
