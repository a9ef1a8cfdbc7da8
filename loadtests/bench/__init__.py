"""Benches: what the engines cost at the least, and what the system costs beside that. `rtpd bench` runs them."""
