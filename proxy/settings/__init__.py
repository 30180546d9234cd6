"""The one schema: every plugin's Options, composed into frozen settings.

1. Settings come from one TOML file or from the command line, and reach code as values, never as a global.
2. Every problem is found at once, each named by its path; what was typed is never echoed.
3. Where a URL or a key is taken, ``env:NAME`` and ``file:PATH`` stand for it, and are resolved while the settings are read.
4. A camera's settings travel to its own process as JSON over a pipe: the only text in which secrets stand in clear.
"""
