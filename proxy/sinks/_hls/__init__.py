"""HLS without a server: segments made from packets, the playlist's text, and where the files are kept."""
