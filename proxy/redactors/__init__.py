"""How to hide: one file per method, each painting regions of a picture that the gate already copied."""
