"""The commands: answers on stdout, logs and progress on stderr, exit codes as data.

One file per command. A command parses its arguments, asks `bootstrap` for services,
calls one flow and shows what comes back; it decides nothing.
"""
