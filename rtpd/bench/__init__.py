"""What `rtpd bench` needs of the machine: a system of its own, and what each process of it takes."""
