"""From a programme's packets to the tracks that a WebRTC peer pulls: one line for each peer, so that a slow one harms itself."""
