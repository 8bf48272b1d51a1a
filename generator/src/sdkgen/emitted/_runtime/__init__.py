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
``entries.py``          an object in a form, as several fields for each of its members; no I/O
``whole_body.py``       a body is passed whole or member by member, not both; no I/O
``bodies.py``           a request with its body, which can be a file
``http_library.py``     httpx or httpx2, and their classes
``http_clients.py``     the HTTP clients that a client creates: sharing, forks, closing
``proxies.py``          the proxy of the environment for each server, and the servers without one
``token_requests.py``   the HTTP client for token requests
``boundary.py``         conversion of exceptions to errors of this client
``repetition.py``       which requests may be sent again
``retries.py``          whether a failed attempt is followed by another one, and when; no I/O
``exchange.py``         one call, its redirects and retries; no I/O
``observers.py``        calls what observes requests
``hooks.py``            functions of the user that are called for each request
``logs.py``             log records of requests
``tracing.py``          spans of OpenTelemetry
``send.py``             the sync and the async sender
``response.py``         the value or the error that a response contains
``reasons.py``          the reason that the body of a failed response states
``advice.py``           the notes of errors
``masking.py``          masking of secrets in error attributes
``pages.py``            the request for the next page of a list; no I/O
``continuation.py``     the position in a list as a text; no I/O
``paging.py``           pages that iterate over all items of a list
``prefetch.py``         the next page, requested in the background
``streams.py``          responses that are read as they arrive, sync and async
``item_streams.py``     streams of events or lines of JSON, sync and async
``transfer.py``         the state of a body that is read as it arrives; no I/O
``beginning.py``        what is read of a response to tell a success from a failure, before its body is handed over
``ranges.py``           whether the rest of a body can be requested after the connection broke; no I/O
``lines.py``            text into lines; no I/O
``delimited.py``        text into the rows of a table; no I/O
``items.py``            text into items; no I/O
``event_stream.py``     the events of ``text/event-stream``; no I/O
``json_lines.py``       values of JSON Lines and JSON sequences; no I/O
``saving.py``           files that are written completely or not at all
``abandoned.py``        responses that were not closed
``fakes.py``            methods of fake clients: what is configured and recorded; no I/O
``fake_senders.py``     the senders of fake clients, which send nothing
``raw.py``              ``with_raw_response``: the same calls, returning the whole response
``process.py``          pickling of clients
``resources.py``        the resources of a client, made on first use
``derived.py``          ``with_options``: other defaults, the same connections and tokens
``undocumented.py``     ``request``: operations that the description does not have
``deprecation.py``      deprecated methods
======================  =============================================================================
"""
