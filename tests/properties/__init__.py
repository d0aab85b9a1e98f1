"""Whatever is sent, however it is split, shuffled, repeated and interrupted: the same answer."""
