"""A disk that loses its power: what was not synced may be there afterwards, or not."""

from enum import Enum

from msgspec import Struct


class Death(Exception):
    """The process is gone: nothing of it runs any more."""


class Kept(Enum):
    """What of the steps that were not synced survives."""

    NOTHING = "nothing"
    HALF = "half"
    """Of what was appended; created and removed files as they last were."""
    ALL = "all"


class File(Struct):
    """``durable`` bytes of ``data`` are synced."""

    data: bytes = b""
    durable: int = 0


class DyingDisk:
    """``steps`` are counted; ``dies_at`` is the one that is not finished: if it writes, it is half
    done, else not at all.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.dies_at: int | None = None
        self._files: dict[int, File] = {}
        self._entries: dict[int, File] = {}

    def lose_power(self, kept: Kept) -> None:
        """Come up again."""
        if kept is Kept.NOTHING:
            self._files = dict(self._entries)
        for file in self._files.values():
            lost = len(file.data) - file.durable
            survives = {Kept.NOTHING: 0, Kept.HALF: lost // 2, Kept.ALL: lost}[kept]
            file.data = file.data[: file.durable + survives]
            file.durable = len(file.data)
        self._entries = dict(self._files)
        self.dies_at = None

    def numbers(self) -> list[int]:
        return sorted(self._files)

    def size(self, number: int) -> int:
        return len(self._files[number].data)

    def read(self, number: int, start: int, end: int) -> bytes:
        return self._files[number].data[start:end]

    def create(self, number: int) -> None:
        self._step()
        if number in self._files:
            raise FileExistsError(number)
        self._files[number] = File()

    def append(self, number: int, data: bytes) -> None:
        file = self._files[number]
        half = len(data) // 2
        file.data += data[:half]
        self._step()
        file.data += data[half:]

    def sync(self, number: int) -> None:
        self._step()
        self._files[number].durable = len(self._files[number].data)

    def cut(self, number: int, size: int) -> None:
        self._step()
        file = self._files[number]
        file.data = file.data[:size]
        file.durable = min(file.durable, size)

    def remove(self, number: int) -> None:
        self._step()
        del self._files[number]

    def sync_directory(self) -> None:
        self._step()
        self._entries = dict(self._files)

    def flip(self, number: int, at: int) -> None:
        """One byte of a file is another."""
        file = self._files[number]
        file.data = file.data[:at] + bytes([file.data[at] ^ 0x40]) + file.data[at + 1 :]

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.dies_at:
            raise Death
