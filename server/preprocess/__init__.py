"""The server's preprocessing for training scripts and notebooks: the same native code, on NumPy
arrays and whole batches. Needs numpy; the server does not import this package."""

from server.preprocess.columns import Columns
from server.preprocess.image import Image
from server.preprocess.text import Text

__all__ = ["Columns", "Image", "Text"]
