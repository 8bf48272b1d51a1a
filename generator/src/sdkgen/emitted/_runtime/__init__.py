"""What every call goes through. Nothing here is public.

=====================  =============================================================================
``options.py``         what the constructor of a client takes
``arguments.py``       wrong arguments, refused in words
``servers.py``         which URL each server has, from arguments, variables and the spec
``connection.py``      a client's servers, options and tokens, and a request made ready to send
``request.py``         the pure half of a request: path, query, headers and body as text and bytes
``http_clients.py``    the httpx clients that are made here: shared, left to forks, closed
``token_requests.py``  the one that token requests are sent with
``boundary.py``        what leaves a call: errors of this client
``exchange.py``        one request and its redirects: what is sent next, and what a response means
``send.py``            one sender that blocks and one that awaits
``response.py``          what came back: a value, or the error that it means
``masking.py``         masks what looks like a secret in what errors show
``pages.py``           lists that come in pages
``raw.py``             ``with_raw_response``: the same calls, with the whole response
``process.py``         a client in a pickle
``deprecation.py``     methods that the API has deprecated
=====================  =============================================================================
"""
