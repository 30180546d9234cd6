"""From what a WebRTC peer sends to raw pictures and sound, for the sources that receive it."""
