"""Objects that hold secrets: a copy is the object itself, and none is written into a pickle."""

from __future__ import annotations

from typing import ClassVar, NoReturn, Self, SupportsIndex


class Unpicklable:
    """Base of what is shared when copied and refused when pickled."""

    __slots__ = ()

    _not_pickled: ClassVar[str] = (
        "it would write down secrets; build the client in the process that uses it, and give both a FileStore or a "
        "RedisStore if they shall share one token"
    )
    """Why not, and what to do instead, for the error."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        message = f"{type(self).__name__} is not pickled: {self._not_pickled}"
        raise TypeError(message)
