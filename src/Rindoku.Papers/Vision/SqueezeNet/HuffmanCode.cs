using Rindoku.IO;

namespace Rindoku.Papers.Vision.SqueezeNet;

/// <summary>A canonical Huffman code whose words have at most 15 bits, so that a table of it takes half a byte a symbol.</summary>
/// <remarks>
/// Words of one length are given out in the order of the symbols, so the lengths tell the whole code. A text of one symbol alone, whose
/// length is given as 1, takes no bits. The lengths are the best possible under their limit: package-merge, Larmore and Hirschberg 1990, "A fast algorithm for optimal length-limited Huffman codes".
/// </remarks>
public sealed class HuffmanCode
{
    /// <summary>The longest word.</summary>
    public const int MostBits = 15;

    private readonly byte[] lengths;
    private readonly int[] words;
    private readonly int only = -1; // the symbol that is alone

    private HuffmanCode(byte[] lengths)
    {
        this.lengths = lengths;
        if (lengths.Length - lengths.AsSpan().Count((byte)0) == 1) only = lengths.AsSpan().IndexOfAnyExcept((byte)0);
        words = new int[lengths.Length];
        int next = 0;
        for (int bits = 1; bits <= MostBits; bits++)
        {
            next <<= 1;
            for (int symbol = 0; symbol < lengths.Length; symbol++)
                if (lengths[symbol] == bits) words[symbol] = next++;
        }
    }

    /// <summary>Bits of each symbol's word; 0 for a symbol that does not occur.</summary>
    public ReadOnlySpan<byte> Lengths => lengths;

    /// <summary>The code with which a text is shortest.</summary>
    /// <param name="symbols">The text.</param>
    /// <param name="alphabet">How many symbols there are, at most 256.</param>
    public static HuffmanCode For(ReadOnlySpan<byte> symbols, int alphabet)
    {
        long[] counts = new long[alphabet];
        foreach (byte symbol in symbols) counts[symbol]++;
        int[] used = [.. Enumerable.Range(0, alphabet).Where(symbol => counts[symbol] > 0).OrderBy(symbol => counts[symbol])];
        byte[] lengths = new byte[alphabet];
        if (used.Length == 1) lengths[used[0]] = 1;
        else if (used.Length > 1) PackageMerge(counts, used, lengths);
        return new HuffmanCode(lengths);
    }

    /// <summary>The code of given lengths, as a file holds them; null if no prefix code has them and uses all words.</summary>
    public static HuffmanCode? FromLengths(byte[] lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        if (Array.Exists(lengths, bits => bits > MostBits)) return null;
        int used = lengths.Length - lengths.AsSpan().Count((byte)0);
        long filled = lengths.Sum(bits => bits == 0 ? 0L : 1L << (MostBits - bits));
        bool whole = used == 0 || filled == 1L << MostBits || (used == 1 && filled == 1L << (MostBits - 1));
        return whole ? new HuffmanCode(lengths) : null;
    }

    /// <summary>How many bits a text takes.</summary>
    public long BitsOf(ReadOnlySpan<byte> symbols)
    {
        if (only >= 0) return 0;
        long bits = 0;
        foreach (byte symbol in symbols) bits += lengths[symbol];
        return bits;
    }

    /// <summary>A text in this code, the first bit highest in its byte; the last byte is filled up with zeros.</summary>
    public byte[] Encode(ReadOnlySpan<byte> symbols)
    {
        byte[] bytes = new byte[(BitsOf(symbols) + 7) / 8];
        if (only >= 0) return bytes;
        long at = 0;
        foreach (byte symbol in symbols)
            for (int bit = lengths[symbol] - 1; bit >= 0; bit--, at++)
                if ((words[symbol] >> bit & 1) != 0) bytes[at / 8] |= (byte)(0x80 >> (int)(at % 8));
        return bytes;
    }

    /// <summary>Reads a text back.</summary>
    /// <param name="bytes">What <see cref="Encode"/> gave.</param>
    /// <param name="count">How many symbols.</param>
    /// <param name="reader">Where the bytes were read from, for errors.</param>
    /// <exception cref="FileFormatException">The bytes end too early, or hold a word that the code has not.</exception>
    public byte[] Decode(ReadOnlySpan<byte> bytes, int count, FormatReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (only >= 0) return [.. Enumerable.Repeat((byte)only, count)];
        // Words of one length follow each other: how many there are, and where their symbols begin in the order of length and symbol.
        byte[] order = [.. Enumerable.Range(0, lengths.Length).Where(s => lengths[s] > 0).OrderBy(s => lengths[s]).Select(s => (byte)s)];
        int[] ofLength = new int[MostBits + 1];
        foreach (byte symbol in order) ofLength[lengths[symbol]]++;
        if (count > bytes.Length * 8L) throw Damaged(0); // before room is made for them

        byte[] symbols = new byte[count];
        long at = 0;
        for (int i = 0; i < count; i++)
        {
            int word = 0, first = 0, begin = 0, bits = 0;
            while (true)
            {
                if (++bits > MostBits || at >= bytes.Length * 8L) throw Damaged(i);
                word = word << 1 | bytes[(int)(at / 8)] >> (int)(7 - at % 8) & 1;
                at++;
                first <<= 1;
                if (word - first < ofLength[bits]) break;
                first += ofLength[bits];
                begin += ofLength[bits];
            }
            symbols[i] = order[begin + word - first];
        }
        return symbols;

        FileFormatException Damaged(int symbol) =>
            reader.Error(reader.Position, $"no word of the Huffman code for symbol {symbol} of {count}", "as many words as the layer has entries");
    }

    // A symbol's length is how often it is among the 2n - 2 cheapest of the packages of MostBits rounds.
    private static void PackageMerge(long[] counts, int[] used, byte[] lengths)
    {
        (long Count, int[] Symbols)[] singles = [.. used.Select(symbol => (counts[symbol], (int[])[symbol]))];
        (long Count, int[] Symbols)[] packages = singles;
        for (int round = 1; round < MostBits; round++)
        {
            IEnumerable<(long, int[])> pairs = packages.Chunk(2).Where(pair => pair.Length == 2)
                .Select(pair => (pair[0].Count + pair[1].Count, (int[])[.. pair[0].Symbols, .. pair[1].Symbols]));
            packages = [.. singles.Concat(pairs).OrderBy(package => package.Item1)];
        }
        foreach ((_, int[] symbols) in packages.Take(2 * used.Length - 2))
            foreach (int symbol in symbols) lengths[symbol]++;
    }
}
