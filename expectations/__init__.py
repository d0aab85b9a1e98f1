"""The two gates of the nightly run: the log's new events, and the warehouse before the swap.

What is expected follows from the contracts of the tables (`contracts`, `derived`), or is written
as data in `suites/*.yml`; docs/gates.md explains how it is run.
Importing this package, `definitions`, `results`, `approval` or `gates` is cheap. Great
Expectations takes seconds to import, so only a gate that has rows to check loads it.
"""
