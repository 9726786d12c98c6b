using Rindoku.Lab.Reports;
using Rindoku.Nn.Binary;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.BinaryNet;

/// <summary>What the report shows of a trained network.</summary>
internal static class BinaryNetFigures
{
    public static IEnumerable<Figure> Of(BinaryNet model, Shape inputShape)
    {
        if (model.BinaryLayers.FirstOrDefault() is not { } first) yield break;
        Tensor signs = first.Weight.Detach().BinarySign();
        int shown = Math.Min(32, signs.Shape[0]);
        Shape image = first is BinaryConv2d ? signs.Shape[1..] : inputShape;
        if (image[0] is 1 or 3)
            yield return new ImageGrid("Binary filters of the first layer", signs.Narrow(0, 0, shown).Reshape(image.Insert(0, shown)) * 0.5f + 0.5f, [])
            { Caption = "The paper's figure 2: white is +1, black is -1." };
        yield return Weights(model.BinaryLayers.ElementAt(1));
    }

    private static BarChart Weights(BinaryLayer layer)
    {
        const int bins = 20;
        int[] counts = new int[bins];
        foreach (float w in layer.Weight.Span) counts[Math.Clamp((int)((w + 1) / 2 * bins), 0, bins - 1)]++;
        return new BarChart("The real weights behind the signs, second layer", new Axis("weights", "%"),
            [.. counts.Select((count, i) => new Bar((-1 + (i + 0.5) * 2 / bins).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture), 100.0 * count / layer.Weight.Length))])
        { Caption = "They are kept between -1 and 1; those that have made up their mind gather at the ends." };
    }
}
