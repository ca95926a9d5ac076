"""The descriptor pool of our stubs.

Other packages (tritonclient, grpcio-health-checking) register the same message names in protobuf's
default pool, and one pool holds a name only once. With a pool of our own a process may import
both, in either order.
"""

from google.protobuf.descriptor_pool import DescriptorPool

POOL = DescriptorPool()
