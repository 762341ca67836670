# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Both sides of a live book as sorted arrays of scaled integers: the compiled twin of ``levels.py``.

It reads ``[["price","quantity"],...]`` straight from the wire's bytes and never rounds: a number
with more decimals than the market's scale raises ``Inexact``. Prices of asks are kept negated, so
that on both sides a greater key is a better price and the best level stands last, where an insert
moves the fewest bytes.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memmove

cdef extern from *:
    """
    typedef __int128 i128;
    static const int64_t POWERS[19] = {
        1LL, 10LL, 100LL, 1000LL, 10000LL, 100000LL, 1000000LL, 10000000LL, 100000000LL,
        1000000000LL, 10000000000LL, 100000000000LL, 1000000000000LL, 10000000000000LL,
        100000000000000LL, 1000000000000000LL, 10000000000000000LL, 100000000000000000LL,
        1000000000000000000LL};
    /* A price beyond this, times the band factors, would not fit 64 bits. */
    #define GREATEST 40000000000000LL
    static inline int64_t low63(i128 v) { return (int64_t)(v & 0x7fffffffffffffffLL); }
    static inline int64_t high63(i128 v) { return (int64_t)(v >> 63); }
    """
    ctypedef long long i128
    const int64_t POWERS[19]
    const int64_t GREATEST
    int64_t low63(i128 v) nogil
    int64_t high63(i128 v) nogil

cdef enum:
    READ = 0
    UNREADABLE = 1
    INEXACT = 2
    FACTOR = 100000


class Inexact(ValueError):
    """A number has more decimals than the scale, or does not fit."""


cdef struct Side:
    int64_t* key
    int64_t* quantity
    Py_ssize_t count
    Py_ssize_t room
    int64_t edge
    bint whole


cdef int reserve(Side* side, Py_ssize_t room) except -1 nogil:
    cdef int64_t* key
    cdef int64_t* quantity
    if room <= side.room:
        return 0
    key = <int64_t*>realloc(side.key, room * sizeof(int64_t))
    if key != NULL:
        side.key = key
    quantity = <int64_t*>realloc(side.quantity, room * sizeof(int64_t))
    if quantity != NULL:
        side.quantity = quantity
    if key == NULL or quantity == NULL:
        with gil:
            raise MemoryError
    side.room = room
    return 0


cdef inline Py_ssize_t first_at_least(Side* side, int64_t key) noexcept nogil:
    """The index of the first level whose key is not smaller."""
    cdef Py_ssize_t low = 0, length = side.count, half
    while length > 0:
        half = length >> 1
        if side.key[low + half] < key:
            low += half + 1
            length -= half + 1
        else:
            length = half
    return low


cdef inline int put(Side* side, int64_t key, int64_t quantity) except -1 nogil:
    cdef Py_ssize_t at = first_at_least(side, key)
    cdef Py_ssize_t rest = side.count - at
    if rest > 0 and side.key[at] == key:
        if quantity:
            side.quantity[at] = quantity
        else:
            memmove(side.key + at, side.key + at + 1, (rest - 1) * sizeof(int64_t))
            memmove(side.quantity + at, side.quantity + at + 1, (rest - 1) * sizeof(int64_t))
            side.count -= 1
        return 0
    if not quantity:
        return 0
    if side.count == side.room:
        reserve(side, side.room * 2 if side.room else 64)
    memmove(side.key + at + 1, side.key + at, rest * sizeof(int64_t))
    memmove(side.quantity + at + 1, side.quantity + at, rest * sizeof(int64_t))
    side.key[at] = key
    side.quantity[at] = quantity
    side.count += 1
    return 0


cdef inline int number(const char** at, const char* end, int scale, int64_t* out) noexcept nogil:
    """A quoted decimal without sign or exponent."""
    cdef const char* c = at[0]
    cdef uint64_t value = 0
    cdef int digits = 0, decimals = 0
    if c >= end or c[0] != b'"':
        return UNREADABLE
    c += 1
    while c < end and <unsigned char>(c[0] - 48) < 10:
        value = value * 10 + <uint64_t>(c[0] - 48)
        digits += value != 0
        c += 1
    if c < end and c[0] == b'.':
        c += 1
        while c < end and <unsigned char>(c[0] - 48) < 10:
            if decimals < scale:
                value = value * 10 + <uint64_t>(c[0] - 48)
                digits += value != 0
                decimals += 1
            elif c[0] != 48:
                return INEXACT
            c += 1
    if c >= end or c[0] != b'"' or c == at[0] + 1:
        return UNREADABLE
    digits += scale - decimals
    if digits > 18:
        return INEXACT
    out[0] = <int64_t>(value * <uint64_t>POWERS[scale - decimals])
    at[0] = c + 1
    return READ


cdef inline const char* blank(const char* c, const char* end) noexcept nogil:
    while c < end and (c[0] == 32 or c[0] == 10 or c[0] == 13 or c[0] == 9):
        c += 1
    return c


cdef inline bint take(const char** at, const char* end, char wanted) noexcept nogil:
    cdef const char* c = blank(at[0], end)
    if c >= end or c[0] != wanted:
        return False
    at[0] = blank(c + 1, end)
    return True


cdef int read(
    Side* side, bint negated, int price_scale, int quantity_scale, const char* c, const char* end
) except -1 nogil:
    """Set every level of ``[["price","quantity"],...]``."""
    cdef int64_t price = 0, quantity = 0
    cdef int failed
    if not take(&c, end, b'['):
        return UNREADABLE
    if take(&c, end, b']'):
        return READ
    while True:
        if not take(&c, end, b'['):
            return UNREADABLE
        failed = number(&c, end, price_scale, &price)
        if failed:
            return failed
        if not take(&c, end, b','):
            return UNREADABLE
        failed = number(&c, end, quantity_scale, &quantity)
        if failed:
            return failed
        if not take(&c, end, b']'):
            return UNREADABLE
        if price <= 0:
            return UNREADABLE
        if price > GREATEST:
            return INEXACT
        put(side, -price if negated else price, quantity)
        if take(&c, end, b']'):
            return READ
        if not take(&c, end, b','):
            return UNREADABLE


cdef object whole_number(i128 value):
    return (<object>high63(value) << 63) | low63(value)


cdef void values(
    Side* side, const int64_t* limit, int bands, i128* out
) noexcept nogil:
    """Price times quantity down to each limit, nearest first, never beyond the edge."""
    cdef Py_ssize_t at = side.count - 1
    cdef i128 total = 0
    cdef int band
    cdef int64_t bound, key
    for band in range(bands):
        bound = limit[band]
        if not side.whole and bound < side.edge:
            bound = side.edge
        while at >= 0 and side.key[at] >= bound:
            key = side.key[at]
            total += <i128>(key if key > 0 else -key) * side.quantity[at]
            at -= 1
        out[band] = total


cdef i128 to_i128(object whole) except? -1:
    return (<i128><int64_t>(whole >> 63) << 63) | <i128><int64_t>(whole & 0x7fffffffffffffff)


cdef object spend(Side* side, tuple amounts, int64_t bound):
    """Walk the levels not beyond ``bound``, best first, until the last amount is spent."""
    cdef Py_ssize_t at = side.count - 1
    cdef i128 spent = 0, bought = 0, after, wanted
    cdef int64_t price
    cdef int number = 0, count = <int>len(amounts)
    found = []
    wanted = to_i128(amounts[0])
    while at >= 0 and side.key[at] >= bound:
        price = side.key[at] if side.key[at] > 0 else -side.key[at]
        after = spent + <i128>price * side.quantity[at]
        while after >= wanted:
            found.append((price, whole_number(spent), whole_number(bought)))
            number += 1
            if number == count:
                return found, whole_number(after)
            wanted = to_i128(amounts[number])
        spent = after
        bought += side.quantity[at]
        at -= 1
    return found, whole_number(spent)


cdef class FastSides:
    """Bids and asks of one book. ``update`` must not be called from two threads at once."""

    cdef Side bids
    cdef Side asks
    cdef readonly int price_scale
    cdef readonly int quantity_scale

    def __cinit__(self, int price_scale, int quantity_scale):
        if not (0 <= price_scale <= 12 and 0 <= quantity_scale <= 12):
            raise Inexact(f"scales of {price_scale} and {quantity_scale} decimals")
        self.price_scale = price_scale
        self.quantity_scale = quantity_scale
        self.bids.whole = self.asks.whole = True

    def __dealloc__(self):
        free(self.bids.key)
        free(self.bids.quantity)
        free(self.asks.key)
        free(self.asks.quantity)

    cdef int _read(self, Side* side, bint negated, object raw) except -1:
        cdef Py_buffer view
        cdef const char* start
        cdef int failed
        PyObject_GetBuffer(raw, &view, PyBUF_SIMPLE)
        try:
            start = <const char*>view.buf
            failed = read(side, negated, self.price_scale, self.quantity_scale, start, start + view.len)
        finally:
            PyBuffer_Release(&view)
        if failed == UNREADABLE:
            raise ValueError("not a list of levels")
        if failed == INEXACT:
            raise Inexact("a level has more digits than the market's scale")
        return 0

    cdef int _replace(self, Side* side, bint negated, object raw, object depth) except -1:
        side.count = 0
        self._read(side, negated, raw)
        side.whole = depth is None or side.count < depth
        side.edge = side.key[0] if side.count else 0
        return 0

    def update(self, bids, asks):
        """Set quantities; a zero removes."""
        self._read(&self.bids, False, bids)
        self._read(&self.asks, True, asks)

    def replace(self, bids, asks, depth):
        """Start anew from a snapshot for which ``depth`` levels were asked (``None``: all)."""
        self._replace(&self.bids, False, bids, depth)
        self._replace(&self.asks, True, asks, depth)

    def deepen(self, bids, asks, depth):
        """Start anew from a later snapshot, but keep what is known beyond its edge."""
        self._deepen(&self.bids, False, bids, depth)
        self._deepen(&self.asks, True, asks, depth)

    cdef int _deepen(self, Side* side, bint negated, object raw, object depth) except -1:
        cdef Side fresh
        cdef Py_ssize_t kept
        fresh.key = fresh.quantity = NULL
        fresh.count = fresh.room = 0
        fresh.edge = 0
        fresh.whole = False
        try:
            self._replace(&fresh, negated, raw, depth)
            kept = 0 if fresh.whole else first_at_least(side, fresh.edge)
            reserve(side, kept + fresh.count)
            memcpy(side.key + kept, fresh.key, fresh.count * sizeof(int64_t))
            memcpy(side.quantity + kept, fresh.quantity, fresh.count * sizeof(int64_t))
            side.count = kept + fresh.count
            if fresh.whole:
                side.whole = True
            elif not side.whole and fresh.edge < side.edge:
                side.edge = fresh.edge
        finally:
            free(fresh.key)
            free(fresh.quantity)
        return 0

    def edges(self):
        """The price each side is known up to; ``None`` where it is whole."""
        return (
            None if self.bids.whole else self.bids.edge,
            None if self.asks.whole else -self.asks.edge,
        )

    def best_bids(self, Py_ssize_t count, int64_t lowest):
        """Price and quantity of at most ``count`` bids, best first, none below ``lowest``."""
        cdef Py_ssize_t at = self.bids.count - 1
        found = []
        while at >= 0 and len(found) < count and self.bids.key[at] >= lowest:
            found.append((self.bids.key[at], self.bids.quantity[at]))
            at -= 1
        return found

    def best_asks(self, Py_ssize_t count, int64_t highest):
        """Price and quantity of at most ``count`` asks, best first, none above ``highest``."""
        cdef Py_ssize_t at = self.asks.count - 1
        found = []
        while at >= 0 and len(found) < count and -self.asks.key[at] <= highest:
            found.append((-self.asks.key[at], self.asks.quantity[at]))
            at -= 1
        return found

    def top(self):
        """The best bid and ask prices; ``None`` for an empty side."""
        cdef Py_ssize_t bid = self.bids.count - 1, ask = self.asks.count - 1
        return (
            self.bids.key[bid] if bid >= 0 else None,
            -self.asks.key[ask] if ask >= 0 else None,
        )

    def ladder(self, tuple tenths):
        """The value within each distance from mid (tenths of a basis point, nearest first).

        Returns twice the mid, the bids' and the asks' values, all scaled integers; ``None`` where
        the known book has no mid.
        """
        cdef int64_t limit[16]
        cdef i128 out[16]
        cdef Py_ssize_t bid = self.bids.count - 1, ask = self.asks.count - 1
        cdef int64_t twice, scaled, tenth
        cdef int bands = <int>len(tenths), band
        if bands > 16:
            raise ValueError("at most 16 bands")
        if bid < 0 or ask < 0 or self.bids.key[bid] > -self.asks.key[ask]:
            return None
        if not self.bids.whole and self.bids.key[bid] < self.bids.edge:
            return None
        if not self.asks.whole and self.asks.key[ask] < self.asks.edge:
            return None
        twice = self.bids.key[bid] - self.asks.key[ask]
        for band in range(bands):
            tenth = tenths[band]
            scaled = twice * (FACTOR - tenth)
            limit[band] = (scaled + 2 * FACTOR - 1) // (2 * FACTOR)
        values(&self.bids, limit, bands, out)
        below = tuple([whole_number(out[band]) for band in range(bands)])
        for band in range(bands):
            tenth = tenths[band]
            limit[band] = -(twice * (FACTOR + tenth) // (2 * FACTOR))
        values(&self.asks, limit, bands, out)
        above = tuple([whole_number(out[band]) for band in range(bands)])
        return twice, below, above

    def spend(self, tuple amounts, int64_t lowest, int64_t highest):
        """What it takes to spend each amount (scaled values, smallest first) on each side at once.

        Of bids, then of asks, no further than these prices: for each amount that is filled the price
        of its last level, the value and the quantity of the levels before; and the value of all
        that was walked.
        """
        if not amounts:
            raise ValueError("no amounts")
        return spend(&self.bids, amounts, lowest), spend(&self.asks, amounts, -highest)

    def deepest(self, int64_t lowest, int64_t highest):
        """The bid and the ask furthest from the best, no further than these prices."""
        cdef Py_ssize_t bid = first_at_least(&self.bids, lowest)
        cdef Py_ssize_t ask = first_at_least(&self.asks, -highest)
        return (
            self.bids.key[bid] if bid < self.bids.count else None,
            -self.asks.key[ask] if ask < self.asks.count else None,
        )
