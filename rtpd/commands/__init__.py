"""The commands of `rtpd`, one module each."""
