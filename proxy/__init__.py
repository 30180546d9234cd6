"""Veilcast: an on-device proxy that makes people in live camera streams unrecognisable before anyone sees them."""
