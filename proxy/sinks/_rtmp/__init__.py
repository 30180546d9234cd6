"""RTMP publishing as plain functions on bytes: AMF0, chunks, the session's states, FLV tags. No socket, no clock."""
