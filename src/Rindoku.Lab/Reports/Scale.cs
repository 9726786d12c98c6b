using System.Globalization;

namespace Rindoku.Lab.Reports;

/// <summary>Maps values to places on the page, and chooses round numbers to mark.</summary>
internal sealed class Scale
{
    private readonly double low, high, from, to;
    private readonly bool logarithmic;

    /// <param name="axis">The axis.</param>
    /// <param name="values">The values that must fit; those that are not finite, or not above zero on a logarithmic axis, are left out.</param>
    /// <param name="from">The place of the lowest value.</param>
    /// <param name="to">The place of the highest.</param>
    /// <param name="tight">Whether the axis ends with the values; otherwise it goes on to the next mark.</param>
    public Scale(Axis axis, IEnumerable<double> values, double from, double to, bool tight = false)
    {
        logarithmic = axis.Logarithmic;
        double[] usable = [.. values.Where(IsUsable).Select(Place)];
        (low, high) = usable.Length == 0 ? (0, 1) : (usable.Min(), usable.Max());
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high))) (low, high) = (low - 0.5, high + 0.5);
        (this.from, this.to) = (from, to);
        double step = Step;
        if (!tight) (low, high) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
    }

    public bool IsUsable(double value) => double.IsFinite(value) && (!logarithmic || value > 0);

    public double this[double value] => from + (Place(value) - low) / (high - low) * (to - from);

    /// <summary>The marks: their values and their labels.</summary>
    public IEnumerable<(double Value, string Label)> Marks()
    {
        double step = Step;
        for (double k = Math.Ceiling(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
        {
            double place = k * step, value = logarithmic ? Math.Pow(10, place) : place;
            yield return (value, Label(value, step));
        }
    }

    private double Place(double value) => logarithmic ? Math.Log10(value) : value;

    // 1, 2 or 5 times a power of ten, for four to eight marks; whole powers on a logarithmic axis that spans several.
    private double Step
    {
        get
        {
            double rough = (high - low) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double factor = rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10;
            return logarithmic && high - low > 2 ? Math.Max(1, Math.Round(factor * power)) : factor * power;
        }
    }

    private string Label(double value, double step)
    {
        if (logarithmic) return value.ToString("G3", CultureInfo.InvariantCulture);
        if (Math.Abs(value) < step * 1e-6) return "0";
        if (Math.Abs(high) >= 1e6 || Math.Abs(low) >= 1e6 || step < 1e-5) return value.ToString("0.###E+0", CultureInfo.InvariantCulture);
        int decimals = Math.Max(0, (int)-Math.Floor(Math.Log10(step) + 1e-9));
        return value.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }
}
