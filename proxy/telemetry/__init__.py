"""Typed events become log lines and metrics. Stages emit; only this package writes."""
