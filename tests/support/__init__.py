"""What tests of more than one folder use. A package, so that processes which a test starts can import it."""
