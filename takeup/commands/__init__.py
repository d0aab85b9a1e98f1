"""The commands, a module for each heading of docs/commands.md: each parses, calls, prints.

What a command needs it imports when it is called, so that help is there at once.
"""
