"""Measures what the product promises, on the product: its command, its output's pixels."""
