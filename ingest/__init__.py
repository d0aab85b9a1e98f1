"""From landed files to the event log: event types, sources, validation, quarantine, simulator."""
