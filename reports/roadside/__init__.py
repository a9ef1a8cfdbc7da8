"""What officers at the roadside ask beside the look-up: declarations with their history, codes, controls, packs."""
