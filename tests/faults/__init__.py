"""Faults and bad inputs: each with its exact outcome, and the invariants after every one."""
