"""From landed files to commits: recognition, the run, batches, deduplication, retry."""
