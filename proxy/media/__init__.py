"""Words for time and pixels: ticks, formats, raw frames and audio, sealed types, buffer pools, redaction of text.

Pure: no I/O, no clock, no codec. Everything else in the proxy speaks in these.
"""
