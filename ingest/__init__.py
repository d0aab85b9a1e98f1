"""From landed files to the event log, in wings: refusals, landing, log, validation, sources, load.

Each wing imports only those named before it.
"""
