"""A disk in memory for the spool: what was not made durable may be lost with the process."""

from random import Random

from msgspec import Struct


class _File(Struct):
    """``data`` up to ``synced`` is durable; so is the file itself where it is ``listed``."""

    data: bytearray
    synced: int = 0
    listed: bool = False


class MemoryDisk:
    """A ``spool.disk.Disk``."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._files: dict[int, _File] = {}
        self._removed: dict[int, _File] = {}

    def lose_power(self) -> None:
        """Of what nobody waited for a part is there, or nothing; what was removed may be back."""
        for number, file in sorted(self._removed.items()):
            if self._chance.random() < 0.5:
                self._files[number] = file
        self._removed.clear()
        for number, file in list(self._files.items()):
            if not file.listed and self._chance.random() < 0.5:
                del self._files[number]
                continue
            kept = self._chance.randint(file.synced, len(file.data))
            del file.data[kept:]
            file.synced, file.listed = kept, True

    def numbers(self) -> list[int]:
        return sorted(self._files)

    def size(self, number: int) -> int:
        return len(self._files[number].data)

    def read(self, number: int, start: int, end: int) -> bytes:
        return bytes(self._files[number].data[start:end])

    def create(self, number: int) -> None:
        self._files[number] = _File(bytearray())

    def append(self, number: int, data: bytes) -> None:
        self._files[number].data += data

    def sync(self, number: int) -> None:
        file = self._files[number]
        file.synced = len(file.data)

    def cut(self, number: int, size: int) -> None:
        file = self._files[number]
        del file.data[size:]
        file.synced = min(file.synced, size)

    def remove(self, number: int) -> None:
        self._removed[number] = self._files.pop(number)

    def sync_directory(self) -> None:
        self._removed.clear()
        for file in self._files.values():
            file.listed = True
