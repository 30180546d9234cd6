"""ONVIF, as far as it takes to find a camera and its streams: WS-Discovery, a few SOAP calls, and the choice of a profile."""
