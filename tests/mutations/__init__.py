"""Files edited at random: no edit ends a run, and what was not edited stays or is named."""
