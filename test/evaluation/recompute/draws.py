"""Hashes of ids and random numbers, written anew from their definitions: cyrb53-like hashes, splitmix32 and sfc32."""

MASK = 0xFFFFFFFF


def utf16(text):
    """The UTF-16 code units of a text."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] | data[i + 1] << 8 for i in range(0, len(data), 2)]


def scrambled(h):
    """MurmurHash3's finalizer of 32 bits."""
    h &= MASK
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def finished(low, high):
    """53 bits of two lanes of 32."""
    first = scrambled(low + high * 0x85EBCA6B)
    second = scrambled(high + first * 0xC2B2AE35)
    return (second >> 11) << 32 | first


def hash_of_id(text, seed):
    """A whole number in [0, 2^53)."""
    low, high = scrambled(seed ^ 0x9E3779B9), scrambled(seed ^ 0x41C6CE57)
    for unit in utf16(text):
        low = (low ^ unit) * 0x9E3779B1 & MASK
        high = (high ^ unit) * 0x5F356495 & MASK
    return finished(low, high)


def hash_of_pair(a, b):
    """A whole number in [0, 2^53) of two such numbers."""
    low = (scrambled(a & MASK ^ 0x85EBCA6B) ^ b & MASK) * 0x9E3779B1 & MASK
    high = (scrambled(a >> 32 ^ 0xC2B2AE35) ^ b >> 32) * 0x5F356495 & MASK
    return finished((low << 13 | low >> 19) & MASK, (high << 15 | high >> 17) & MASK)


def draw_of_id(text, seed):
    """A number in [0, 1)."""
    return hash_of_id(text, seed) / 2**53


def fork(seed, label):
    """Seed of the generator that a generator of this seed has under a label: FNV-1a."""
    h = (0x811C9DC5 ^ seed) & MASK
    for unit in utf16(label):
        h = (h ^ unit) * 0x01000193 & MASK
    return h


def splitmix32(seed):
    """Yields numbers of 32 bits."""
    state = seed & MASK
    while True:
        state = state + 0x9E3779B9 & MASK
        t = (state ^ state >> 16) * 0x21F0AAAD & MASK
        t = (t ^ t >> 15) * 0x735A2D97 & MASK
        yield t ^ t >> 15


def sfc32(seed):
    """Yields numbers of 32 bits."""
    mix = splitmix32(seed)
    a, b, c, counter = next(mix), next(mix), next(mix), 1
    drawn = 0
    while True:
        t = a + b + counter & MASK
        counter = counter + 1 & MASK
        a = b ^ b >> 9
        b = c + (c << 3) & MASK
        c = (c << 21 | c >> 11) + t & MASK
        drawn += 1
        if drawn > 12:
            yield t


def integers(seed):
    """A function that draws whole numbers in [0, n)."""
    stream = sfc32(seed)
    return lambda n: int(next(stream) / 4294967296 * n)
