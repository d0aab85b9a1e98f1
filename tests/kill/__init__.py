"""The real process, killed at any moment: nothing is lost, nothing counts twice."""
