"""How fast, how big: each figure beside a baseline of the same run."""
