"""A model behind HTTP: requests are checked against the contract, batched, and answered or refused.

A server has two jobs. It answers those who keep the contract, and tells the others what they did
wrong; what they send must never stop it. `serve` runs one on this machine's loopback address only,
`Client` talks to it::

    from deeplearn_utils.edge import artifact
    from deeplearn_utils.serving import Client, serve

    with serve(artifact.start(artifact.load("digits.zip"))) as server, Client(server.url) as client:
        client.predict(raw[:3])

`deeplearn serve digits.zip` does the same from the command line. The words of its HTTP are in
`app`; `requests` says what is refused and with which status, `batching` how requests that come
together are computed together.
"""

from .client import Client
from .requests import Refused
from .server import Server, serve

__all__ = ["Client", "Refused", "Server", "serve"]
