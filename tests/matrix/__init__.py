"""Every vendor's lifecycle in every situation, for every kind of caller."""
