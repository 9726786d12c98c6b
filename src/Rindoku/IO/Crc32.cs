namespace Rindoku.IO;

/// <summary>The 32-bit cyclic redundancy check of zip and PNG (polynomial EDB88320, reflected; ISO 3309).</summary>
public static class Crc32
{
    // Four tables let four bytes go in one step; byte by byte, the check would take longer than the decompression.
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The check of <paramref name="bytes"/> after that of what came before; start with 0.</summary>
    public static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] t0 = Tables[0], t1 = Tables[1], t2 = Tables[2], t3 = Tables[3];
        crc = ~crc;
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            crc ^= bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16 | (uint)bytes[3] << 24;
            crc = t3[(byte)crc] ^ t2[(byte)(crc >> 8)] ^ t1[(byte)(crc >> 16)] ^ t0[crc >> 24];
        }
        foreach (byte b in bytes) crc = t0[(byte)(crc ^ b)] ^ crc >> 8;
        return ~crc;
    }

    private static uint[][] MakeTables()
    {
        uint[][] tables = [new uint[256], new uint[256], new uint[256], new uint[256]];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            tables[0][i] = crc;
        }
        for (int table = 1; table < 4; table++)
            for (int i = 0; i < 256; i++)
                tables[table][i] = tables[table - 1][i] >> 8 ^ tables[0][(byte)tables[table - 1][i]];
        return tables;
    }
}
