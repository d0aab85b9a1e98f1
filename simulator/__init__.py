"""Simulated landings: deterministic, calibrated on the reports, and marked as simulated.

- `simulator.landing.simulate_landing`: two vintages of published volumes, for a first run.
- `simulator.events.simulate_events`: transaction events at any scale, with a truth file.
"""
