"""The rules of digital take-up, said a second time: plain Python over the published files.

Nothing here is shared with the pipeline, and nothing here is used by it. Start at `measures.py`;
README.md beside this file lists what was decided where the definitions are silent.
"""
