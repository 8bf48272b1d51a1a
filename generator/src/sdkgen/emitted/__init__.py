"""The modules that are the same in every client.

Each module below is copied into each generated package under the same path, with a header added:
``_runtime/send.py`` becomes ``cinchy_client/_runtime/send.py``. Every file of this folder is copied except this one,
since a client's ``__init__.py`` is rendered from a template. Names that differ from client to client have a placeholder
name here, which ``sdkgen.render.emitted`` lists and replaces.

These modules may import only ``auth_core.contract``, ``attrs``, ``httpx`` and the standard library, and each other by
relative imports, since they run in another package.
"""
