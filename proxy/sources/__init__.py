"""Ways in, one file each. A source opens, gives raw frames and audio until it ends or fails, and never retries."""
