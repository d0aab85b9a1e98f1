"""The pages that people look at: static HTML made from the published file, and nothing else."""
