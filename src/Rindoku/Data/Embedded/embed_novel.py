"""Writes novel.txt.gz from Debian's r-cran-janeaustenr: Northanger Abbey, one paragraph a line, an empty line between two.

apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb FOLDER && python3 embed_novel.py FOLDER
"""
import gzip
import struct
import sys
import zlib

data = f"{sys.argv[1] if len(sys.argv) > 1 else ''}/usr/lib/R/site-library/janeaustenr/data/Rdata"


def strings(serialised):
    """The first vector of strings in R's binary serialisation: type 16, a count, then flags, length and bytes of each."""
    start = serialised.index(b"\x00\x00\x00\x10", 18)
    (count,) = struct.unpack_from(">i", serialised, start + 4)
    place = start + 8
    for _ in range(count):
        flags, length = struct.unpack_from(">Ii", serialised, place)
        assert flags & 0xFF == 9 and length >= 0
        place += 8 + length
        yield serialised[place - length:place].decode()


# The index holds an (offset, length) pair for each book, in the order of its names; the base has a length before each piece.
index = zlib.decompress(open(data + ".rdx", "rb").read(), 47)
pairs = index.index(b"\x00\x00\x00\x0d\x00\x00\x00\x02")
number = ["emma", "mansfieldpark", "northangerabbey"].index("northangerabbey")
offset, length = struct.unpack_from(">ii", index, pairs + 16 * number + 8)
book = list(strings(zlib.decompress(open(data + ".rdb", "rb").read()[offset + 4:offset + length])))
assert book[0] == "NORTHANGER ABBEY" and len(book) == 7856

paragraphs = [" ".join(lines.split()) for lines in "\n".join(line.rstrip() for line in book).split("\n\n")]
# The novel itself: no title page, and not the note of a later publisher behind it.
novel = paragraphs[paragraphs.index("CHAPTER 1"):paragraphs.index("A NOTE ON THE TEXT")]
text = "\n\n".join(paragraph for paragraph in novel if paragraph) + "\n"

# No name and no time in the header: the file is the same on every run.
with open(__file__.replace("embed_novel.py", "novel.txt.gz"), "wb") as raw:
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as out:
        out.write(text.encode())
