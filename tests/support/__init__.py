"""Helpers that several rooms of tests share: homes, events, publications, warehouses, nights."""
