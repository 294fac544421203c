"""What the ports promise, as contract suites to inherit, and fakes of every port that keep them.

The suites live in modules of their own (`glede.testing.index_contract` and so on), since they need pytest.
"""

from glede.testing.fake_catalogue import MemoryCatalogue
from glede.testing.fakes import FakeEmbedder, MemoryBlobs, MemoryIndex
from glede.testing.model_server import ModelServer

__all__ = ["FakeEmbedder", "MemoryBlobs", "MemoryCatalogue", "MemoryIndex", "ModelServer"]
