"""What an object works out once, when it is first asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801 - reads as property does
    """As `functools.cached_property`, which until Python 3.12 takes a lock that all objects, and threads, share."""

    def __init__(self, find: Callable[[Any], Value]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> once[Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> Value | once[Value]:
        """Find the value, and leave it where Python looks before it asks again."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._find(instance)
        return value
