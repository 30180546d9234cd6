"""Signed proof of what left: claim, chain, what is hashed, keys and whom to trust, verification. Pure but for key files."""
