"""What the application tells the front about the response to a request."""

from dataclasses import dataclass

from metropole.web.serving.query_log import LoggedQuery

#: The names under which a request carries what the front knows of it, in its WSGI environment.
EXCHANGE = "metropole.exchange"
GONE = "metropole.gone"


@dataclass
class Exchange:
    """Notes of one request; the application may change them until its response begins."""

    #: Whether a complete response may be kept though its method or a missing `ETag` forbid it.
    keep: bool = False
    #: Whether requests that wait for this response may have it though it is not kept.
    shareable: bool = False
    #: What the query log said; each client that gets the response again is logged alike.
    logged: LoggedQuery | None = None
    #: The kind of address by which the response is counted.
    address: str = "none"
