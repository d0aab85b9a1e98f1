"""Tidy volumes: our own format for the figures of publications, one change a row."""
