"""The ground floor: what every other package stands on, and which imports nothing of ours."""
