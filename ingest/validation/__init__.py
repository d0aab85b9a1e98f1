"""Whether a record is an event: schemas, registers, masking, the full check and the fast path."""
