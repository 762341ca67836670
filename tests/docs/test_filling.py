"""How what a command says comes into the guide."""

from docs.guide.blocks import BLOCK, Block, read_block
from docs.guide.make import cut

DOCUMENT = """Text.

```console lines=2 columns=5
$ one \\
  --more
old
$ two
```

```python file=ask.py
$ = 1
```
"""


def read() -> list[Block]:
    return [read_block(found) for found in BLOCK.finditer(DOCUMENT)]


def test_a_block_says_what_it_shows() -> None:
    """Its commands, with the lines on which they go on, and how much of them; or its file."""
    shown, written = read()
    assert (shown.commands, shown.lines, shown.columns) == (["one \\\n  --more", "two"], 2, 5)
    assert (written.file, written.text, written.commands) == ("ask.py", "$ = 1\n", [])


def test_what_is_too_long_is_cut_where_one_sees_it() -> None:
    """Lines that are too many, and what is too long of one; blanks around are no lines."""
    assert list(cut("\n12345\n123456\nthree\n", read()[0])) == ["12345", "1234…", "…"]
    assert list(cut(" \n one\ntwo\n", read()[0])) == [" one", "two"]


def test_a_line_that_was_written_anew() -> None:
    """Is what stood there at last, as on a terminal; so is one that ends as files of csv do."""
    assert list(cut("10 %\r100 %\r\nrow\r", read()[0])) == ["100 %", "row"]
