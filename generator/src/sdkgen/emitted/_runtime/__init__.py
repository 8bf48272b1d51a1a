"""What every call goes through. Nothing here is public.

=================  =================================================================================
``servers.py``     which URL each server has, from arguments, variables and the spec
``request.py``     the pure half of a request: path, query, headers and body as text and bytes
``connection.py``  the options of a client, and a request made ready to send
``send.py``        one sender that blocks and one that awaits; redirects; failures of the transport
``answer.py``      what came back: a value, or the error that it means
``masking.py``     masks what looks like a secret in what errors show
``raw.py``         ``with_raw_response``: the same calls, with the whole answer
=================  =================================================================================
"""
