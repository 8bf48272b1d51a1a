"""The part of a client that is the same in every client, authored here as Python.

Each module below is copied into each generated package under the path that it has here, with a header in front:
``_runtime/send.py`` becomes ``cinchy_client/_runtime/send.py``. The files of this folder are the list of what is
copied; only this one stays behind, since a client's own ``__init__.py`` is made of a template. Names that differ from
client to client have one name here; ``sdkgen.render.emitted`` says which and replaces them.

Nothing here may import anything but ``auth_core.contract``, ``attrs``, ``httpx`` and the standard library, nor its
neighbours in any way but relatively, since it runs in another package.
"""
