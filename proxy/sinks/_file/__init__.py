"""Recordings in pieces: how a piece is named, and which old ones go."""
