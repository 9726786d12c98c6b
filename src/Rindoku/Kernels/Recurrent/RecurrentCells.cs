using static Rindoku.Kernels.SimdMemory;

namespace Rindoku.Kernels;

/// <summary>The gates of a recurrent cell, for one vector of units of one sample.</summary>
/// <remarks>
/// The parts of a row stand one after the other, <c>size</c> apart: input-side sums, hidden-side products, what is saved for the
/// way back. The state of a step has one part (h) or two (h and c).
/// </remarks>
internal unsafe interface IRecurrentCell
{
    /// <summary>Sums that a unit has from each side: 4 for an LSTM, 3 for a GRU, 1 for a plain cell.</summary>
    static abstract int Gates { get; }

    /// <summary>Numbers of each unit that the forward pass saves for the way back.</summary>
    static abstract int Saved { get; }

    /// <summary>Whether the state has a cell c beside h.</summary>
    static abstract bool HasCell { get; }

    /// <summary>From the sums of both sides and the state before to the state after.</summary>
    void Forward<V>(float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size, int count)
        where V : struct, ISimd<V>;

    /// <summary>
    /// From the gradients of the state after (dh, dc) to those of the sums, and, in place, to those of the state before as far as they
    /// do not go through the products.
    /// </summary>
    void Backward<V>(float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size, int count) where V : struct, ISimd<V>;
}

/// <summary>Long short-term memory: gates i, f, g, o; <c>c' = f c + i g</c>, <c>h' = o tanh(c')</c>.</summary>
internal readonly unsafe struct LstmCell : IRecurrentCell
{
    public static int Gates => 4;
    public static int Saved => 4;
    public static bool HasCell => true;

    public void Forward<V>(float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size, int count)
        where V : struct, ISimd<V>
    {
        V i = SimdMath.Sigmoid(Load<V>(input, count) + Load<V>(product, count));
        V f = SimdMath.Sigmoid(Load<V>(input + size, count) + Load<V>(product + size, count));
        V g = SimdMath.Tanh(Load<V>(input + 2 * size, count) + Load<V>(product + 2 * size, count));
        V o = SimdMath.Sigmoid(Load<V>(input + 3 * size, count) + Load<V>(product + 3 * size, count));
        V c = V.Fma(f, Load<V>(cellBefore, count), i * g);
        Store(i, saved, count);
        Store(f, saved + size, count);
        Store(g, saved + 2 * size, count);
        Store(o, saved + 3 * size, count);
        Store(c, cellAfter, count);
        Store(o * SimdMath.Tanh(c), after, count);
    }

    public void Backward<V>(float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size, int count) where V : struct, ISimd<V>
    {
        V one = V.All(1), i = Load<V>(saved, count), f = Load<V>(saved + size, count), g = Load<V>(saved + 2 * size, count), o = Load<V>(saved + 3 * size, count);
        V bent = SimdMath.Tanh(Load<V>(cellAfter, count)), dy = Load<V>(dh, count);
        V d = V.Fma(dy * o, one - bent * bent, Load<V>(dc, count));
        Store(d * g * i * (one - i), dinput, count);
        Store(d * Load<V>(cellBefore, count) * f * (one - f), dinput + size, count);
        Store(d * i * (one - g * g), dinput + 2 * size, count);
        Store(dy * bent * o * (one - o), dinput + 3 * size, count);
        for (int gate = 0; gate < 4; gate++) Store(Load<V>(dinput + gate * size, count), dproduct + gate * size, count);
        Store(d * f, dc, count);
        Store(V.Zero, dh, count);
    }
}

/// <summary>Gated recurrent unit: gates r, z, n; <c>n = tanh(x_n + r p_n)</c>, <c>h' = (1 - z) n + z h</c>.</summary>
internal readonly unsafe struct GruCell : IRecurrentCell
{
    public static int Gates => 3;
    public static int Saved => 4;
    public static bool HasCell => false;

    public void Forward<V>(float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size, int count)
        where V : struct, ISimd<V>
    {
        V r = SimdMath.Sigmoid(Load<V>(input, count) + Load<V>(product, count));
        V z = SimdMath.Sigmoid(Load<V>(input + size, count) + Load<V>(product + size, count));
        V p = Load<V>(product + 2 * size, count), n = SimdMath.Tanh(V.Fma(r, p, Load<V>(input + 2 * size, count)));
        Store(r, saved, count);
        Store(z, saved + size, count);
        Store(n, saved + 2 * size, count);
        Store(p, saved + 3 * size, count);
        Store(V.Fma(z, Load<V>(before, count) - n, n), after, count);
    }

    public void Backward<V>(float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size, int count) where V : struct, ISimd<V>
    {
        V one = V.All(1), r = Load<V>(saved, count), z = Load<V>(saved + size, count), n = Load<V>(saved + 2 * size, count), p = Load<V>(saved + 3 * size, count);
        V dy = Load<V>(dh, count), dn = dy * (one - z) * (one - n * n), dr = dn * p * r * (one - r), dz = dy * (Load<V>(before, count) - n) * z * (one - z);
        Store(dr, dinput, count);
        Store(dz, dinput + size, count);
        Store(dn, dinput + 2 * size, count);
        Store(dr, dproduct, count);
        Store(dz, dproduct + size, count);
        Store(dn * r, dproduct + 2 * size, count);
        Store(dy * z, dh, count);
    }
}

/// <summary>Plain recurrent cell: <c>h' = tanh(sum)</c> or <c>max(0, sum)</c>.</summary>
internal readonly unsafe struct PlainCell(bool relu) : IRecurrentCell
{
    public static int Gates => 1;
    public static int Saved => 0;
    public static bool HasCell => false;

    public void Forward<V>(float* input, float* product, float* saved, float* before, float* cellBefore, float* after, float* cellAfter, int size, int count)
        where V : struct, ISimd<V>
    {
        V sum = Load<V>(input, count) + Load<V>(product, count);
        Store(relu ? V.Max(sum, V.Zero) : SimdMath.Tanh(sum), after, count);
    }

    public void Backward<V>(float* saved, float* before, float* cellBefore, float* after, float* cellAfter, float* dh, float* dc,
        float* dinput, float* dproduct, int size, int count) where V : struct, ISimd<V>
    {
        V y = Load<V>(after, count), dy = Load<V>(dh, count);
        V d = relu ? V.Select(V.Less(V.Zero, y), dy, V.Zero) : dy * (V.All(1) - y * y);
        Store(d, dinput, count);
        Store(d, dproduct, count);
        Store(V.Zero, dh, count);
    }
}
