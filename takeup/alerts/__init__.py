"""Alerts: what is wrong with a home or new in it is told once a day, and when it is over.

`causes` says what there is to tell, `observation` looks for it, `told` remembers what was told by
which way, `messages` has the words, `ways` send them, and `engine` has all of it done.
"""
