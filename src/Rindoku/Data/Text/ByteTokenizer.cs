using System.Globalization;
using System.Text;

namespace Rindoku.Data;

/// <summary>A token for each byte of the text in UTF-8: 256 tokens, nothing unknown, nothing to train.</summary>
/// <remarks>Decoding bytes that are not UTF-8, as a model may say them, gives U+FFFD for each faulty piece; <see cref="Bytes"/> gives them as they are.</remarks>
public sealed class ByteTokenizer : Tokenizer
{
    /// <inheritdoc/>
    public override int Count => 256;

    /// <inheritdoc/>
    protected override void Cut(string text, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (byte b in Encoding.UTF8.GetBytes(text)) tokens.Add(b);
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(Bytes(tokens));

    /// <summary>The bytes of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is no byte.</exception>
    public static byte[] Bytes(ReadOnlySpan<int> tokens)
    {
        byte[] bytes = new byte[tokens.Length];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = Checked(tokens[i]);
        return bytes;
    }

    /// <inheritdoc/>
    public override string Show(int token) => token is > 32 and < 127 ? ((char)token).ToString() : Checked(token).ToString("X2", CultureInfo.InvariantCulture);

    private static byte Checked(int token) => (uint)token < 256
        ? (byte)token
        : throw new ArgumentOutOfRangeException(nameof(token), $"ByteTokenizer: there is no token {token}; they are 0 to 255");
}
