"""What a client is to be, decided in typed Python; the templates only write it down."""
