"""Estimates of take-up in quarters that are still to come: never a measure, never published as one.

`method` has the forecast, `targets` what it says about a target, `backtest` how often it was right.
"""
