"""What an operator sees of asking and adding: OpenTelemetry spans, where the settings ask for them.

Nothing here is imported while they do not. Every span is that of a wrapper around a port or a line; the core
knows nothing of it.
"""
