"""Anonymised frames and released audio become packets. The only package that makes ``EncodedPacket``."""
