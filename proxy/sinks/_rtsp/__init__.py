"""What an RTSP publisher says and sends: session descriptions, messages with their authentication, RTP packets. Pure."""
