"""What a person with a browser sees of the operators' side: pages that call what the API calls."""
