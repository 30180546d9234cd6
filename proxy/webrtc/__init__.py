"""What WHIP and WHEP have in common, whichever way the media goes: peers, session descriptions, and the HTTP around them."""
