"""What an application of its own imports of Larder: docs/your-own-models.md.

``larder.graphql`` declares a schema, ``larder.sync`` fills models from suppliers, ``larder.freshness`` tells how old
rows are, ``larder.testing`` counts statements in tests, ``larder.django`` and ``larder.asgi`` put Larder into a Django
project of its own (docs/mounting.md).
"""
