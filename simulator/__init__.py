"""Simulated landings: deterministic, calibrated on the reports, and marked as simulated.

- `simulator.demo.simulate_demo`: something of every kind.
- `simulator.landing.simulate_landing`: two vintages of published volumes.
- `simulator.returns.simulate_returns`: departments' returns of two quarters.
- `simulator.events.simulate_events`: transaction events at any scale, with a truth file.
"""
