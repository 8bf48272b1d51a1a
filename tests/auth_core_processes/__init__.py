"""What other processes are asked to do in tests; a package of its own, so that they can import it."""
