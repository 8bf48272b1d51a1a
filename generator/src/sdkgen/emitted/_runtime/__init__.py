"""The runtime that every call uses. Private; not part of the public API.

======================  =============================================================================
``options.py``          the options of a client's constructor
``arguments.py``        validation of constructor arguments
``request_options.py``  the options of one call
``kinds.py``            the types of arguments, for messages
``servers.py``          the URL of each server, from arguments, environment variables and the spec
``connection.py``       a client's servers, options and tokens; builds requests
``request.py``          serialization of path, query, headers and body; no I/O
``styles.py``           arrays and objects in a path, query, header, cookie or form; no I/O
``bodies.py``           a request with its body, which can be a file
``http_clients.py``     the httpx clients that a client creates: sharing, forks, closing
``proxies.py``          the proxy of the environment for each server, and the servers without one
``token_requests.py``   the httpx client for token requests
``boundary.py``         conversion of exceptions to errors of this client
``repetition.py``       which requests may be sent again
``exchange.py``         one request and its redirects; no I/O
``send.py``             the sync and the async sender
``response.py``         the value or the error that a response contains
``masking.py``          masking of secrets in error attributes
``pages.py``            the request for the next page of a list; no I/O
``continuation.py``     the position in a list as a text; no I/O
``paging.py``           pages that iterate over all items of a list
``prefetch.py``         the next page, requested in the background
``raw.py``              ``with_raw_response``: the same calls, returning the whole response
``process.py``          pickling of clients
``deprecation.py``      deprecated methods
======================  =============================================================================
"""
