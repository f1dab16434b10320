"""Publication: a whole release goes to a folder, an object store, and a registry of DOIs."""

from steelyard.publish.destination import Destination, PublicationError, open_destination
from steelyard.publish.publication import Publication, publish

__all__ = [
    "Destination",
    "Publication",
    "PublicationError",
    "open_destination",
    "publish",
]
